// SPDX-License-Identifier: Apache-2.0
// The page's words: a flat JSON catalogue a language; what one lacks is taken from English.

export const languages = [
  { code: 'en', name: 'English', dir: 'ltr' },
  { code: 'fa', name: 'فارسی', dir: 'rtl' },
];

let words = {};
let english = {};
let current = languages[0];

async function load(code) {
  const answer = await fetch(`/lang/${code}.json`);
  return answer.ok ? answer.json() : {};
}

export async function useLanguage(code) {
  const asked = code ?? new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('lang');
  current = languages.find((one) => one.code === asked) ?? languages[0];
  english = await load('en');
  words = current.code === 'en' ? english : await load(current.code);
  document.documentElement.lang = current.code;
  document.documentElement.dir = current.dir;
  if (code) localStorage.setItem('lang', code);
}

export const language = () => current.code;
export const known = (key) => key in words || key in english;

export function t(key, params = {}) {
  const text = words[key] ?? english[key] ?? key.slice(key.indexOf('.') + 1);
  return text.replace(/\{(\w+)\}/g, (_, name) => `${params[name] ?? ''}`);
}

export const count = (value) => new Intl.NumberFormat(current.code).format(value);

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return t('ui.unknown');
  const n = (value) => new Intl.NumberFormat(current.code).format(Math.floor(value));
  if (seconds < 60) return t('ui.seconds', { n: n(Math.max(seconds, 0)) });
  if (seconds < 3600) return t('ui.minutes', { n: n(seconds / 60) });
  if (seconds < 172800) return t('ui.hours', { n: n(seconds / 3600), m: n((seconds % 3600) / 60) });
  return t('ui.days', { n: n(seconds / 86400) });
}

export function moment(rfc3339) {
  if (!rfc3339) return t('ui.unknown');
  return new Date(rfc3339).toLocaleString(current.code, { dateStyle: 'medium', timeStyle: 'medium' });
}

// SPDX-License-Identifier: Apache-2.0
// The page's words: one flat JSON catalogue a language; a missing word falls back to English, and
// a code that nobody translated shows as itself rather than as nothing.

export const languages = [
  { code: 'en', name: 'English', dir: 'ltr' },
  { code: 'fa', name: 'فارسی', dir: 'rtl' },
];

let words = {};
let fallback = {};
let current = languages[0];

async function load(code) {
  const answer = await fetch(`/web/lang/${code}.json`);
  return answer.ok ? answer.json() : {};
}

function wanted() {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('lang');
  return languages.find((one) => one.code === asked) ?? languages[0];
}

export async function useLanguage(code = wanted().code) {
  current = languages.find((one) => one.code === code) ?? languages[0];
  fallback = await load('en');
  words = current.code === 'en' ? fallback : await load(current.code);
  document.documentElement.lang = current.code;
  document.documentElement.dir = current.dir;
}

export async function chooseLanguage(code) {
  localStorage.setItem('lang', code);
  await useLanguage(code);
}

export const language = () => current.code;

export function t(key, params = {}) {
  const text = words[key] ?? fallback[key] ?? key.slice(key.indexOf('.') + 1);
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = params[name];
    return Array.isArray(value) ? value.map((one) => t(`field.${one}`)).join(', ') : `${value ?? ''}`;
  });
}

// What the booth refused, in the officer's language where the word is known.
export function refusal(error) {
  const key = `error.${error.word}`;
  return words[key] || fallback[key] ? t(key, { seconds: error.waitSeconds }) : error.message;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined || seconds < 0) return t('ui.unknown');
  if (seconds < 3600) return t('ui.minutes', { n: Math.floor(seconds / 60) });
  if (seconds < 172800) return t('ui.hours', { n: Math.floor(seconds / 3600) });
  return t('ui.days', { n: Math.floor(seconds / 86400) });
}

export function clock(rfc3339) {
  return new Date(rfc3339).toLocaleTimeString(current.code, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

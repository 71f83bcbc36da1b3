// SPDX-License-Identifier: Apache-2.0
import * as api from './api.js';
import { el } from './dom.js';
import { refusal, t } from './i18n.js';

async function send(desk, fields) {
  desk.page.trouble('');
  try {
    await api.signIn(fields.get('user').trim(), fields.get('password'));
    await desk.start();
  } catch (error) {
    desk.page.trouble(error instanceof api.Refused ? refusal(error) : t('trouble.lost'));
    document.getElementById('sign-in-password')?.select();
  }
}

export function drawSignIn(place, desk) {
  if (place.querySelector('#sign-in')) {
    place.querySelector('#sign-in').lang === document.documentElement.lang || place.replaceChildren();
    if (place.firstChild) return;
  }
  const input = (name, type, extra) => el('div', { class: 'field' },
    el('label', { for: `sign-in-${name}` }, t(`sign_in.${name}`)),
    el('input', { id: `sign-in-${name}`, name, type, dir: 'ltr', required: true, autocapitalize: 'none', spellcheck: 'false', ...extra }));
  place.replaceChildren(el('form', {
    id: 'sign-in', class: 'card sign-in', lang: document.documentElement.lang,
    onsubmit: (event) => {
      event.preventDefault();
      send(desk, new FormData(event.target));
    },
  },
  el('h1', {}, t('sign_in.title')),
  input('user', 'text', { autocomplete: 'off', maxlength: 32 }),
  input('password', 'password', { autocomplete: 'off', maxlength: 1024 }),
  el('button', { class: 'main' }, t('sign_in.go'), el('kbd', {}, '⏎')),
  el('p', { class: 'hint' }, t('sign_in.offline'))));
  document.getElementById('sign-in-user').focus();
}

// SPDX-License-Identifier: Apache-2.0
import * as api from './api.js';
import { byId, el, put } from './dom.js';
import { t } from './i18n.js';

const unitOf = () => (location.hash === '#protection' ? 'protection' : 'centre');

// onSession is called with the session when the opener has let the person in.
export function showSignIn(onSession, message = '') {
  const trouble = el('p', { class: 'refused', role: 'alert', id: 'sign-in-trouble', hidden: !message }, message);
  const unit = unitOf();
  const send = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const button = byId('sign-in-go');
    button.disabled = true;
    try {
      onSession(await api.signIn(form.get('user').trim().toLowerCase(), form.get('password'), form.get('unit')));
    } catch (error) {
      trouble.textContent = error instanceof api.NoAnswer ? t('error.no_answer') : error.message;
      trouble.hidden = false;
      button.disabled = false;
      byId('password').value = '';
      byId('password').focus();
    }
  };
  const choice = (value) => el('label', { class: 'choice' },
    el('input', { type: 'radio', name: 'unit', value, checked: unit === value }), t(`unit.${value}`));
  put(byId('main'), el('form', { class: 'card sign-in', onsubmit: send },
    el('h1', {}, t('sign_in.title')),
    el('fieldset', {}, el('legend', {}, t('sign_in.unit')), choice('centre'), choice('protection')),
    el('div', {}, el('label', { for: 'user' }, t('sign_in.user')),
      el('input', { id: 'user', name: 'user', autocomplete: 'username', autocapitalize: 'none', required: true, dir: 'ltr' })),
    el('div', {}, el('label', { for: 'password' }, t('sign_in.password')),
      el('input', { id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: true, dir: 'ltr' })),
    trouble,
    el('button', { class: 'main', id: 'sign-in-go' }, t('sign_in.go')),
    el('p', { class: 'hint' }, t('sign_in.logged'))));
  byId('user').focus();
}

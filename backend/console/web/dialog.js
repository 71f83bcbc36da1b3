// SPDX-License-Identifier: Apache-2.0
// The one dialog: a question with quick answers by key, or words of one's own.
import { byId, el, kbd, typing } from './dom.js';
import { t } from './i18n.js';

const dialog = () => byId('dialog');
let before = null;

export const isOpen = () => dialog().open;

export function closeDialog() {
  if (!dialog().open) return;
  dialog().close();
  if (before?.isConnected) before.focus();
}

export function openDialog(title, ...content) {
  before = document.activeElement;
  dialog().setAttribute('aria-labelledby', 'dialog-title');
  dialog().replaceChildren(el('h2', { id: 'dialog-title' }, title), ...content.flat().filter(Boolean));
  dialog().showModal();
  (dialog().querySelector('[autofocus]') ?? dialog().querySelector('button, input'))?.focus();
}

// Asks why; resolves to the reason, or to null when the person thought better of it. choices are
// words of the catalogue; the first is one Enter away.
export function askReason(title, choices, note) {
  return new Promise((resolve) => {
    const end = (reason) => {
      dialog().onclose = null;
      dialog().onkeydown = null;
      closeDialog();
      resolve(reason);
    };
    const own = el('input', { id: 'own-reason', maxlength: 400, autocomplete: 'off' });
    const quick = choices.map((key, index) =>
      el('button', { type: 'button', class: 'option', autofocus: index === 0, onclick: () => end(t(key)) },
        kbd(index + 1), el('span', {}, t(key))));
    openDialog(title, el('div', { class: 'options' }, quick),
      el('form', { onsubmit: (event) => { event.preventDefault(); if (own.value.trim()) end(own.value.trim()); } },
        el('label', { for: 'own-reason' }, t('reason.own')), own),
      el('p', { class: 'hint' }, note ?? t('reason.note')),
      el('button', { type: 'button', class: 'quiet', onclick: () => end(null) }, t('ui.cancel'), kbd('Esc')));
    dialog().onclose = () => end(null);
    dialog().onkeydown = (event) => {
      const chosen = choices[Number(event.key) - 1];
      if (!typing(event.target) && chosen) {
        event.preventDefault();
        end(t(chosen));
      }
    };
  });
}

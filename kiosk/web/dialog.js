// SPDX-License-Identifier: Apache-2.0
// The one dialog of the page. Its choices are single keys, guarded like the decision keys.
import { el } from './dom.js';
import { t } from './i18n.js';

const dialog = () => document.getElementById('dialog');
let choices = {};

export const isOpen = () => dialog().open;

// Whether one was open.
export function closeDialog() {
  const open = isOpen();
  choices = {};
  if (open) dialog().close();
  return open;
}

// keys: {letter: function}. content: elements below the title.
export function openDialog(title, keys, ...content) {
  choices = keys;
  const heading = el('h2', { id: 'dialog-title' }, title);
  dialog().setAttribute('aria-labelledby', 'dialog-title');
  dialog().replaceChildren(heading, ...content.flat().filter(Boolean));
  dialog().oncancel = (event) => event.preventDefault();
  if (!dialog().open) dialog().showModal();
  (dialog().querySelector('[autofocus]') ?? dialog().querySelector('button'))?.focus();
}

// Why what the panel asked for was refused; the panel stays.
export function showRefusal(text) {
  const place = el('p', { class: 'notice', role: 'alert', id: 'dialog-refusal' }, text);
  document.getElementById('dialog-refusal')?.remove();
  document.getElementById('dialog-title').after(place);
}

export function dialogKey(letter) {
  if (letter === 'Escape') closeDialog();
  else choices[letter]?.();
}

export function closeButton() {
  return el('button', { type: 'button', class: 'quiet', onclick: closeDialog }, t('ui.cancel'),
    el('kbd', {}, 'Esc'));
}

// A form whose Enter sends it.
export function form(onSubmit, ...children) {
  return el('form', {
    onsubmit: (event) => {
      event.preventDefault();
      onSubmit(new FormData(event.target));
    },
  }, ...children);
}

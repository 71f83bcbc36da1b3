// SPDX-License-Identifier: Apache-2.0
import { el } from './dom.js';
import { t } from './i18n.js';
import { closeButton, openDialog } from './dialog.js';

const KEYS = ['A', 'S', 'P', 'V', 'N', 'D', 'O', 'U', 'C', 'F', 'X', 'M', 'Esc', '?'];

export function openHelp() {
  openDialog(t('help.title'), {},
    el('dl', { class: 'keys' }, KEYS.flatMap((key) => [
      el('dt', {}, el('kbd', {}, key)), el('dd', {}, t(`help.${key}`))])),
    el('p', { class: 'hint' }, t('help.guard')), closeButton());
}

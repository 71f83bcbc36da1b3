// SPDX-License-Identifier: Apache-2.0
import { el } from './dom.js';
import { t } from './i18n.js';

const LOOK = { 1: ['good', '✓'], 2: ['bad', '✕'], 3: ['warn', '?'], 4: ['none', '–'], 5: ['none', '■'] };

function row(check) {
  const [kind, icon] = LOOK[check.result];
  const why = check.code ? t(`code.${check.code}`, check.params) : '';
  return el('li', { class: kind },
    el('span', { class: 'icon', 'aria-hidden': 'true' }, icon),
    el('div', {}, el('span', {}, t(`check.${check.id}`)), ' ',
      el('em', {}, t(`result.${check.result}`)), why ? el('small', {}, why) : null));
}

export function checksCard(crossing) {
  const title = t('banner.MRZ_ONLY');
  return el('section', { class: 'card checks', 'aria-label': title },
    el('ul', {}, crossing.checks.map(row)),
    el('p', { class: 'hint' }, title));
}

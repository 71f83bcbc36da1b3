// SPDX-License-Identifier: Apache-2.0
// The decision bar: every choice with its key. There is no refusal among them.
import { el, put } from './dom.js';
import { t } from './i18n.js';

function decisions(desk) {
  const lets = desk.movement('direction') === 'EXIT' ? 'EXIT_OK' : 'ADMIT';
  return [['A', lets, 'admit'], ['S', 'SECOND_LINE', 'second'], ['P', 'PROTECTION', 'protection'], ['V', 'REFER_VULNERABLE', 'protection']];
}

function button(desk, [key, word, kind]) {
  const why = desk.refused(word);
  return el('button', {
    id: `decide-${key}`, type: 'button', class: `decide ${kind}`, disabled: Boolean(why) || desk.busy,
    'aria-keyshortcuts': key, onclick: () => desk.key(key),
  }, el('kbd', {}, key), el('span', {}, t(`decide.${word}`)), why ? el('small', {}, t(`decide.${why}`)) : null);
}

const hint = (key, text) => el('span', { class: 'key-hint' }, el('kbd', {}, key), ` ${text}`);

export function drawBar(place, desk) {
  if (desk.busy) return put(place, el('p', {}, t('decide.sending')));
  if (!desk.crossing) {
    return put(place, el('div', { class: 'hints' }, hint('M', t('manual.title')), hint('?', t('help.title'))));
  }
  put(place, el('div', { class: 'decisions', role: 'group', 'aria-label': t('decide.title') },
    decisions(desk).map((one) => button(desk, one))),
  el('div', { class: 'hints' }, hint('N', t('decide.note')), desk.crossing.mrz ? hint('C', t('correct.open')) : null,
    hint('Esc', t('decide.withdraw')), hint('?', t('help.title'))));
}

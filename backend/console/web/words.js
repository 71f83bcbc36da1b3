// SPDX-License-Identifier: Apache-2.0
// Codes as people read them: always a sign and a word beside the colour.
import { data, el, icon } from './dom.js';
import { t } from './i18n.js';

const SEVERITY = {
  STOP: ['✕', 'bad'], HIT: ['!', 'bad-soft'], POSSIBLE: ['?', 'warn'], REVIEW: ['◔', 'note'], ROUTINE: ['·', 'none'],
};
const STATE = { NEW: '●', IN_PROGRESS: '◐', REVIEWED: '✓', RE_OPENED: '↺' };
const RESULT = { 1: ['✓', 'good'], 2: ['✕', 'bad'], 3: ['?', 'warn'], 4: ['–', 'none'], 5: ['…', 'none'] };

export function severity(word) {
  const [sign, kind] = SEVERITY[word] ?? SEVERITY.REVIEW;
  return el('span', { class: `severity ${kind}` }, icon(sign, kind), t(`severity.${word}`));
}

export const stateWord = (item) => el('span', { class: `state ${item.state.toLowerCase()}` },
  icon(STATE[item.state] ?? ''), t(`state.${item.state}`),
  item.claimed_by ? el('span', { class: 'by' }, ' · ', el('bdi', {}, item.claimed_by)) : null);

export function result(number) {
  const [sign, kind] = RESULT[number] ?? RESULT[3];
  return el('span', { class: `result ${kind}` }, icon(sign, kind), t(`result.${number}`));
}

export const training = () => el('span', { class: 'chip training' }, t('training'));

export const crossingName = (key) => data(`${key.kiosk} / ${key.epoch} / ${key.seq}`);

// [[word, value], ...] as a list of terms; what is unknown is said, not left out.
export function terms(rows) {
  return el('dl', {}, rows.map(([name, value]) => [
    el('dt', {}, name), el('dd', {}, value === null || value === undefined || value === '' ? t('ui.none') : value)]));
}

// SPDX-License-Identifier: Apache-2.0
// This shift's crossings with where they are, and what the centre answered.
import { data, el } from './dom.js';
import { clock, t } from './i18n.js';

function crossingRow(one) {
  return el('li', {},
    el('span', { class: 'icon', 'aria-hidden': 'true' }, one.at_centre ? '✓' : '↥'),
    el('div', {}, data(one.label), ' ', el('em', {}, t(`decide.${one.decision}`)),
      el('small', {}, `${clock(one.event_time)} · ${t(one.at_centre ? 'recent.at_centre' : 'recent.unsent')}`)));
}

function refusedRow(one) {
  return el('li', { class: 'bad' },
    el('span', { class: 'icon', 'aria-hidden': 'true' }, '✕'),
    el('div', {}, el('strong', {}, t('answers.refused', { number: one.number })),
      el('small', {}, t(`answers.refused.${one.refused}`))));
}

function answerRow(one, crossings) {
  const { payload } = one;
  if (!payload) return refusedRow(one);
  const known = crossings.find((crossing) => crossing.crossing_id === payload.crossing_id);
  return el('li', {},
    el('span', { class: 'icon', 'aria-hidden': 'true' }, '➜'),
    el('div', {}, known ? data(known.label) : data(payload.crossing_id.slice(0, 8)), ' ',
      el('em', {}, t(`disposition.${payload.disposition}`)),
      el('small', {}, payload.reason ?? '', ' · ', t('answers.by', { by: payload.decided_by }), ' · ', clock(payload.decided_at))));
}

export function shiftCard(desk) {
  const { crossings, answers } = desk.recent;
  return el('section', { class: 'card shift' },
    el('h2', {}, t('answers.title')),
    answers.length ? el('ul', { id: 'answers' }, answers.slice(0, 4).map((one) => answerRow(one, crossings)))
      : el('p', { class: 'hint' }, t('answers.none')),
    el('h2', {}, t('recent.title')),
    crossings.length ? el('ul', { id: 'recent' }, crossings.slice(0, 8).map(crossingRow))
      : el('p', { class: 'hint' }, t('recent.none')));
}

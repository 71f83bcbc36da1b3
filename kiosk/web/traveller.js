// SPDX-License-Identifier: Apache-2.0
import { data, el } from './dom.js';
import { t } from './i18n.js';

function row(name, value, extra = '') {
  return [el('dt', {}, t(`field.${name}`)),
    el('dd', {}, data(value || '–'), extra ? el('small', {}, ` ${extra}`) : '')];
}

// The machine readable zone with every changed character marked.
function mrzLines(mrz) {
  const changed = new Map(mrz.changes.map((change) => [`${change.line}:${change.column}`, change]));
  return el('div', { class: 'mrz' }, mrz.lines.map((line, i) =>
    el('div', { class: 'mrz-line', dir: 'ltr' }, [...line].map((letter, k) => {
      const change = changed.get(`${i + 1}:${k + 1}`);
      return change ? el('mark', { title: `${change.from} → ${change.to}` }, letter) : letter;
    }))));
}

function changes(mrz) {
  if (!mrz.changes.length) return null;
  return el('p', { class: 'strong' },
    t(mrz.changes.some((change) => change.by_officer) ? 'field.corrected' : 'field.repaired'), ': ',
    mrz.changes.map((change) => data(`${change.from} → ${change.to} `)));
}

function movement(desk) {
  const item = (key, name, word) => el('li', {}, el('kbd', {}, key), ` ${t(`movement.${name}`)}: `,
    el('strong', {}, word ? t(`${name}.${word}`) : '–'));
  return el('ul', { class: 'movement' },
    item('D', 'direction', desk.movement('direction')), item('O', 'mode', desk.movement('mode')),
    item('U', 'purpose', desk.movement('purpose')),
    desk.note ? el('li', {}, el('kbd', {}, 'N'), ` ${t('decide.note')}: `, el('strong', {}, desk.note)) : null);
}

export function travellerCard(desk) {
  const { crossing } = desk;
  const who = crossing.traveller;
  return el('section', { class: 'card traveller' },
    el('h2', {}, data([who.surname, who.given_names].filter(Boolean).join(', ') || '–')),
    el('dl', {},
      row('birth_date', who.birth_date, who.age >= 0 ? t('field.age', { n: who.age }) : ''), row('sex', who.sex),
      row('nationality', who.nationality, who.nationality_name),
      row('document', [who.document_code, who.document_number].filter(Boolean).join(' ')),
      row('issuing_state', who.issuing_state, who.issuing_state_name), row('expiry_date', who.expiry_date)),
    who.name_truncated ? el('p', { class: 'strong' }, t('field.name_truncated')) : null,
    crossing.mrz ? [mrzLines(crossing.mrz), changes(crossing.mrz)] : null,
    movement(desk),
    el('p', { class: 'hint' }, t(`prior.${crossing.prior_crossings}`)));
}

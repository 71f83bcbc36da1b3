// SPDX-License-Identifier: Apache-2.0
// The panels that a key opens: protection, note, withdrawal, purpose and mode, typing, correcting.
import * as api from './api.js';
import { el } from './dom.js';
import { t } from './i18n.js';
import { closeButton, closeDialog, form, openDialog, showRefusal } from './dialog.js';

const option = (key, text, onclick, pressed = false) =>
  el('button', { type: 'button', class: 'option', 'aria-pressed': pressed ? 'true' : undefined, onclick },
    el('kbd', {}, key), el('span', {}, text));

export function openProtection(desk) {
  const refer = (decision) => () => {
    closeDialog();
    desk.decide(decision);
  };
  const rows = { 1: 'REFER_ASYLUM', 2: 'REFER_PROTECTION' };
  openDialog(t('decide.protection.title'),
    Object.fromEntries(Object.entries(rows).map(([key, word]) => [key, refer(word)])),
    el('p', {}, t('decide.protection.text')),
    Object.entries(rows).map(([key, word]) => option(key, t(`decide.${word}`), refer(word))),
    closeButton());
}

export function openNote(desk, then = null) {
  const id = 'note-text';
  openDialog(then ? t('decide.note.title') : t('decide.note'), {},
    then ? el('p', {}, t('decide.note.text')) : null,
    form((fields) => {
      const note = fields.get('note').trim();
      if (then && !note) return;
      desk.note = note;
      closeDialog();
      if (then) then();
      else desk.page.redraw();
    },
    el('label', { for: id }, t('decide.note')),
    el('input', { id, name: 'note', maxlength: 330, value: desk.note, autocomplete: 'off', autofocus: true, required: Boolean(then) }),
    el('div', { class: 'row' }, el('button', { class: 'main' }, t('ui.continue'), el('kbd', {}, '⏎')), closeButton())));
}

export function openWithdraw(desk) {
  const confirm = () => {
    closeDialog();
    desk.decide('WITHDRAWN');
  };
  openDialog(t('decide.withdraw'), { W: confirm }, el('p', {}, t('decide.withdraw.text')),
    option('W', t('decide.confirm'), confirm), closeButton());
}

export function openChoice(title, options, chosen, onChoose) {
  const choose = (word) => () => {
    closeDialog();
    onChoose(word);
  };
  openDialog(title, Object.fromEntries(options.map((one) => [one.key, choose(one.word)])),
    el('div', { class: 'choices' },
      options.map((one) => option(one.key, one.text, choose(one.word), one.word === chosen))),
    closeButton());
}

// What was typed stays in the panel until the booth has taken it.
async function send(desk, action) {
  const refusal = await desk.attempt(action);
  if (!refusal) return closeDialog();
  showRefusal(refusal);
}

function linesFrom(text) {
  return text.toUpperCase().split(/\r?\n/).map((line) => line.replace(/\s+/g, '')).filter(Boolean);
}

const FIELDS = ['document_code', 'issuing_state', 'document_number', 'surname', 'given_names', 'nationality',
  'birth_date', 'sex', 'expiry_date'];

function fieldInput(name) {
  const id = `manual-${name}`;
  const date = name.endsWith('_date');
  return el('div', { class: 'field' }, el('label', { for: id }, t(`field.${name}`)),
    el('input', { id, name, dir: 'ltr', autocomplete: 'off', maxlength: 60,
      placeholder: date ? 'YYYY-MM-DD' : undefined, title: date ? t('manual.date') : undefined }));
}

function fieldsForm(desk) {
  return form((fields) => {
    const values = Object.fromEntries([...fields].map(([name, value]) => [name, value.trim()]));
    return send(desk, () => api.manual({ fields: values }));
  }, el('div', { class: 'grid' }, FIELDS.map(fieldInput)),
  el('button', { class: 'main' }, t('manual.check')));
}

export function openManual(desk) {
  openDialog(t('manual.title'), {},
    form((fields) => {
      const lines = linesFrom(fields.get('mrz'));
      return lines.length ? send(desk, () => api.manual({ mrz: lines.join('\n') })) : null;
    },
    el('label', { for: 'manual-mrz' }, t('manual.mrz')),
    el('textarea', { id: 'manual-mrz', name: 'mrz', rows: 3, cols: 46, dir: 'ltr', class: 'data', spellcheck: 'false', autocomplete: 'off', autofocus: true }),
    el('p', { class: 'hint' }, t('manual.hint')),
    el('div', { class: 'row' }, el('button', { class: 'main' }, t('manual.check')), closeButton())),
    el('details', {}, el('summary', {}, t('manual.fields')), fieldsForm(desk)));
}

// A line with its doubtful places marked, as the eye compares it with the document.
function markedLine(line, number, doubtful) {
  const places = new Set(doubtful.filter(([at]) => at === number).map(([, column]) => column));
  return el('div', { class: 'mrz-line', dir: 'ltr' },
    [...line].map((letter, i) => (places.has(i + 1) ? el('mark', {}, letter) : letter)));
}

export function openCorrection(desk) {
  const { mrz } = desk.crossing;
  openDialog(t('correct.title'), {},
    el('p', {}, t('correct.text')),
    el('div', { class: 'mrz' }, mrz.raw_lines.map((line, i) => markedLine(line, i + 1, mrz.doubtful))),
    form((fields) => send(desk, () => api.correct(desk.crossing.crossing_id, linesFrom(fields.get('lines')))),
    el('label', { for: 'correct-lines' }, t('field.corrected')),
    el('textarea', { id: 'correct-lines', name: 'lines', rows: 3, cols: 46, dir: 'ltr', class: 'data', spellcheck: 'false', autocomplete: 'off', autofocus: true }, mrz.lines.join('\n')),
    el('div', { class: 'row' }, el('button', { class: 'main' }, t('correct.check')), closeButton())));
}


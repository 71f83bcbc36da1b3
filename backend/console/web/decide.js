// SPDX-License-Identifier: Apache-2.0
// The decision: chosen by key, given a reason, and recorded only by its own button (or Ctrl+Enter),
// so that no stray key decides anything. There is no way to decide on several crossings at once.
import * as api from './api.js';
import { byId, data, el, icon, kbd, put } from './dom.js';
import { language, t } from './i18n.js';

const KEYS = { a: 'ADMIT', n: 'ADMIT_CONDITIONS', s: 'SECOND_LINE', f: 'FALSE_MATCH', u: 'DUPLICATE', x: 'REFUSE', b: 'RETURNED' };
const keyOf = (code) => Object.keys(KEYS).find((key) => KEYS[key] === code) ?? '';
let panel = null;

const needs = (word) => panel.choice?.needs.includes(word);
const text = (name, label, attributes = {}) => el('div', { class: 'field' }, el('label', { for: `d-${name}` }, label),
  el('input', { id: `d-${name}`, name, autocomplete: 'off', dir: 'auto', ...attributes }));

function grounds() {
  const table = panel.vocabulary.grounds;
  return el('fieldset', {}, el('legend', {}, t('decide.grounds'), ' ', el('small', {}, el('bdi', {}, table.table))),
    table.codes.map((ground) => el('label', { class: 'choice' },
      el('input', { type: 'checkbox', name: 'grounds', value: ground.code }), data(ground.code, { class: 'data code' }), el('span', { dir: 'auto' }, ground.text))));
}

function alerts() {
  return el('fieldset', {}, el('legend', {}, t('decide.alerts')), panel.record.hits.map((hit) => el('label', { class: 'choice' },
    el('input', { type: 'checkbox', name: 'alerts', value: hit.alert_id, checked: panel.record.hits.length === 1 }),
    data(hit.alert_id), ' ', t(`match.${hit.match_kind}`))),
  panel.record.hits.length ? null : el('p', { class: 'hint' }, t('decide.no_hits')));
}

function showQuestion() {
  const script = panel.vocabulary.protection_question.find((one) => one.language === byId('d-question-language').value);
  const place = byId('question-text');
  place.textContent = script?.text ?? '';
  place.lang = script?.language ?? '';
}

function warnAnswer(event) {
  byId('question-warning').hidden = event.target.value === 'NO';
}

function question() {
  const scripts = panel.vocabulary.protection_question;
  const answer = (value) => el('label', { class: 'choice' },
    el('input', { type: 'radio', name: 'answer', value, onchange: warnAnswer }), t(`answer.${value}`));
  return el('fieldset', { class: 'question' }, el('legend', {}, t('decide.question')),
    el('p', { class: 'hint' }, t('decide.question_hint')),
    el('div', { class: 'field' }, el('label', { for: 'd-question-language' }, t('decide.question_language')),
      el('select', { id: 'd-question-language', name: 'question_language', onchange: showQuestion },
        scripts.map((one) => el('option', { value: one.language, selected: one.language === language() },
          new Intl.DisplayNames([language()], { type: 'language' }).of(one.language))))),
    el('blockquote', { id: 'question-text', dir: 'auto' }),
    el('div', { class: 'row', role: 'radiogroup', 'aria-label': t('decide.question') }, answer('NO'), answer('YES'), answer('UNCLEAR')),
    text('interpreter', t('decide.interpreter')),
    el('p', { class: 'refused', id: 'question-warning', role: 'alert', hidden: true }, icon('✕', 'bad'), t('decide.question_stops')));
}

function form() {
  return el('fieldset', {}, el('legend', {}, t('decide.form')),
    text('legal_basis', t('decide.legal_basis'), { value: panel.vocabulary.grounds.legal_basis }),
    text('form_number', t('decide.form_number'), { dir: 'ltr' }),
    el('div', { class: 'field' }, el('label', { for: 'd-language' }, t('decide.language')),
      el('input', { id: 'd-language', name: 'language', dir: 'ltr', maxlength: 35, value: language() })),
    el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'handed_over' }), t('decide.handed_over')),
    el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'remedy_notice' }), t('decide.remedy')));
}

function details() {
  if (!panel.choice) return [el('p', { class: 'hint' }, t('decide.choose'))];
  return [
    needs('adverse') ? [question(), grounds()] : null,
    needs('conditions') ? text('conditions', t('decide.conditions')) : null,
    needs('alerts') ? alerts() : null,
    needs('duplicate_of') ? text('duplicate_of', t('decide.duplicate_of'), { dir: 'ltr', maxlength: 36 }) : null,
    el('div', { class: 'field' }, el('label', { for: 'd-reason' }, t('decide.reason')),
      el('textarea', { id: 'd-reason', name: 'reason', rows: 3, maxlength: 1000, dir: 'auto' }),
      el('small', {}, t('decide.reason_hint'))),
    needs('adverse') ? form() : null,
    el('button', { class: 'main wide-button', id: 'd-send' }, t('decide.record', { what: t(`disposition.${panel.choice.code}`) }), kbd('Ctrl Enter')),
  ].flat().filter(Boolean);
}

function choose(code) {
  panel.choice = panel.vocabulary.dispositions.find((one) => one.code === code);
  document.querySelectorAll('.disposition').forEach((node) =>
    node.setAttribute('aria-checked', node.dataset.code === code ? 'true' : 'false'));
  byId('decide-refused').hidden = true;
  put(byId('decide-details'), details());
  if (needs('adverse')) showQuestion();
  byId('decide-details').querySelector('input:not([type=hidden]), select, textarea')?.focus();
}

// The decision as the opener wants it; only what the disposition asks for.
function collect(values) {
  const decision = { disposition: panel.choice.code, reason: values.get('reason').trim() };
  if (needs('conditions')) decision.conditions = values.get('conditions').trim();
  if (needs('alerts')) decision.alerts = values.getAll('alerts');
  if (needs('duplicate_of')) decision.duplicate_of = values.get('duplicate_of').trim().toLowerCase();
  if (!needs('adverse')) return decision;
  decision.grounds = values.getAll('grounds');
  decision.legal_basis = values.get('legal_basis').trim();
  decision.language = values.get('language').trim();
  decision.form = { number: values.get('form_number').trim(), handed_over: values.has('handed_over'), remedy_notice: values.has('remedy_notice') };
  decision.protection_question = { language: values.get('question_language'), answer: values.get('answer') ?? '', interpreter: values.get('interpreter').trim() };
  return decision;
}

async function send(event) {
  event.preventDefault();
  if (!panel.choice || panel.sending) return;
  panel.sending = true;
  byId('d-send').disabled = true;
  const refused = byId('decide-refused');
  refused.hidden = true;
  const { onDecided } = panel;
  try {
    onDecided(await api.decide(panel.item, collect(new FormData(event.target))), panel.choice.code);
  } catch (error) {
    refused.replaceChildren(icon('✕', 'bad'), el('span', { dir: 'auto' }, error instanceof api.NoAnswer ? t('error.no_answer_decide') : error.message));
    refused.hidden = false;
    byId('d-send').disabled = false;
    refused.scrollIntoView({ block: 'nearest' });
  }
  panel.sending = false;
}

export function decidePanel(settings) {
  panel = { ...settings, choice: null, sending: false };
  const one = (choice) => el('button', {
    type: 'button', class: `disposition ${choice.needs.includes('adverse') ? 'adverse' : ''}`, role: 'radio', 'aria-checked': 'false',
    'data-code': choice.code, 'aria-keyshortcuts': keyOf(choice.code), onclick: () => choose(choice.code),
  }, kbd(keyOf(choice.code).toUpperCase()), t(`disposition.${choice.code}`));
  return el('section', { class: 'card decide' }, el('h2', {}, t('decide.title')),
    settings.decided ? el('p', { class: 'hint' }, t('decide.again')) : null,
    el('div', { class: 'dispositions', role: 'radiogroup', 'aria-label': t('decide.title') }, settings.vocabulary.dispositions.map(one)),
    el('form', { id: 'decide-form', onsubmit: send, novalidate: true }, el('div', { id: 'decide-details' }, el('p', { class: 'hint' }, t('decide.choose'))),
      el('p', { class: 'refused', id: 'decide-refused', role: 'alert', hidden: true })),
    el('p', { class: 'hint' }, kbd('L'), ' ', t('decide.let_go')));
}

export function decideKey(key, event) {
  const form = byId('decide-form');
  if (!form) return false;
  if (key === 'Enter' && event.ctrlKey) form.requestSubmit();
  else if (KEYS[key] && !event.ctrlKey) choose(KEYS[key]);
  else return false;
  return true;
}

// SPDX-License-Identifier: Apache-2.0
// One crossing, opened: why it was flagged, what the document and the lists say, what was decided.
import * as api from './api.js';
import { decidePanel, decideKey } from './decide.js';
import { askReason } from './dialog.js';
import { faceSection } from './face.js';
import { byId, data, el, icon, kbd, put, say } from './dom.js';
import { checkName, hitsSection, whyFlagged } from './hits.js';
import { duration, moment, t } from './i18n.js';
import { crossingName, result, severity, stateWord, terms, training } from './words.js';

const REASONS = ['reason.review', 'reason.second_line', 'reason.complaint'];
let opened = null; // { item, record, decisions }
let host = null;
let since = 0;
let timer = 0;

const name = (person) => [person.surname, person.given_names].filter(Boolean).join(', ');

/* Lines from a camera's picture are not a reader's: a supervisor weighs them differently. */
export const readBy = (record) => t(`entry.${record.read_by === 'CAMERA' ? 'CAMERA' : record.entry_method}`);

function traveller(record) {
  const { person, document: doc } = record;
  const native = [person.native_surname, person.native_given_names].filter(Boolean).join(' ');
  return el('section', { class: 'card traveller' }, el('h2', {}, t('record.traveller')),
    el('p', { class: 'name' }, data(name(person) || t('ui.unknown')), native ? el('bdi', {}, ` ${native}`) : null),
    terms([[t('field.birth_date'), data(person.birth_date)], [t('field.sex'), person.sex && t(`sex.${person.sex}`)],
      [t('field.nationality'), data(person.nationalities.join(' ') || '–')],
      [t('field.number'), data(doc.number)], [t('field.type'), data(doc.type)],
      [t('field.issuing_state'), data(doc.issuing_state)], [t('field.expiry_date'), data(doc.expiry_date)],
      [t('record.entry'), readBy(record)]]),
    doc.mrz.length ? el('pre', { class: 'mrz', dir: 'ltr' }, (doc.mrz_corrected.length ? doc.mrz_corrected : doc.mrz).join('\n')) : null,
    doc.mrz_changes.length ? el('p', { class: 'hint' }, t('record.changed', { n: doc.mrz_changes.length })) : null);
}

function movement(record) {
  const go = record.movement;
  return el('section', { class: 'card' }, el('h2', {}, t('record.movement')),
    terms([[t('record.direction'), t(`direction.${go.direction}`)], [t('record.mode'), t(`mode.${go.mode}`)],
      [t('record.purpose'), go.purpose && t(`purpose.${go.purpose}`)], [t('record.class'), t(`class.${record.traveller_class}`)],
      [t('record.when'), moment(record.event_time)], [t('record.clock'), t(`clock.${record.clock_quality}`)],
      [t('record.officer'), data(record.officer_id)], [t('record.software'), data(record.software)]]));
}

const checks = (record) => el('section', { class: 'card' }, el('h2', {}, t('record.checks')),
  el('ul', { class: 'checks' }, record.checks.map((check) => el('li', {}, result(check.result),
    el('span', {}, checkName(check), check.obligation === 'INFORMATIONAL' ? el('small', {}, t('record.informational')) : null)))));

const lists = (record) => el('section', { class: 'card' }, el('h2', {}, t('record.lists')),
  el('ul', { class: 'plain' }, record.watchlists.map((list) => el('li', {}, data(list.list_id), ' ',
    list.version === null ? '' : data(`v${list.version}`), ' · ', t(`list.${list.status}`), ' · ', duration(list.age_s)))));

const note = (record) => el('section', { class: 'card' }, el('h2', {}, t('record.note')),
  el('p', { class: 'note', dir: 'auto' }, record.decision.note ?? t('record.no_note')),
  el('p', { class: 'hint' }, t('record.first_line', { outcome: t(`outcome.${record.decision.outcome}`) }), ' · ', el('bdi', {}, record.decision.decided_by)));

async function showDecision(number, place) {
  const reason = await askReason(t('reason.decision'), REASONS);
  if (!reason) return;
  try {
    const made = await api.decision(opened.item, number, reason);
    put(place, el('strong', {}, t(`disposition.${made.disposition}`)), el('p', { dir: 'auto' }, made.reason),
      made.grounds?.length ? el('p', {}, t('decide.grounds'), ': ', data(made.grounds.join(' '))) : null);
  } catch (error) {
    host.onError(error);
  }
}

function history() {
  if (!opened.decisions.length) return null;
  return el('section', { class: 'card' }, el('h2', {}, t('record.decided')),
    el('ul', { class: 'plain' }, opened.decisions.map((made) => {
      const place = el('div', {}, el('button', { type: 'button', class: 'quiet', onclick: () => showDecision(made.number, place) }, t('record.read_decision')));
      return el('li', {}, el('bdi', {}, made.decided_by), ' · ', moment(made.decided_at), place);
    })));
}

function head() {
  const { item, record } = opened;
  return el('div', { class: 'head record-head' },
    el('button', { type: 'button', class: 'quiet', onclick: leave }, t('record.back'), kbd('Esc')),
    el('h1', {}, severity(item.priority), ' ', crossingName(item)), record.is_training ? training() : null,
    el('span', {}, data(record.checkpoint), ' · ', t('record.lane'), ' ', data(record.lane)),
    el('span', { class: 'spring' }), el('span', { id: 'state-now' }, stateWord(item)),
    el('span', { class: 'timer', id: 'timer', role: 'timer' }));
}

// What may be done next depends on who holds the crossing.
function side() {
  const { item, record } = opened;
  const mine = item.state === 'IN_PROGRESS' && item.claimed_by === host.session.user;
  if (mine && host.session.may.includes('decide')) {
    if (record.officer_id === host.session.user) return el('section', { class: 'card' }, el('p', { class: 'refused' }, t('decide.own')));
    return decidePanel({ item, record, vocabulary: host.vocabulary, decided: opened.decisions.length > 0, onDecided });
  }
  const claim = item.state === 'NEW' || item.state === 'RE_OPENED';
  return el('section', { class: 'card' }, el('h2', {}, t('decide.title')),
    el('p', {}, t(item.state === 'REVIEWED' ? 'decide.reviewed' : claim ? 'decide.claim_first' : 'decide.held', { who: item.claimed_by })),
    host.session.may.includes('claim') && claim ? el('button', { type: 'button', class: 'main', onclick: claimNow }, t('decide.claim'), kbd('C')) : null,
    host.session.may.includes('decide') && item.state === 'REVIEWED'
      ? el('button', { type: 'button', class: 'quiet', onclick: reopenNow }, t('decide.reopen'), kbd('O')) : null);
}

function tick() {
  const timerPlace = byId('timer');
  if (!timerPlace || !opened) return;
  const item = opened.item;
  const waited = item.waiting_s + (Date.now() - since) / 1000;
  timerPlace.textContent = t('record.waits', { time: duration(waited) });
}

function draw() {
  const { record } = opened;
  put(byId('main'), head(), el('div', { class: 'columns' },
    el('div', { class: 'wide' }, whyFlagged(record), hitsSection(record), traveller(record), faceSection(record), note(record),
      el('div', { class: 'pair' }, movement(record), checks(record)), lists(record)),
    el('div', { class: 'narrow', id: 'side' }, side(), history())));
  tick();
}

async function act(work) {
  try {
    await work();
  } catch (error) {
    host.onError(error);
  }
}

const claimNow = () => act(async () => { opened.item = await api.claim(opened.item); draw(); });
const reopenNow = () => act(async () => { await api.reopen(opened.item); opened.item = await api.claim(opened.item); draw(); });
const letGo = () => act(async () => { await api.release(opened.item); leave(); });

function onDecided(answer, disposition) {
  opened.item = answer.item;
  put(byId('state-now'), stateWord(answer.item));
  const text = t('decide.done', { what: t(`disposition.${disposition}`), n: answer.answer_number, kiosk: `\u2068${answer.item.kiosk}\u2069` });
  put(byId('side'), el('section', { class: 'card done' }, el('h2', {}, icon('✓', 'good'), t('decide.recorded')),
    el('p', {}, text),
    ['REFUSE', 'RETURNED'].includes(disposition) ? el('p', { class: 'note', id: 'done-adverse' }, t('decide.done_adverse')) : null,
    el('button', { type: 'button', class: 'main', id: 'done-next', onclick: leave }, t('decide.next'), kbd('Enter'))), history());
  say(text);
  byId('done-next').focus();
}

export function leave() {
  clearInterval(timer);
  opened = null; // nothing of the traveller stays in the page's memory
  host.onLeave();
}

export async function openRecord(item, callbacks) {
  host = callbacks;
  const reason = await askReason(t('reason.open'), REASONS);
  if (!reason) return false;
  // Whoever may decide takes the crossing with the look; a reviewed one is only read.
  let held = item;
  const free = item.state !== 'REVIEWED' && (item.state !== 'IN_PROGRESS' || item.claimed_by === host.session.user);
  if (free && host.session.may.includes('claim')) held = await api.claim(item);
  const answer = await api.open(held, reason);
  opened = { item: answer.item, record: answer.record, decisions: answer.decisions };
  since = Date.now();
  clearInterval(timer);
  timer = setInterval(tick, 1000);
  draw();
  byId('main').focus({ preventScroll: true });
  scrollTo(0, 0);
  say(t('record.say', { severity: t(`severity.${answer.item.priority}`) }));
  return true;
}

export function recordKey(key, event) {
  if (!opened) return false;
  if (key === 'Escape') leave();
  else if (key === 'l' && opened.item.state === 'IN_PROGRESS' && opened.item.claimed_by === host.session.user) letGo();
  else if (key === 'c' && byId('side') && (opened.item.state === 'NEW' || opened.item.state === 'RE_OPENED')) claimNow();
  else if (key === 'o' && opened.item.state === 'REVIEWED' && host.session.may.includes('decide')) reopenNow();
  else return decideKey(key, event);
  return true;
}

// SPDX-License-Identifier: Apache-2.0
// Releases of the watchlists: what is in force and how far it has gone, what waits, which booth has
// what. One action stands out at a time; every other one is a quiet button.
import * as api from './api.js';
import { canariesMissing, grid, summary } from './list_grid.js';
import { askReason } from './dialog.js';
import { byId, data, el, icon, kbd, put, say } from './dom.js';
import { count, moment, t } from './i18n.js';
import { olderReleases } from './list_older.js';
import { openRelease, releaseKey, leaveRelease } from './release.js';

const EVERY_MS = 5000;
let timer = 0;
let host = null;
let chosen = 0;
let state = null; // {releases, booths}
let opened = false;
let older = false; // the page "return to older content" is open

const may = (verb) => host.session.may.includes(verb);

const reach = (stands) => {
  if (stands.halted) return ['warn', '‖', t('lists.halted')];
  if (stands.percent === 100) return ['good', '✓', t('lists.everywhere')];
  if (stands.percent === 0) return ['note', '◔', t(stands.urgent ? 'lists.urgent' : 'lists.canary_only')];
  return ['note', '◔', t('lists.percent', { n: count(stands.percent) })];
};

async function act(call, said) {
  try {
    await call();
    say(said);
    await load();
  } catch (error) {
    host.onError(error);
  }
}

async function widen() {
  const stands = state.releases.in_force;
  const percent = stands.next;
  const missing = canariesMissing(state.booths, stands.canary);
  const reason = missing.length
    ? await askReason(t('lists.why_despite', { booths: missing.join(', ') }), ['lists.reason_booth_closed', 'lists.reason_seen_good'], t('lists.despite_note'))
    : await askReason(t('lists.why_step', { n: count(percent) }), ['lists.reason_canary_good', 'lists.reason_plan'], t('lists.reason_note'));
  if (reason) await act(() => api.listStep(stands.release, percent, reason, missing.length > 0), t('lists.said_step', { n: count(percent) }));
}

async function halt() {
  const stands = state.releases.in_force;
  const reason = await askReason(t('lists.why_halt'), ['lists.reason_false_alarms', 'lists.reason_booths_fail'], t('lists.halt_note'));
  if (reason) await act(() => api.listStep(stands.release, 0, reason), t('lists.said_halt'));
}

// A clock that ran far past the last timestamp: whoever knows the day says it.
async function confirmClock(event) {
  event.preventDefault();
  const date = byId('clock-date').value;
  if (!date) return;
  const reason = await askReason(t('clock.why', { date }), ['clock.reason_stood', 'clock.reason_replaced'], t('lists.reason_note'));
  if (reason) await act(() => api.listClock(date, reason), t('clock.said'));
}

function drawClock() {
  const { clock } = state.releases;
  if (!clock) return null;
  return el('section', { class: 'card', id: 'clock' }, el('h2', {}, t('clock.title')),
    el('p', { class: 'result warn wrap' }, icon('!', 'warn'), el('span', {}, t('clock.what', { now: moment(clock.now), last: moment(clock.last) }))),
    may('list_roll_out') ? el('form', { class: 'row', onsubmit: confirmClock }, el('label', { for: 'clock-date' }, t('clock.today')),
      el('input', { type: 'date', id: 'clock-date', required: true }), el('button', { type: 'submit', class: 'quiet', id: 'clock-confirm' }, t('clock.confirm')))
      : el('p', { class: 'hint' }, t('release.not_yours')));
}

const canWiden = () => may('list_roll_out') && state?.releases.in_force?.next;
const canHalt = () => {
  const stands = state?.releases.in_force;
  return may('list_roll_out') && stands && stands.percent < 100 && !stands.halted;
};

// The draft that wants something from this very person, if any: its button is then the main one.
function isNext(draft) {
  if (draft.broken) return false;
  if (draft.ready) return may('list_roll_out');
  return (draft.needs === 'watchlist_editor' && may('list_edit')) || (draft.needs === 'watchlist_approver' && may('list_approve'));
}

function drawInForce() {
  const stands = state.releases.in_force;
  if (!stands) return el('section', { class: 'card' }, el('h2', {}, t('lists.in_force')), el('p', {}, t('lists.nothing_in_force')));
  const [kind, sign, words] = reach(stands);
  const waits = state.releases.drafts.some(isNext);
  return el('section', { class: 'card in-force' }, el('h2', {}, t('lists.in_force')),
    el('p', { class: 'big' }, t('lists.release', { n: stands.release }), el('span', { class: `result ${kind}`, id: 'reach' }, icon(sign, kind), words)),
    el('p', { id: 'summary' }, summary(state.booths)),
    el('p', { class: 'hint' }, t('lists.since', { when: moment(stands.at), who: stands.by }), ' · ',
      stands.lists.map((list, index) => [index ? ', ' : '', data(`${list.list_id} v${list.version}`)])),
    stands.percent < 100 && stands.canary.length ? el('p', { class: 'hint' }, t('lists.canary_booths'), ' ', data(stands.canary.join(', '))) : null,
    el('div', { class: 'row' },
      canWiden() ? el('button', { type: 'button', id: 'widen', class: waits ? 'quiet' : 'main', onclick: widen }, t('lists.widen', { n: count(stands.next) }), kbd('W')) : null,
      state.releases.older.length ? el('button', { type: 'button', id: 'older', class: 'quiet', onclick: openOlder }, t('older.title'), kbd('R')) : null,
      canHalt() ? el('button', { type: 'button', id: 'halt', class: 'quiet', onclick: halt }, t('lists.halt'), kbd('H')) : null),
    el('p', { class: 'hint' }, t('lists.roll_back')));
}

function openOlder() {
  opened = true;
  older = true;
  put(byId('main'), olderReleases(state.releases, leave));
  byId('main').focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function draftState(draft) {
  if (draft.broken !== undefined) return el('span', { class: 'result bad' }, icon('✕', 'bad'), t('lists.broken'));
  if (draft.ready) return el('span', { class: 'result good' }, icon('✓', 'good'), t('lists.ready'));
  return el('span', { class: 'result warn' }, icon('◔', 'note'), t(`lists.needs.${draft.needs}`));
}

async function open(draft) {
  try {
    opened = true;
    await openRelease(draft.release, { ...host, onLeave: leave });
  } catch (error) {
    opened = false;
    host.onError(error);
  }
}

function drawDrafts() {
  const { drafts } = state.releases;
  const row = (draft, index) => el('tr', { id: `draft-${draft.release}`, 'aria-selected': index === chosen ? 'true' : null },
    el('th', { scope: 'row' }, t('lists.release', { n: draft.release }), draft.urgent ? el('small', {}, t('lists.urgent_short')) : null),
    el('td', {}, draft.broken !== undefined ? el('span', { dir: 'auto' }, draft.broken) : draft.lists.map((list) => el('div', {}, data(`${list.list_id} v${list.version}`)))),
    el('td', {}, draft.broken !== undefined ? '–' : t('lists.signed_of', { n: count(draft.signatures.length), of: count(draft.threshold) })),
    el('td', {}, draftState(draft)),
    el('td', {}, draft.broken !== undefined ? null
      : el('button', { type: 'button', id: `open-${draft.release}`, class: isNext(draft) ? 'main' : 'quiet', onclick: () => open(draft) }, t('lists.open_draft'), index === chosen ? kbd('↵') : null)));
  return el('section', { class: 'card scroll padded' }, el('h2', {}, t('lists.waiting')), drafts.length
    ? el('table', {}, el('thead', {}, el('tr', {}, ['lists.release_head', 'lists.lists', 'lists.signatures', 'lists.state', 'lists.action'].map((word) => el('th', { scope: 'col' }, t(word))))),
      el('tbody', {}, drafts.map(row)))
    : el('p', {}, t('lists.no_drafts')));
}

function drawHistory() {
  const { history } = state.releases;
  if (!history.length) return null;
  const words = (one) => (one.halted ? t('lists.did_halt') : one.percent === 0 ? t('lists.did_put') : t('lists.did_step', { n: count(one.percent) }));
  return el('section', { class: 'card' }, el('h2', {}, t('lists.history')),
    el('ul', { class: 'plain' }, history.map((one) => el('li', {}, t('lists.release', { n: one.release }), ': ', words(one), ' · ', el('bdi', {}, one.by), ' · ', moment(one.at)))));
}

function draw() {
  put(byId('main'), el('h1', {}, t('lists.title')), drawClock(), drawInForce(), drawDrafts(), grid(state.booths), drawHistory());
}

async function load() {
  if (opened) return;
  try {
    const [releases, booths] = await Promise.all([api.lists(), api.listBooths()]);
    if (opened) return;
    state = { releases, booths };
    if (byId('clock-date') === document.activeElement && releases.clock) return;
    chosen = Math.min(chosen, Math.max(releases.drafts.length - 1, 0));
    draw();
    host.onGood();
  } catch (error) {
    host.onError(error);
  }
}

function leave() {
  opened = older = false;
  leaveRelease();
  load();
}

export function showLists(callbacks) {
  host = callbacks;
  opened = older = false;
  hideLists();
  timer = setInterval(() => document.hidden || byId('dialog').open || load(), EVERY_MS);
  return load();
}

export function hideLists() {
  clearInterval(timer);
  leaveRelease();
}

export function listsKey(key) {
  if (older && key === 'Escape') {
    leave();
    return true;
  }
  if (opened) return releaseKey(key);
  const drafts = state?.releases.drafts ?? [];
  const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  if (key in moves && drafts.length) {
    chosen = Math.min(Math.max(chosen + moves[key], 0), drafts.length - 1);
    draw();
  } else if (key === 'Enter' && drafts[chosen] && drafts[chosen].broken === undefined) open(drafts[chosen]);
  else if (key === 'w' && canWiden()) widen();
  else if (key === 'h' && canHalt()) halt();
  else if (key === 'r' && state?.releases.older.length) openOlder();
  else return false;
  return true;
}

// SPDX-License-Identifier: Apache-2.0
// One draft of a release in four steps: what changes, what it would have raised, who signs, out.
import * as api from './api.js';
import { askReason } from './dialog.js';
import { byId, data, el, icon, kbd, put, say } from './dom.js';
import { count as number, moment, t } from './i18n.js';

let host = null;
let draft = null;
let rows = null; // {list_id, rows, after, held, capped}
let trial = null; // the dry run's result, 'running' or null
let refusal = '';

const may = (verb) => host.session.may.includes(verb);
const hands = () => may('list_edit') || may('list_approve');
const mine = () => draft.signatures.some((one) => one.user === host.session.user);
const myTurn = () => !draft.ready && hands() && !mine();

const sentence = (kind, sign, words, attributes = {}) => el('p', { class: `result ${kind} wrap`, ...attributes }, icon(sign, kind), el('span', {}, words));

/* ---- 1: what changes */

const CHANGES = ['added', 'removed', 'changed', 'expired', 'review_due', 'no_review_date'];

function changes() {
  const head = ['release.list', 'release.version', 'release.rows', ...CHANGES.map((word) => `change.${word}`)];
  const row = (list) => el('tr', {}, el('th', { scope: 'row' }, data(list.list_id), el('small', {}, el('bdi', {}, list.purpose))),
    el('td', {}, data(list.changes?.from ? `${list.changes.from} → ${list.version}` : `${list.version}`)), el('td', {}, number(list.rows)),
    CHANGES.map((word) => el('td', { class: list.changes?.[word] ? 'counts-here' : '' }, list.changes?.[word] === undefined ? '–' : number(list.changes[word]))),
    may('list_rows') ? el('td', {}, el('button', { type: 'button', class: 'quiet', id: `rows-${list.list_id}`, onclick: () => showRows(list.list_id, 0) }, t('release.show_rows'))) : null);
  return [el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, head.map((word) => el('th', { scope: 'col' }, t(word))),
    may('list_rows') ? el('td', {}, '') : null)), el('tbody', {}, draft.lists.map(row)))),
  draft.lists.some((list) => list.diff === 'NONE') ? sentence('warn', '!', t('release.no_diff')) : null,
  draft.lists.some((list) => list.diff === 'DIFFERS') ? sentence('bad', '✕', t('release.diff_differs'), { id: 'diff-differs' }) : null,
  draft.lists.some((list) => list.diff === 'OTHER_BASE') ? sentence('warn', '!', t('release.other_base')) : null,
  may('list_rows') ? null : el('p', { class: 'hint' }, t('release.counts_only')),
  rows ? changedRows() : null];
}

const SIGNS = { added: ['good', '+'], removed: ['bad', '−'], changed: ['note', '≠'], expired: ['none', '⌛'], review_due: ['warn', '!'], no_review_date: ['warn', '?'] };

// Members that differ, old beside new; of an added or removed row what it says.
function members(one) {
  const before = one.before ?? {};
  const after = one.after ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => (before[name] ?? '') !== (after[name] ?? '') || !one.before || !one.after);
  const text = (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : `${value ?? ''}`);
  return names.filter((name) => name !== 'alert_id' && (text(before[name]) || text(after[name]))).map((name) => el('div', {}, el('small', { class: 'inline' }, t(`field.${name}`), ': '),
    text(before[name]) && one.before && one.after ? [el('del', {}, data(text(before[name]))), ' → '] : null,
    data(text(after[name]) || text(before[name]))));
}

function changedRows() {
  const row = (one) => {
    const [kind, sign] = SIGNS[one.change] ?? SIGNS.changed;
    return el('tr', {}, el('td', {}, el('span', { class: `result ${kind}` }, icon(sign, kind), t(`change.${one.change}`))),
      el('th', { scope: 'row' }, data(one.alert_id)), el('td', {}, members(one)));
  };
  const last = rows.after + rows.rows.length;
  const page = (after, word, id) => el('button', { type: 'button', class: 'quiet', id, onclick: () => showRows(rows.list_id, after, rows.reason) }, t(word));
  return el('div', { id: 'rows' }, el('h3', {}, t('release.rows_of', { list: rows.list_id })),
    rows.rows.length ? el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, ['release.change', 'hit.alert', 'release.members'].map((word) => el('th', { scope: 'col' }, t(word))))), el('tbody', {}, rows.rows.map(row))))
      : el('p', {}, t('release.no_rows')),
    el('div', { class: 'row' }, el('span', { class: 'hint' }, t('release.rows_shown', { from: number(rows.rows.length ? rows.after + 1 : 0), to: number(last), of: number(rows.held) }), rows.capped ? ` ${t('release.rows_capped')}` : ''),
      rows.after > 0 ? page(Math.max(rows.after - 50, 0), 'release.earlier', 'rows-back') : null,
      last < rows.held ? page(last, 'release.later', 'rows-on') : null));
}

async function showRows(listId, after, known) {
  const reason = known ?? await askReason(t('release.why_rows'), ['release.reason_check', 'release.reason_question']);
  if (!reason) return;
  try {
    rows = { ...await api.listRows(draft.release, listId, after, reason), reason };
    draw();
    byId('rows').scrollIntoView({ block: 'nearest' });
  } catch (error) {
    host.onError(error);
  }
}

/* ---- 2: the dry run */

const count = (value) => (value.below ? t('trial.below', { n: value.below }) : number(value.n));

function trialResult() {
  if (trial === 'running') return sentence('note', '◔', t('trial.running'));
  if (!trial) return null;
  if (!trial.enough) return sentence('warn', '?', t('trial.too_few', { n: trial.least }));
  return [
    trial.crossings_hit.below ? sentence('good', '✓', t('trial.few', { n: number(trial.crossings_hit.below), of: number(trial.crossings) }), { id: 'trial' })
      : sentence('warn', '!', t('trial.extra', { in: count(trial.crossings_hit), of: number(trial.crossings) }), { id: 'trial' }),
    el('p', {}, trial.compared ? t('trial.fewer', { n: count(trial.crossings_gone) }) : t('trial.nothing_before')),
    el('p', { class: 'hint' }, t('trial.small')),
    trial.undetermined.below ? null : sentence('warn', '?', t('trial.undetermined', { n: count(trial.undetermined) })),
    trial.whole ? null : sentence('warn', '!', t('trial.cut'))];
}

async function dryRun() {
  const reason = await askReason(t('trial.why'), ['trial.reason_before', 'trial.reason_again']);
  if (!reason) return;
  trial = 'running';
  draw();
  try {
    trial = await api.listDryRun(draft.release, reason);
    host.onGood();
    say(t('trial.done'));
  } catch (error) {
    trial = null;
    host.onError(error);
  }
  if (draft) draw();
}

/* ---- 3: signatures */

const signer = (one) => el('li', { class: 'signer' }, icon('✓', 'good'), el('span', {}, t('sign.by', { holder: one.holder }), ' ', data(one.key_id.slice(0, 8)), el('br'),
  t('sign.handed_in', { who: one.user, role: t(`role.${one.role}`), when: moment(one.at) })));

async function handIn(event) {
  event.preventDefault();
  const [file] = byId('signature').files;
  if (!file) {
    refusal = t('sign.no_file');
    draw();
    byId('signature').focus();
    return;
  }
  try {
    Object.assign(draft, await api.listSign(draft.release, await file.text()));
    refusal = '';
    say(t('sign.taken'));
    host.onGood();
  } catch (error) {
    if (!(error instanceof api.Refused) || error.status === 401) {
      host.onError(error);
      return;
    }
    refusal = error.message;
  }
  if (!draft) return;
  draw();
  if (refusal) byId('signature').focus();
}

const handInForm = () => el('form', { class: 'hand-in', onsubmit: handIn },
  el('ol', {}, el('li', {}, el('a', { href: api.listPayload(draft.release), download: `release-${draft.release}.json`, id: 'payload' }, t('sign.download', { n: draft.release }))),
    el('li', {}, t('sign.own_machine'), ' ', el('code', { dir: 'ltr' }, `darvaza watchlist sign release-${draft.release}.json --role release --key KEY.pem`)),
    el('li', {}, el('label', { for: 'signature' }, t('sign.choose')), el('input', { type: 'file', id: 'signature', accept: '.sig,.json' }))),
  el('button', { type: 'submit', class: 'main', id: 'hand-in' }, t('sign.hand_in')));

// What `darvaza watchlist sign` shows on the signer's own machine: the same digests, or not this.
function digests() {
  const head = ['release.list', 'release.version', 'release.rows', 'digest.state', 'digest.statement'];
  const digest = (value) => el('code', { dir: 'ltr', class: 'digest' }, value);
  const row = (list) => el('tr', {}, el('th', { scope: 'row' }, data(list.list_id)), el('td', {}, data(`${list.version}`)), el('td', {}, number(list.rows)),
    el('td', {}, digest(list.state_hash)), el('td', {}, digest(list.statement_sha256)));
  return el('div', { id: 'digests' }, el('p', {}, t('digest.content'), ' ', digest(draft.content)), el('p', { class: 'hint' }, t('digest.compare')),
    el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, head.map((word) => el('th', { scope: 'col' }, t(word))))), el('tbody', {}, draft.lists.map(row)))));
}

function signatures() {
  const waits = draft.ready ? sentence('good', '✓', t('sign.enough'), { id: 'sign-state' }) : sentence('warn', '◔', t(`lists.needs.${draft.needs}`), { id: 'sign-state' });
  return [digests(), draft.signatures.length ? el('ul', { class: 'plain', id: 'signers' }, draft.signatures.map(signer)) : el('p', {}, t('sign.nobody')), waits,
    refusal ? el('p', { class: 'refused', role: 'alert', id: 'sign-refused' }, icon('✕', 'bad'), el('span', { dir: 'auto' }, refusal)) : null,
    myTurn() ? handInForm() : null,
    !draft.ready && hands() && mine() ? el('details', {}, el('summary', {}, t('sign.yours_is_in')), handInForm()) : null,
    !hands() && !draft.ready ? el('p', { class: 'hint' }, t('sign.not_yours')) : null];
}

/* ---- 4: out */

async function putInForce() {
  const reason = await askReason(t('release.why_put'), ['release.reason_signed', 'release.reason_urgent'], t('lists.reason_note'));
  if (!reason) return;
  try {
    await api.listPutInForce(draft.release, reason);
    say(t('release.is_out', { n: draft.release }));
    host.onGood();
    host.onLeave();
  } catch (error) {
    host.onError(error);
  }
}

const canPut = () => draft.ready && may('list_roll_out');

function out() {
  const first = draft.urgent ? t('release.first_urgent') : draft.canary.length ? t('release.first_canary') : t('release.first_nobody');
  return [el('p', {}, first, ' ', draft.canary.length ? [data(draft.canary.join(', ')), '. '] : ' ', t('release.then_steps'), ' ', data(draft.steps.map((step) => `${step} %`).join(', '))),
    el('p', { class: 'hint' }, t('release.until', { when: moment(draft.expires_at) })),
    may('list_roll_out') ? el('button', { type: 'button', class: canPut() ? 'main' : 'quiet', id: 'put', disabled: !canPut(), onclick: putInForce }, t('release.put'), kbd('P')) : el('p', { class: 'hint' }, t('release.not_yours')),
    may('list_roll_out') && !draft.ready ? el('p', { class: 'hint' }, t('release.sign_first')) : null];
}

/* ---- the page */

const step = (index, word, ...content) => el('section', { class: 'card step', id: `step-${index}` }, el('h2', {}, `${number(index)}. `, t(word)), content);

function draw() {
  put(byId('main'), el('div', { class: 'head' },
    el('button', { type: 'button', class: 'quiet', id: 'back', onclick: () => host.onLeave() }, t('record.back'), kbd('Esc')),
    el('h1', {}, t('lists.release', { n: draft.release })), draft.urgent ? el('span', { class: 'severity warn' }, icon('!', 'warn'), t('lists.urgent_short')) : null),
  step(1, 'release.changes', changes()),
  step(2, 'trial.title', el('p', { class: 'hint' }, t('trial.what')), trialResult(), may('list_dry_run')
    ? el('button', { type: 'button', class: 'quiet', id: 'dry-run', disabled: trial === 'running', onclick: dryRun }, t('trial.go'), kbd('D')) : null),
  step(3, 'lists.signatures', signatures()),
  step(4, 'release.out', out()));
}

export async function openRelease(release, callbacks) {
  host = callbacks;
  draft = await api.listOpen(release);
  rows = trial = null;
  refusal = '';
  draw();
  byId('main').focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

export function leaveRelease() {
  draft = null;
}

export function releaseKey(key) {
  if (!draft) return false;
  if (key === 'Escape') host.onLeave();
  else if (key === 'd' && may('list_dry_run') && trial !== 'running') dryRun();
  else if (key === 'p' && canPut()) putInForce();
  else return false;
  return true;
}

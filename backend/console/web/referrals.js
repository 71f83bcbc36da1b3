// SPDX-License-Identifier: Apache-2.0
// The protection unit: referrals that nobody else can see. Found ones are kept in this page alone.
import * as api from './api.js';
import { askReason } from './dialog.js';
import { byId, data, el, icon, kbd, put, say } from './dom.js';
import { moment, t } from './i18n.js';
import { crossingName, terms, training } from './words.js';

const EVERY_MS = 10000;
let found = [];
let unreadable = 0;
let cursor = 0;
let chosen = 0;
let timer = 0;
let host = null;
let opened = null;

function row(one, index) {
  return el('tr', { id: `row-${index}`, tabindex: index === chosen ? '0' : '-1', 'aria-selected': index === chosen ? 'true' : 'false',
    onclick: () => { choose(index); openChosen(); } },
  el('td', {}, el('span', { class: 'severity protect' }, icon('◈', 'protect'), t(`referral.${one.kind ?? one.referral}`))),
  el('td', {}, moment(one.event_time)), el('td', {}, one.checkpoint ?? '–'), el('td', {}, crossingName(one)),
  el('td', {}, one.language ? data(one.language) : t('ui.none')),
  el('td', {}, one.closed ? t('referral.closed') : el('strong', {}, t('referral.open'))));
}

function draw() {
  const columns = ['referral.kind', 'referral.when', 'queue.checkpoint', 'queue.crossing', 'referral.language', 'queue.state'];
  put(byId('main'), el('div', { class: 'head' }, el('h1', {}, t('referral.title'))),
    unreadable ? el('p', { class: 'refused' }, t('referral.unreadable', { n: unreadable })) : null,
    found.length ? el('div', { class: 'card scroll' }, el('table', { class: 'queue', role: 'grid' },
      el('thead', {}, el('tr', {}, columns.map((word) => el('th', { scope: 'col' }, t(word))))), el('tbody', {}, found.map(row))))
      : el('p', { class: 'card empty' }, t('referral.none')),
    el('p', { class: 'hints' }, el('span', {}, kbd('J'), kbd('K'), ' ', t('keys.move')), el('span', {}, kbd('Enter'), ' ', t('keys.open'))));
  byId(`row-${chosen}`)?.focus({ preventScroll: true });
}

async function load() {
  try {
    let answer;
    let added = 0;
    do {
      answer = await api.referrals(cursor);
      cursor = answer.next;
      added += answer.referrals.length;
      unreadable += answer.unreadable.length;
      found.push(...answer.referrals);
    } while (answer.more);
    found.sort((a, b) => Number(a.closed) - Number(b.closed) || `${a.event_time}`.localeCompare(`${b.event_time}`));
    if (!opened) draw();
    if (added) say(t('referral.say', { n: found.filter((one) => !one.closed).length }));
    host.onGood();
  } catch (error) {
    host.onError(error);
  }
}

function choose(index) {
  chosen = Math.min(Math.max(index, 0), Math.max(found.length - 1, 0));
  draw();
}

function leave() {
  opened = null;
  draw();
}

async function closeNow() {
  const reason = await askReason(t('referral.why_close'), ['referral.decided', 'referral.withdrawn'], t('referral.close_note'));
  if (!reason) return;
  try {
    await api.closeReferral(opened.one, reason);
    opened.one.closed = true;
    leave();
  } catch (error) {
    host.onError(error);
  }
}

function drawOne() {
  const { one, referral } = opened;
  const person = referral.person ?? {};
  const doc = referral.document ?? {};
  put(byId('main'), el('div', { class: 'head' },
    el('button', { type: 'button', class: 'quiet', onclick: leave }, t('record.back'), kbd('Esc')),
    el('h1', {}, icon('◈', 'protect'), ' ', t(`referral.${one.kind ?? one.referral}`)), crossingName(one), referral.is_training ? training() : null),
  el('div', { class: 'columns' }, el('section', { class: 'card traveller' }, el('h2', {}, t('record.traveller')),
    el('p', { class: 'name' }, data([person.surname, person.given_names].filter(Boolean).join(', ') || t('ui.unknown'))),
    terms([[t('field.birth_date'), data(person.birth_date)], [t('field.nationality'), data(person.nationality)],
      [t('field.number'), data(doc.number)], [t('field.issuing_state'), data(doc.issuing_state)],
      [t('referral.when'), moment(referral.event_time)], [t('queue.checkpoint'), data(referral.checkpoint)],
      [t('referral.language'), referral.language && data(referral.language)]]),
    el('h2', {}, t('record.note')), el('p', { class: 'note', dir: 'auto' }, referral.note ?? t('record.no_note'))),
  el('section', { class: 'card' }, el('h2', {}, t('referral.hold')), el('p', {}, t(one.closed ? 'referral.hold_over' : 'referral.hold_text')),
    one.closed ? null : el('button', { type: 'button', class: 'quiet', onclick: closeNow }, t('referral.close'), kbd('C')))));
  byId('main').focus();
}

async function openChosen() {
  const one = found[chosen];
  if (!one) return;
  const reason = await askReason(t('reason.open'), ['reason.referral', 'reason.interview']);
  if (!reason) return;
  try {
    opened = { one, referral: await api.openReferral(one, reason) };
    drawOne();
  } catch (error) {
    host.onError(error);
  }
}

export function showReferrals(callbacks) {
  host = callbacks;
  found = [];
  cursor = unreadable = chosen = 0;
  opened = null;
  hideReferrals();
  timer = setInterval(() => document.hidden || load(), EVERY_MS);
  draw();
  return load();
}

export function hideReferrals() {
  clearInterval(timer);
}

export function referralKey(key) {
  const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  if (opened) {
    if (key === 'Escape') leave();
    else if (key === 'c' && !opened.one.closed) closeNow();
    else return false;
  } else if (key in moves) choose(chosen + moves[key]);
  else if (key === 'Enter') openChosen();
  else return false;
  return true;
}

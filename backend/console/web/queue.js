// SPDX-License-Identifier: Apache-2.0
// The queue: most severe first, then longest waiting, as the store orders it.
import * as api from './api.js';
import { byId, el, kbd, put, say } from './dom.js';
import { duration, moment, t } from './i18n.js';
import { crossingName, severity, stateWord } from './words.js';

const EVERY_MS = 4000;
let items = [];
let reviewed = false;
let chosen = 0;
let timer = 0;
let fetched = 0;
let host = null; // { session, openItem, onError }

const waiting = (item) => item.waiting_s + (Date.now() - fetched) / 1000;
const same = (a, b) => a && b && a.kiosk === b.kiosk && a.epoch === b.epoch && a.seq === b.seq;

function row(item, index) {
  return el('tr', {
    id: `row-${index}`, class: `severity-${item.severity}`, 'aria-selected': index === chosen ? 'true' : 'false',
    tabindex: index === chosen ? '0' : '-1', onclick: () => { choose(index); openChosen(); },
  },
  el('td', {}, severity(item.priority)),
  el('td', { class: 'waits', 'data-at': index }, reviewed ? moment(item.changed_at) : duration(waiting(item))),
  el('td', {}, item.checkpoint ?? el('em', {}, t('queue.unassigned'))),
  el('td', {}, crossingName(item)),
  el('td', {}, stateWord(item)));
}

function table() {
  if (!items.length) return el('p', { class: 'card empty' }, t(reviewed ? 'queue.none_reviewed' : 'queue.empty'));
  const column = (word) => el('th', { scope: 'col' }, t(word));
  return el('div', { class: 'card scroll' }, el('table', { class: 'queue', role: 'grid', 'aria-labelledby': 'queue-title' },
    el('thead', {}, el('tr', {}, column('queue.severity'), column(reviewed ? 'queue.decided' : 'queue.waits'),
      column('queue.checkpoint'), column('queue.crossing'), column('queue.state'))),
    el('tbody', {}, items.map(row))));
}

function counts() {
  const open = (word) => items.filter((item) => item.priority === word).length;
  return el('ul', { class: 'counts' }, ['STOP', 'HIT', 'POSSIBLE', 'REVIEW'].map((word) =>
    el('li', {}, severity(word), el('strong', {}, `${open(word)}`))));
}

function draw() {
  const had = byId('main').contains(document.activeElement) && document.activeElement.tagName === 'TR';
  put(byId('main'),
    el('div', { class: 'head' }, el('h1', { id: 'queue-title' }, t(reviewed ? 'queue.reviewed_title' : 'queue.title')),
      reviewed ? null : counts(), el('span', { class: 'spring' }),
      el('button', { type: 'button', class: 'quiet', id: 'toggle-reviewed', onclick: toggle },
        t(reviewed ? 'queue.show_open' : 'queue.show_reviewed'), kbd('V'))),
    table(),
    el('p', { class: 'hints' }, el('span', {}, kbd('J'), kbd('K'), ' ', t('keys.move')),
      el('span', {}, kbd('Enter'), ' ', t('keys.open')), el('span', {}, kbd('?'), ' ', t('keys.help'))));
  if (had || document.activeElement === document.body) byId(`row-${chosen}`)?.focus({ preventScroll: true });
}

async function load(first = false) {
  try {
    const answer = await api.queue(reviewed);
    const kept = items[chosen];
    const before = items.length;
    items = answer.items;
    fetched = Date.now();
    chosen = Math.max(items.findIndex((item) => same(item, kept)), 0);
    draw();
    if (first || items.length > before) say(t('queue.say', { n: items.length }));
    host.onGood();
  } catch (error) {
    host.onError(error);
  }
}

function choose(index) {
  if (!items.length) return;
  chosen = Math.min(Math.max(index, 0), items.length - 1);
  document.querySelectorAll('tr[aria-selected]').forEach((node, at) => {
    node.setAttribute('aria-selected', at === chosen ? 'true' : 'false');
    node.tabIndex = at === chosen ? 0 : -1;
  });
  byId(`row-${chosen}`)?.focus();
}

function openChosen() {
  if (items[chosen]) host.openItem(items[chosen]);
}

function toggle() {
  reviewed = !reviewed;
  items = [];
  chosen = 0;
  load(true);
}

function tick() {
  if (!reviewed) for (const cell of document.querySelectorAll('td.waits')) {
    const item = items[Number(cell.dataset.at)];
    if (item) cell.textContent = duration(waiting(item));
  }
}

export function showQueue(callbacks) {
  host = callbacks;
  hideQueue();
  let passed = 0;
  timer = setInterval(() => {
    tick();
    passed += 1000;
    if (passed >= EVERY_MS && !document.hidden) {
      passed = 0;
      load();
    }
  }, 1000);
  return load(true);
}

export function hideQueue() {
  clearInterval(timer);
  timer = 0;
}

export function queueKey(key) {
  const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  if (key in moves) choose(chosen + moves[key]);
  else if (key === 'Home') choose(0);
  else if (key === 'End') choose(items.length - 1);
  else if (key === 'Enter') openChosen();
  else if (key === 'v') toggle();
  else return false;
  return true;
}

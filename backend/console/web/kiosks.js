// SPDX-License-Identifier: Apache-2.0
// Whether every booth is heard, and whether anything of it is missing.
import * as api from './api.js';
import { byId, data, el, icon, put } from './dom.js';
import { duration, t } from './i18n.js';

const SILENT_S = 300;
const EVERY_MS = 10000;
let timer = 0;

function condition(kiosk) {
  if (kiosk.missing > 0 || kiosk.chain !== 'good' || kiosk.unknown_heads > 0)
    return ['bad', '✕', kiosk.missing > 0 ? t('kiosk.missing', { n: kiosk.missing }) : t(`chain.${kiosk.chain === 'good' ? 'unknown_head' : kiosk.chain}`)];
  if (kiosk.silent_s > SILENT_S) return ['warn', '!', t('kiosk.silent', { time: duration(kiosk.silent_s) })];
  if (kiosk.unsent > 0) return ['warn', '!', t('kiosk.unsent', { n: kiosk.unsent })];
  return ['good', '✓', t('kiosk.good')];
}

const lists = (kiosk) => kiosk.lists.map((list) => el('div', { class: `list ${list.status}` }, data(`${list.list_id} v${list.version ?? '–'}`),
  ' ', t(`list.${list.status}`), list.age_s >= 0 ? ` · ${duration(list.age_s)}` : ''));

function row(kiosk) {
  const [kind, sign, words] = condition(kiosk);
  return el('tr', {}, el('th', { scope: 'row' }, data(kiosk.kiosk), el('small', {}, kiosk.checkpoint ?? t('queue.unassigned'))),
    el('td', {}, el('span', { class: `result ${kind}` }, icon(sign, kind), words)),
    el('td', {}, duration(kiosk.silent_s)), el('td', {}, data(`${kiosk.epoch} / ${kiosk.seq}`)),
    el('td', {}, data(kiosk.beat_epoch ? `${kiosk.beat_epoch} / ${kiosk.beat_seq}` : '–')), el('td', {}, `${kiosk.unsent}`),
    el('td', {}, data(`${kiosk.answers_taken} / ${kiosk.answers}`)), el('td', {}, lists(kiosk)), el('td', {}, data(kiosk.software || '–')));
}

async function load(host) {
  try {
    const { kiosks } = await api.kiosks();
    const columns = ['kiosk.name', 'kiosk.condition', 'kiosk.heard', 'kiosk.here', 'kiosk.there', 'kiosk.waiting', 'kiosk.answers', 'kiosk.lists', 'kiosk.software'];
    put(byId('main'), el('h1', {}, t('kiosk.title')), kiosks.length
      ? el('div', { class: 'card scroll' }, el('table', {}, el('thead', {}, el('tr', {}, columns.map((word) => el('th', { scope: 'col' }, t(word))))),
        el('tbody', {}, kiosks.map(row))))
      : el('p', { class: 'card empty' }, t('kiosk.none')));
    host.onGood();
  } catch (error) {
    host.onError(error);
  }
}

export function showKiosks(host) {
  hideKiosks();
  timer = setInterval(() => document.hidden || load(host), EVERY_MS);
  return load(host);
}

export function hideKiosks() {
  clearInterval(timer);
}

// SPDX-License-Identifier: Apache-2.0
// Which booth has which release: always a sign and words, and for a failed update what to make of it.
import { data, el, icon } from './dom.js';
import { count, duration, known, t } from './i18n.js';

const STANDING = {
  has: ['good', '✓'], fetching: ['note', '↓'], waits: ['none', '…'], failed: ['bad', '✕'], differs: ['bad', '≠'], silent: ['warn', '!'], unknown: ['warn', '?'], nothing: ['none', '–'],
};

export function summary(answer) {
  if (answer.release === null) return t('grid.no_release');
  return t('grid.summary', { n: count(answer.has), of: count(answer.booths.length), release: answer.release });
}

const words = (booth) => t(`grid.${booth.standing}`, { time: duration(booth.silent_s) });

// Canary booths that do not have it, or were not heard of lately: they are there to be waited for.
export const canariesMissing = (answer, canaries) => canaries.filter((name) => {
  const booth = answer.booths.find((one) => one.kiosk === name);
  return !booth || booth.standing !== 'has' || booth.silent_s > 300;
}).map((name) => {
  const booth = answer.booths.find((one) => one.kiosk === name);
  if (!booth) return `${name}: ${t('grid.never')}`;
  return `${name}: ${booth.standing === 'has' ? t('grid.silent', { time: duration(booth.silent_s) }) : words(booth)}`;
});

function standing(booth) {
  const [kind, sign] = STANDING[booth.standing] ?? STANDING.unknown;
  return el('span', { class: `result ${kind}` }, icon(sign, kind), words(booth));
}

const list = (one) => el('div', { class: `list ${one.status}` }, data(`${one.list_id} v${one.version ?? '–'}`),
  one.state_hash ? [' ', data(one.state_hash.slice(0, 8), { title: one.state_hash })] : null,
  ' ', one.status === 'FRESH' ? null : t(`list.${one.status}`), one.age_s >= 0 ? ` · ${duration(one.age_s)}` : '');

// The sentence of the booth is for whoever mends it; the words for whoever looks.
function reason(booth) {
  const code = booth.update?.reason ?? '';
  if (!code) return '–';
  const words = known(`trust.${code}`) ? t(`trust.${code}`) : t('trust.other');
  return [words, ' ', data(code)];
}

const row = (booth) => el('tr', {},
  el('th', { scope: 'row' }, data(booth.kiosk), el('small', {}, booth.checkpoint ?? t('queue.unassigned'), booth.canary ? ` · ${t('grid.canary')}` : '')),
  el('td', {}, standing(booth)),
  el('td', {}, booth.update ? data(booth.update.release || '–') : '–'),
  el('td', {}, booth.lists.length ? booth.lists.map(list) : '–'),
  el('td', {}, duration(booth.silent_s)),
  el('td', { class: 'why-cell' }, reason(booth)));

export function grid(answer) {
  const columns = ['grid.booth', 'grid.standing', 'grid.release', 'grid.lists', 'grid.heard', 'grid.reason'];
  return el('section', { class: 'card scroll padded', id: 'grid' }, el('h2', {}, t('grid.title')), answer.booths.length
    ? el('table', {}, el('thead', {}, el('tr', {}, columns.map((word) => el('th', { scope: 'col' }, t(word))))), el('tbody', {}, answer.booths.map(row)))
    : el('p', {}, t('kiosk.none')));
}

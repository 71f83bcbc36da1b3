// SPDX-License-Identifier: Apache-2.0
// Return to older content: which releases there were, and the commands that bring one back. It
// comes back under higher numbers, signed like any other: the console itself makes no list.
import { data, el, kbd } from './dom.js';
import { count, moment, t } from './i18n.js';

const command = (text) => el('pre', { class: 'command', dir: 'ltr' }, el('code', {}, text));

// Lists of which the release has another version than what stands.
const differing = (one, stands) => one.lists.filter((list) => stands.lists.some((now) => now.list_id === list.list_id && now.version !== list.version));

const file = (list, stands) => `back/${list.list_id}-${stands.lists.find((now) => now.list_id === list.list_id).version + 1}.dvlist`;

function commands(one, stands) {
  const lists = differing(one, stands);
  if (!lists.length) return el('p', {}, t('older.same'));
  return el('ol', {}, el('li', {}, t('older.step_back'), command(`darvaza watchlist rollback --repository REPOSITORY --to ${one.release} --out back`)),
    el('li', {}, t('older.step_draft'), command(`darvaza watchlist publish --repository REPOSITORY --draft ${lists.map((list) => `--list ${file(list, stands)}`).join(' ')} --owner-key OWNER.pem --kiosks CERTIFICATES ${stands.canary.map((name) => `--canary ${name}`).join(' ')}`)),
    el('li', {}, t('older.step_sign')));
}

const reach = (one) => (one.percent === 0 ? t('lists.canary_only') : one.percent === 100 ? t('lists.everywhere') : t('lists.percent', { n: count(one.percent) }));

export function olderReleases(releases, leave) {
  const stands = releases.in_force;
  return [el('div', { class: 'head' }, el('button', { type: 'button', class: 'quiet', id: 'back', onclick: leave }, t('record.back'), kbd('Esc')), el('h1', {}, t('older.title'))),
    el('p', {}, t('older.what', { n: stands.release })), el('p', { class: 'hint' }, t('older.dates')),
    releases.older.map((one, index) => el('details', { class: 'card', id: `older-${one.release}`, open: index === 0 },
      el('summary', {}, t('lists.release', { n: one.release }), ' · ', moment(one.at), ' · ', reach(one), ' · ',
        one.lists.map((list, place) => [place ? ', ' : '', data(`${list.list_id} v${list.version}`)])),
      commands(one, stands)))];
}

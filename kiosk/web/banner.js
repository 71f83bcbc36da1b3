// SPDX-License-Identifier: Apache-2.0
// What always stands on the screen: network, lists, unsent, clock, reader, training, officer.
import * as api from './api.js';
import { el, put } from './dom.js';
import { chooseLanguage, duration, language, languages, refusal, t } from './i18n.js';

const chip = (kind, icon, text, title) =>
  el('span', { class: `chip ${kind}`, title }, el('span', { class: 'icon', 'aria-hidden': 'true' }, icon), text);

const LIST_KIND = { FRESH: 'good', STALE: 'warn', EXPIRED: 'bad', FAILED: 'bad' };
const LIST_ICON = { FRESH: '✓', STALE: '!', EXPIRED: '✕', FAILED: '✕' };

function listChip(list) {
  const text = t('banner.list', { title: list.title || list.list_id, version: list.version, age: duration(list.age_s) });
  const word = list.status === 'FRESH' ? '' : ` · ${t(`status.${list.status}`)}`;
  return chip(LIST_KIND[list.status] ?? 'bad', LIST_ICON[list.status] ?? '✕', text + word, list.explanation);
}

// How the update of the lists stands. Only what the officer should know: why the lists are older
// than they might be, and that they lie on this machine in the clear.
function updateChips(update) {
  if (!update) return [];
  const why = update.reason ? t(`update.reason.${update.reason}`) : '';
  const title = [why, update.detail].filter(Boolean).join(' · ');
  const release = update.release > 0 ? t('update.release', { release: update.release }) : t('update.none');
  const stopped = update.state === 'STOPPED';
  const settled = !stopped && (update.reason === '' || update.reason === 'WAITING');
  const chips = [settled
    ? chip(update.release > 0 ? 'good' : 'warn', update.release > 0 ? '✓' : '!', release, title)
    : chip(stopped ? 'bad' : 'warn', stopped ? '✕' : '!', `${release} · ${stopped ? t('update.stopped') : t('update.failed')}: ${why}`, title)];
  if (update.volume === 'PLAIN') chips.push(chip('warn', '!', t('update.plain')));
  return chips;
}

const CLOCK_KIND = { SYNCED: 'good', UNSYNCED: 'warn', SUSPECT: 'bad' };

function chips(state) {
  const { banner, reader } = state;
  const present = reader?.state === 'ready';
  return [
    banner.training ? chip('training', '◆', t('banner.training')) : null,
    banner.online ? chip('good', '●', t('banner.online'), banner.link_detail)
      : chip('warn', '○', t('banner.offline'), banner.link_detail),
    banner.unsent === null ? chip('bad', '✕', t('banner.unsent_unknown'))
      : chip(banner.unsent > 0 ? 'warn' : 'good', banner.unsent > 0 ? '↥' : '✓', t('banner.unsent', { n: banner.unsent })),
    present ? chip('good', '✓', t('banner.reader.ready')) : chip('bad', '✕', t(`banner.reader.${reader?.state ?? 'away'}`)),
    banner.lists.length ? banner.lists.map(listChip) : chip('bad', '✕', t('banner.no_lists')),
    updateChips(banner.update),
    chip(CLOCK_KIND[banner.clock] ?? 'bad', banner.clock === 'SYNCED' ? '✓' : '!', t(`clock.${banner.clock}`)),
    chip('plain', 'ⓘ', t(`banner.${banner.authenticity}`)),
  ].flat();
}

function languageChoice(desk) {
  const select = el('select', {
    id: 'language', 'aria-label': t('ui.language'),
    onchange: async (event) => {
      await chooseLanguage(event.target.value);
      event.target.blur();
      desk.page.redraw();
    },
  }, languages.map((one) => el('option', { value: one.code, lang: one.code, selected: one.code === language() }, one.name)));
  return select;
}

async function leave(desk) {
  try {
    await api.signOut();
  } catch (error) {
    // Refused means: still signed in. The page must not look as if the officer had left.
    if (!(error instanceof api.Refused) || error.status !== 401) {
      desk.held = error instanceof api.Refused ? refusal(error) : t('trouble.lost');
      desk.page.trouble(desk.held);
      return;
    }
  }
  desk.page.signedOut();
}

export function drawBanner(place, desk) {
  const state = desk.state;
  const where = state ? t('banner.lane', state.banner) : '';
  put(place,
    el('div', { class: 'who' },
      el('strong', { class: 'brand' }, 'Darvaza'), el('span', {}, where || t('ui.title')),
      el('span', { class: 'spring' }),
      desk.officer ? el('span', {}, desk.officer.display) : null,
      desk.officer ? el('button', { id: 'sign-out', class: 'quiet', type: 'button', onclick: () => leave(desk) }, t('sign_out')) : null,
      languageChoice(desk)),
    state ? el('div', { class: 'chips' }, chips(state)) : null);
}

// SPDX-License-Identifier: Apache-2.0
// Why a traveller or document is on a list: the document's words beside the list's.
import { data, el } from './dom.js';
import { t } from './i18n.js';

const ICON = { AGREES: '=', SIMILAR: '≈', CONTRADICTS: '≠', OMITTED: '·' };

function reasonRow(reason) {
  return el('tr', { class: reason.result.toLowerCase() },
    el('th', { scope: 'row' }, t(`field.${reason.field}`)),
    el('td', {}, data(reason.document || '–')),
    el('td', {}, data(reason.listed || '–')),
    el('td', {}, el('span', { 'aria-hidden': 'true' }, `${ICON[reason.result]} `), t(`agreement.${reason.result}`)));
}

// Each piece keeps its own direction, so that a date never turns round beside another script.
function provenance(hit) {
  return [t('hits.list', { title: hit.list_title || hit.list_id, version: hit.list_version }),
    t('hits.alert', { id: hit.alert_id }), hit.owner, hit.legal_basis,
    t('hits.review', { date: `\u2066${hit.review_date}\u2069` })].filter(Boolean);
}

function hitCard(hit) {
  const kind = hit.quiet ? 'note' : hit.stops ? 'bad' : 'warn';
  return el('article', { class: `hit ${kind}` },
    el('h3', {},
      el('span', { class: 'icon', 'aria-hidden': 'true' }, hit.quiet ? 'ⓘ' : hit.stops ? '✕' : '!'),
      t(`action.${hit.action}`), hit.probable ? ` · ${t('hits.probable')}` : ''),
    el('p', {}, t(`match.${hit.kind}`), hit.listed_name ? ' · ' : '', hit.listed_name ? data(hit.listed_name) : ''),
    hit.reason ? el('p', {}, hit.reason) : null,
    hit.confirm_with_owner ? el('p', { class: 'strong' }, t('hits.confirm')) : null,
    el('table', {},
      el('thead', {}, el('tr', {}, el('td'), el('th', { scope: 'col' }, t('hits.document')),
        el('th', { scope: 'col' }, t('hits.listed')), el('td'))),
      el('tbody', {}, hit.reasons.map(reasonRow))),
    el('p', { class: 'hint provenance' }, provenance(hit).map((text) => el('bdi', {}, text))));
}

export function hitsCard(crossing) {
  if (!crossing.hits.length) return null;
  return el('section', { class: 'hits' }, el('h2', {}, t('hits.title')),
    crossing.hits.map(hitCard),
    crossing.hits_capped ? el('p', { class: 'strong' }, t('hits.capped')) : null);
}

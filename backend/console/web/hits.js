// SPDX-License-Identifier: Apache-2.0
// Why a crossing was flagged: in plain words first, then the alert beside the document.
import { data, el, icon } from './dom.js';
import { duration, known, t } from './i18n.js';
import { terms } from './words.js';

const SIGN = { AGREES: '=', SIMILAR: '≈', CONTRADICTS: '≠', OMITTED: '·' };
const STOPS = ['STOP_REFER', 'SEIZE_DOCUMENT'];

const checkName = (check) => (known(`check.${check.id}`) ? t(`check.${check.id}`) : check.id);

// Sentences, the gravest first.
export function whyFlagged(record) {
  const why = record.hits.map((hit) => ({
    kind: STOPS.includes(hit.action) ? 'bad' : 'warn',
    text: t(`why.${hit.match_kind}`, { list: `\u2068${hit.list_id}\u2069`, action: t(`action.${hit.action}`) }),
  }));
  for (const check of record.checks) {
    if (check.obligation !== 'MANDATORY' || check.result === 1) continue;
    if (record.hits.length && check.id.startsWith('watchlist_') && check.result === 2) continue;
    why.push({ kind: check.result === 2 ? 'bad' : 'warn',
      text: t(check.result === 2 ? 'why.failed' : 'why.undetermined', { check: checkName(check) }) });
  }
  if (record.decision.outcome === 'SECOND_LINE') why.push({ kind: 'note', text: t('why.referred') });
  if (record.entry_method === 'MANUAL') why.push({ kind: 'note', text: t('why.manual') });
  return el('section', { class: 'card why' }, el('h2', {}, t('why.title')),
    el('ul', {}, why.map((one) => el('li', { class: one.kind },
      icon(one.kind === 'bad' ? '✕' : one.kind === 'warn' ? '!' : 'ⓘ', one.kind), el('span', {}, one.text)))));
}

const comparison = (hit) => el('table', {},
  el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, t('hit.field')), el('th', { scope: 'col' }, t('hit.document')),
    el('th', { scope: 'col' }, t('hit.listed')), el('th', { scope: 'col' }, t('hit.agreement')))),
  el('tbody', {}, hit.explanation.map((line) => el('tr', { class: line.agreement.toLowerCase() },
    el('th', { scope: 'row' }, t(`field.${line.field}`)), el('td', {}, data(line.document)), el('td', {}, data(line.listed)),
    el('td', {}, icon(SIGN[line.agreement] ?? '?'), t(`agreement.${line.agreement}`))))));

export function hitCard(hit, record) {
  const list = record.watchlists.find((one) => one.list_id === hit.list_id);
  const kind = STOPS.includes(hit.action) ? 'bad' : 'warn';
  return el('article', { class: `hit ${kind}` },
    el('h3', {}, icon(kind === 'bad' ? '✕' : '!', kind), t(`action.${hit.action}`)),
    hit.confirm_with_owner ? el('p', { class: 'confirm' }, icon('☎'), t('hit.confirm')) : null,
    el('p', {}, t(`match.${hit.match_kind}`), ' · ', t('hit.score', { n: (hit.score / 10).toFixed(1) })),
    comparison(hit),
    terms([[t('hit.alert'), data(hit.alert_id)], [t('hit.list'), data(`${hit.list_id} v${hit.list_version}`)],
      [t('hit.age'), list ? duration(list.age_s) : null], [t('hit.review'), hit.review_date && data(hit.review_date)]]));
}

export const hitsSection = (record) => record.hits.length
  ? el('section', { class: 'hits' }, el('h2', {}, t('hit.title')), record.hits.map((hit) => hitCard(hit, record)))
  : null;
export { checkName };

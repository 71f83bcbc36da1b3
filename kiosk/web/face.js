// SPDX-License-Identifier: Apache-2.0
// The portrait beside the document's, what speaks against it, and what a comparison found. Nothing
// here decides: the officer looks.
import * as api from './api.js';
import { el } from './dom.js';
import { t } from './i18n.js';
import { closeButton, closeDialog, openDialog } from './dialog.js';

// Why the officer leaves a portrait out; the booth's own reasons (no camera and so on) are not chosen.
const SKIPS = ['CHILD', 'PHYSICAL_TEMPORARY', 'PHYSICAL_PERMANENT', 'EXEMPT', 'REFUSED', 'OFFICER_SKIPPED'];

// The same picture keeps its element, so that drawing the page again does not make it flicker.
const shown = {};

function picture(kind, crossing, alt) {
  const url = `${api.portraitUrl(crossing.crossing_id, kind)}?take=${crossing.face.takes}`;
  if (shown[kind]?.getAttribute('src') !== url) shown[kind] = el('img', { src: url, class: 'portrait', width: 120, height: 160 });
  shown[kind].alt = alt;
  return shown[kind];
}

// Nothing of a traveller stays in the page's memory.
export function forgetPortraits() {
  for (const kind of Object.keys(shown)) delete shown[kind];
}

function compared(face) {
  const found = face.compared;
  if (!face.live || !face.document) return null;
  if (!found || found.result === 'failed') return el('p', { class: 'hint' }, t(found ? 'compare.failed' : 'compare.eye'));
  const score = (value) => (value / 1000).toFixed(3);
  const text = t(`compare.${found.result}`, { ...found, score: score(found.score), threshold: score(found.threshold) });
  return el('div', { class: `compared ${found.result}` }, el('p', {}, text),
    found.result === 'above' || found.result === 'below'
      ? el('p', { class: 'hint' }, t('compare.meaning', found)) : null);
}

export function faceCard(desk) {
  const { crossing } = desk;
  const face = crossing?.face;
  if (!face) return null;
  const none = (text) => el('p', { class: 'portrait empty' }, text);
  const cameras = desk.state.cameras ?? {};
  return el('section', { class: 'card face', 'aria-label': t('face.title') }, el('h2', {}, t('face.title')),
    el('div', { class: 'portraits' },
      el('figure', {}, face.live ? picture('live', crossing, t('face.live')) : none(t(`face.none.${face.missing}`)),
        el('figcaption', {}, t('face.live'))),
      el('figure', {}, face.document ? picture('document', crossing, t('face.document')) : none(t('face.none.document')),
        el('figcaption', {}, t('face.document')))),
    face.findings.length ? el('p', { class: 'hint', id: 'face-findings' }, t('face.findings'), ' ',
      face.findings.map((word) => t(`guide.${word}`)).join(' ')) : null,
    face.live && !face.pose_judged ? el('p', { class: 'hint', id: 'face-pose' }, t('face.pose_not_judged')) : null,
    compared(face),
    cameras.traveller === 'ready' ? el('p', { class: 'hint' }, el('kbd', {}, 'F'), ` ${t('face.take')} `,
      el('kbd', {}, 'X'), ` ${t('face.skip')}`) : null);
}

export function openSkip(desk) {
  const skip = (reason) => () => {
    closeDialog();
    desk.portrait(reason);
  };
  openDialog(t('face.skip'), Object.fromEntries(SKIPS.map((word, i) => [`${i + 1}`, skip(word)])),
    el('p', {}, t('face.skip.text')),
    SKIPS.map((word, i) => el('button', { type: 'button', class: 'option', onclick: skip(word) },
      el('kbd', {}, `${i + 1}`), el('span', {}, t(`face.none.${word}`)))),
    closeButton());
}

// SPDX-License-Identifier: Apache-2.0
// The face beside the document, as the booth recorded it. Drawn and not linked to: a picture never has
// an address, and goes with the page.
import { el } from './dom.js';
import { t } from './i18n.js';

async function draw(canvas, base64) {
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext('2d').drawImage(bitmap, 0, 0);
    bitmap.close();
    canvas.dataset.drawn = 'yes';
  } catch {
    canvas.replaceWith(el('p', { class: 'portrait empty' }, t('face.broken')));
  }
}

function figure(record, kind, absent) {
  const one = (record.portraits ?? []).find((each) => each.kind === kind);
  const name = t(`face.${kind}`);
  const canvas = one ? el('canvas', { class: 'portrait', width: 240, height: 320, role: 'img', 'aria-label': name }) : null;
  if (one) draw(canvas, one.jpeg);
  return el('figure', {}, canvas ?? el('p', { class: 'portrait empty' }, absent), el('figcaption', {}, name));
}

function compared({ score, threshold, result, model }) {
  if (!model) return el('p', { class: 'hint' }, t({ 3: 'face.compare.none_found', 5: 'face.compare.unanswered' }[result] ?? 'face.compare.off'));
  const number = (value) => (value / 1000).toFixed(3);
  return el('div', {}, el('p', {}, t(result === 1 ? 'face.compare.above' : 'face.compare.below', { score: number(score), threshold: number(threshold) })),
    el('p', { class: 'hint' }, t('face.compare.meaning', { model: model.name, licence: model.licence, measured_on: model.measured_on,
      false_match: model.false_match_per_million, false_non_match: model.false_non_match_per_million })));
}

// Null for records from before booths had cameras.
export function faceSection(record) {
  if (!record.portraits) return null;
  const { face } = record;
  return el('section', { class: 'card face' }, el('h2', {}, t('face.title')),
    el('div', { class: 'portraits' },
      figure(record, 'LIVE', face.missing ? t(`face.missing.${face.missing}`) : ''),
      figure(record, 'DOCUMENT', t('face.none.DOCUMENT'))),
    face.findings.length ? el('p', { class: 'hint' }, t('face.findings'), ' ', face.findings.map((word) => t(`face.finding.${word}`)).join(', ')) : null,
    face.missing || face.pose_judged ? null : el('p', { class: 'hint' }, t('face.pose_not_judged')),
    face.missing ? null : compared(face));
}

// SPDX-License-Identifier: Apache-2.0
// The middle of the screen: what the lane is doing, and the verdict when there is one.
import { el, put } from './dom.js';
import { t } from './i18n.js';
import { cameraCard } from './camera.js';
import { checksCard } from './checks.js';
import { faceCard } from './face.js';
import { hitsCard } from './hits.js';
import { shiftCard } from './shift.js';
import { travellerCard } from './traveller.js';

// Colour never stands alone: each result has its own icon and word.
const LOOK = { 1: ['good', '✓'], 2: ['bad', '✕'], 3: ['warn', '?'], 4: ['none', '–'], 5: ['none', '■'] };

function verdict(crossing) {
  const [kind, icon] = LOOK[crossing.total];
  return el('section', { class: `verdict ${kind}`, 'aria-label': t(`result.${crossing.total}`) },
    el('span', { class: 'icon', 'aria-hidden': 'true' }, icon),
    el('div', {}, el('h1', {}, t(`total.${crossing.total}`)), el('p', {}, t(`result.${crossing.total}`))));
}

function waiting(state) {
  const { lane, recorded, reader, fault } = state;
  const present = reader?.state === 'ready';
  const detail = {
    idle: present ? t('lane.idle.reader') : t('lane.idle.no_reader'),
    recorded: recorded ? t('lane.recorded.detail', recorded) : '',
    fault: fault ?? '',
  }[lane] ?? '';
  const icon = { idle: present ? '▭' : '✕', reading: '…', checking: '…', recorded: '✓', fault: '✕' }[lane] ?? '';
  const word = lane === 'recorded' && recorded ? ` · ${t(`decide.${recorded.decision}`)}` : '';
  return el('section', { class: `verdict lane-${lane}` },
    el('span', { class: 'icon', 'aria-hidden': 'true' }, icon),
    el('div', {}, el('h1', {}, t(`lane.${lane}`) + word), el('p', {}, detail),
      lane === 'fault' ? el('p', {}, el('kbd', {}, 'R'), ` ${t('lane.fault.again')}`) : null));
}

function correctionHint({ mrz, checks }) {
  if (checks.some((check) => check.code === 'digits_repaired' && check.result === 3))
    return el('p', { class: 'notice' }, el('kbd', {}, 'C'), ` ${t('correct.repaired')}`);
  if (mrz?.verdict !== 'invalid' || !mrz.doubtful.length) return null;
  return el('p', { class: 'notice' }, el('kbd', {}, 'C'), ` ${t('correct.hint')}`);
}

export function drawLane(place, desk) {
  const { state } = desk;
  const crossing = desk.crossing;
  const notice = state.notice
    ? el('p', { class: 'notice' }, el('span', { 'aria-hidden': 'true' }, '! '), t(`notice.${state.notice}`)) : null;
  if (!crossing) {
    put(place, el('div', { class: 'columns' },
      el('div', { class: 'wide' }, notice, waiting(state)), el('div', { class: 'narrow' }, cameraCard(desk), shiftCard(desk))));
    return;
  }
  put(place, el('div', { class: 'columns' },
    el('div', { class: 'wide' }, notice, verdict(crossing), correctionHint(crossing), hitsCard(crossing), travellerCard(desk),
      el('div', { class: 'faces' }, faceCard(desk), cameraCard(desk))),
    el('div', { class: 'narrow' }, checksCard(crossing), shiftCard(desk))));
}

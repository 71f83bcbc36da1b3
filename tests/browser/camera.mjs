// SPDX-License-Identifier: Apache-2.0
// The traveller's camera on the officer's page, by keyboard, in English and in Persian; and the
// portrait before the supervisor.
import assert from 'node:assert/strict';
import path from 'node:path';
import { accessible, close, heading, lay, openWindow, place, press, shot, signIn, simulate } from './browser.mjs';

const CAMERA = 'port=1-5';
const show = (name) => simulate('show', CAMERA, path.join(place.travellers, `${name}.jpg`));

async function withCamera(run) {
  simulate('plug', CAMERA, 'model=uvc-bulk');
  try {
    show('nobody');
    await run();
  } finally {
    simulate('unplug', CAMERA);
  }
}

async function officer(browser, language) {
  const page = await openWindow(browser, `${place.booth}/?lang=${language}`);
  await signIn(page, 'officer');
  await page.waitForSelector('.verdict');
  return page;
}

const guide = (page, word) => page.waitForSelector(`.guide[data-word="${word}"]`, { state: 'attached' });
const framesGoOn = async (page) => {
  const shown = () => Number(document.querySelector('canvas.camera')?.dataset.frames ?? 0);
  const before = await page.evaluate(shown);
  await page.waitForFunction((seen) => Number(document.querySelector('canvas.camera').dataset.frames) >= seen + 15, before);
};
const crossing = (page) => page.evaluate(async () => (await (await fetch('/api/state')).json()).crossing);

// The colour in the middle of the picture, to know that it is really drawn.
const middle = (page, selector) => page.evaluate((wanted) => {
  const canvas = document.querySelector(wanted);
  return [...canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height * 0.55, 1, 1).data];
}, selector);

async function liveView(browser) {
  await withCamera(async () => {
    const page = await officer(browser, 'en');
    await framesGoOn(page);
    await guide(page, 'no_face');
    assert.match(await page.textContent('.guide'), /No face is seen/);
    show('two');
    await guide(page, 'several_faces');
    show('far');
    await guide(page, 'too_far');
    assert.match(await page.textContent('.guide'), /Come closer/);
    await accessible(page, 'live view');
    await shot(page, 'booth-live-guide');
    lay('clean');
    await heading(page, 'No objection found');
    await press(page, 'f'); // by key, with what speaks against it
    await page.waitForSelector('img.portrait');
    assert.match(await page.textContent('#face-findings'), /Come closer/);
    show('traveller');
    await guide(page, '');
    await press(page, 'f'); // taken again
    await page.waitForFunction(() => !document.querySelector('#face-findings') && document.querySelector('img.portrait')?.naturalWidth === 240);
    const [red, , blue] = await middle(page, 'canvas.camera');
    assert.ok(red > blue + 20, 'the traveller is drawn');
    await accessible(page, 'portrait');
    await shot(page, 'booth-portrait');
    await press(page, 's');
    await heading(page, 'Recorded');
    assert.equal(await page.locator('img.portrait').count(), 0, 'the portrait goes with the traveller');
    const { recorded } = await page.evaluate(async () => (await fetch('/api/state')).json());
    await close(page);
    await supervisor(browser, recorded);
  });
}

// Down to that crossing's row, whatever stands above it.
async function choose(page, { epoch, seq }) {
  const row = page.locator('tr', { hasText: new RegExp(`/ ${epoch} / ${seq}(?!\\d)`) });
  await row.waitFor();
  for (let i = 0; i < 50 && await row.getAttribute('aria-selected') !== 'true'; i++) await page.keyboard.press('ArrowDown');
  assert.equal(await row.getAttribute('aria-selected'), 'true');
}

async function supervisor(browser, recorded) {
  const page = await openWindow(browser, `${place.console}/`);
  await signIn(page, 'supervisor');
  await choose(page, recorded);
  await press(page, 'Enter');
  await page.waitForSelector('dialog[open]');
  await press(page, '1');
  await page.waitForSelector('.face canvas.portrait[data-drawn=yes]');
  const [red, , blue] = await middle(page, '.face canvas.portrait');
  assert.ok(red > blue + 20, 'the portrait is the traveller');
  assert.match(await page.textContent('.face'), /No portrait was read from the document/);
  await accessible(page, 'record with a portrait');
  await shot(page, 'console-portrait');
  await close(page);
}

// At the right moment by itself, in a page that runs from right to left.
async function portraitByItself(browser) {
  await withCamera(async () => {
    const page = await officer(browser, 'fa');
    await page.waitForFunction(() => document.documentElement.dir === 'rtl');
    lay('clean');
    await page.waitForSelector('.face');
    await guide(page, 'no_face');
    assert.equal((await crossing(page)).face.live, false);
    while ((await crossing(page)).face.lingers) await page.waitForTimeout(100); // until the last one has left
    show('traveller');
    await page.waitForFunction(() => document.querySelector('img.portrait')?.naturalWidth === 240);
    assert.match(await page.textContent('.face'), /تصویر چهره/);
    await accessible(page, 'portrait, right to left');
    await shot(page, 'booth-portrait-fa');
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(sideways, false, 'nothing runs out of the page');
    await press(page, 'x');
    await page.waitForSelector('dialog[open]');
    await accessible(page, 'reasons, right to left');
    await shot(page, 'booth-portrait-skip-fa');
    await press(page, '4');
    await page.waitForFunction(() => !document.querySelector('img.portrait') && document.querySelector('.portrait.empty'));
    assert.equal((await crossing(page)).face.missing, 'EXEMPT');
    await press(page, 's');
    await page.waitForSelector('.lane-recorded');
    await close(page);
  });
}

// Each advice for whoever holds the document, in both directions of writing; and each goes again.
const ADVICE = {
  en: { turn: /Turn the document over/, closer: /closer/, glare: /Light is reflected/, still: /Hold the document still/ },
  fa: { turn: /برگردانید/, closer: /نزدیک‌تر/, glare: /نور بازمی‌تابد/, still: /بی‌حرکت/ },
};
const DOCUMENT = 'port=1-6';
const onDesk = (name) => simulate('show', DOCUMENT, path.join(place.travellers, `desk-${name}.jpg`));

async function documentGuides(browser) {
  for (const [language, advice] of Object.entries(ADVICE)) {
    simulate('plug', DOCUMENT, 'model=uvc-bulk');
    try {
      onDesk('empty');
      const page = await officer(browser, language);
      await guide(page, '');
      for (const [word, text] of Object.entries(advice)) {
        onDesk(word);
        await guide(page, word);
        assert.match(await page.textContent('.guide'), text);
        await shot(page, `booth-guide-${word}-${language}`);
        onDesk('empty');
        await guide(page, '');
      }
      onDesk('page');
      await page.waitForFunction(async () => (await (await fetch('/api/state')).json()).lane === 'deciding');
      await guide(page, 'read'); // and no advice is left
      await accessible(page, `document camera, ${language}`);
      await shot(page, `booth-document-read-${language}`);
      await press(page, 's');
      await page.waitForSelector('.lane-recorded');
      await close(page);
    } finally {
      simulate('unplug', DOCUMENT);
    }
  }
}

// What may be said by key instead of a portrait: every word of it reaches the lane.
async function reasonsByKey(browser) {
  const words = ['CHILD', 'PHYSICAL_TEMPORARY', 'PHYSICAL_PERMANENT', 'EXEMPT', 'REFUSED', 'OFFICER_SKIPPED'];
  await withCamera(async () => {
    const page = await officer(browser, 'en');
    lay('clean');
    await heading(page, 'No objection found');
    for (const [i, word] of words.entries()) {
      await press(page, 'x');
      await page.waitForSelector('dialog[open]');
      await press(page, `${i + 1}`);
      await page.waitForFunction(async (wanted) => (await (await fetch('/api/state')).json()).crossing.face.missing === wanted, word);
      assert.equal(await page.locator('dialog[open]').count(), 0);
    }
    await press(page, 's');
    await heading(page, 'Recorded');
    await close(page);
  });
}

// A panel that stood open when the traveller changed does nothing to the next one.
async function panelOfAnother(browser) {
  const page = await officer(browser, 'en');
  lay('clean');
  await heading(page, 'No objection found');
  const first = await crossing(page);
  await press(page, 'p');
  await page.waitForSelector('dialog[open]');
  await page.evaluate(async (id) => { // decided elsewhere
    const { csrf } = await (await fetch('/api/session')).json();
    await fetch('/api/decision', { method: 'POST', headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' },
      body: JSON.stringify({ crossing_id: id, decision: 'SECOND_LINE' }) });
  }, first.crossing_id);
  await heading(page, 'Recorded');
  assert.equal(await page.locator('dialog[open]').count(), 0, 'the panel was closed');
  await close(page);
}

// The last traveller's picture goes with the view, and why a verdict is what it is can be seen.
async function nothingStays(browser) {
  await withCamera(async () => {
    const page = await officer(browser, 'en');
    show('traveller');
    await guide(page, '');
    await framesGoOn(page);
    lay('specimen');
    await heading(page, 'Stop and look');
    // In one step: the page may be drawn again between looking for an element and measuring it.
    const bottom = await page.evaluate(() => document.querySelector('.checks li.bad').getBoundingClientRect().bottom);
    assert.ok(bottom < 800, `the failed check stands within the window, not at ${bottom}`);
    await page.evaluate(() => { window.canvas = document.querySelector('canvas.camera'); });
    await press(page, 's');
    await page.waitForSelector('.lane-recorded');
    await page.evaluate(async () => {
      const { csrf } = await (await fetch('/api/session')).json();
      await fetch('/api/sign-out', { method: 'POST', headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' }, body: '{}' });
    });
    await page.waitForSelector('#sign-in-user');
    await page.waitForFunction(() => window.canvas.getContext('2d').getImageData(0, 0, window.canvas.width, window.canvas.height).data.every((one) => one === 0));
    await close(page);
  });
}

// What a comparison found, as both pages put it: with threshold, rates and licence, and that it decides
// nothing. The pages' own code draws it; the answer is made up here.
const FOUND = { score: 412, threshold: 363, model: 'Tiny 1', licence: 'Apache-2.0', measured_on: 'nothing', false_match: 1000,
  false_non_match: 20000, reason: '' };
const drawBooth = (page, found) => page.evaluate(async (compared) => {
  const { faceCard } = await import('/web/face.js');
  const face = { live: true, document: true, takes: 1, findings: [], pose_judged: true, compared };
  return faceCard({ crossing: { crossing_id: 'none', face }, state: {} }).textContent;
}, found);
const drawConsole = (page, result, found) => page.evaluate(async ([answer, { score, threshold, model, licence, measured_on, false_match, false_non_match }]) => {
  const { faceSection } = await import('/face.js');
  const scored = answer < 3;
  return faceSection({ portraits: [], face: { missing: null, findings: [], pose_judged: true, result: answer,
    score: scored ? score : null, threshold: scored ? threshold : null,
    model: scored ? { name: model, licence, measured_on, false_match_per_million: false_match, false_non_match_per_million: false_non_match } : null } }).textContent;
}, [result, found]);
const STATED = [/0\.363/, /Apache-2\.0/, /Tiny 1/, /1000/, /20000/];

async function comparisonWords(browser) {
  const decidesNothing = { en: /decides nothing/, fa: /هیچ تصمیمی نمی‌گیرد/ };
  for (const language of ['en', 'fa']) {
    const page = await officer(browser, language);
    for (const [result, score] of [['above', '0.412'], ['below', '0.100']]) {
      const text = await drawBooth(page, { ...FOUND, result, score: Number(score) * 1000 });
      for (const wanted of [...STATED, decidesNothing[language]]) assert.match(text, wanted);
      assert.ok(text.includes(score));
    }
    for (const compared of [null, { ...FOUND, result: 'no_face' }, { ...FOUND, result: 'off', reason: 'no model' }])
      assert.doesNotMatch(await drawBooth(page, compared), /0\.363|20000/);
    await close(page);
  }
  const page = await openWindow(browser, `${place.console}/`);
  await page.waitForSelector('#user');
  for (const result of [1, 2]) {
    const text = await drawConsole(page, result, FOUND);
    for (const wanted of [...STATED, /decided nothing/]) assert.match(text, wanted);
  }
  const readBy = (record) => page.evaluate(async (one) => (await import('/record.js')).readBy(one), record);
  assert.equal(await readBy({ read_by: 'CAMERA', entry_method: 'MRZ' }), "camera's picture");
  assert.equal(await readBy({ read_by: 'READER', entry_method: 'MRZ' }), 'MRZ reader');
  assert.equal(await readBy({ entry_method: 'MANUAL' }), await readBy({ read_by: 'OFFICER', entry_method: 'MANUAL' }));
  for (const result of [3, 4]) assert.doesNotMatch(await drawConsole(page, result, FOUND), /0\.363|20000/);
  await close(page);
}

async function cameraGoesAway(browser) {
  const page = await officer(browser, 'en');
  await page.waitForFunction(() => document.querySelector('.cameras')?.textContent.includes('not plugged in'));
  await accessible(page, 'camera away');
  await withCamera(() => framesGoOn(page));
  await page.waitForFunction(() => document.querySelector('.cameras').textContent.includes('not plugged in'));
  await close(page);
}

export const cameraScenarios = { liveView, portraitByItself, cameraGoesAway, documentGuides, reasonsByKey, panelOfAnother, nothingStays,
  comparisonWords };

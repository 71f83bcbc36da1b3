// SPDX-License-Identifier: Apache-2.0
// The officer at the booth, by keyboard alone.
import assert from 'node:assert/strict';
import { accessible, close, heading, lay, openWindow, place, press, shot, signIn, simulate, type } from './browser.mjs';

const SPECIMEN = ['P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', 'L898902C36UTO7408122F1204159ZE184226B<<<<<10'];

export async function officer(browser) {
  const page = await openWindow(browser, place.booth);
  await signIn(page, 'officer');
  await page.waitForSelector('.verdict');
  return page;
}

const recent = (page) => page.evaluate(async () => (await fetch('/api/recent')).json());
const laneOf = (page) => page.evaluate(async () => (await (await fetch('/api/state')).json()).lane);

async function atCentre(page, count) {
  await page.waitForFunction(async (wanted) => {
    const { crossings } = await (await fetch('/api/recent')).json();
    return crossings.length >= wanted && crossings.every((one) => one.at_centre);
  }, count, { polling: 300 });
}

async function clean(browser) {
  const page = await openWindow(browser, place.booth);
  await page.waitForSelector('#sign-in-user');
  await accessible(page, 'sign-in');
  await shot(page, 'booth-sign-in');
  await signIn(page, 'officer');
  await heading(page, 'Ready');
  await accessible(page, 'waiting lane');
  await shot(page, 'booth-ready');
  lay('clean');
  await heading(page, 'No objection found');
  await accessible(page, 'clean verdict');
  await shot(page, 'booth-clean');
  await press(page, 'a'); // one keystroke; the bound is four
  await heading(page, 'Recorded · Admit');
  await shot(page, 'booth-recorded');
  await atCentre(page, 1);
  await close(page);
}

async function flagged(browser) {
  const page = await officer(browser);
  lay('listed-person');
  await heading(page, 'Stop and look');
  await page.waitForSelector('.hit');
  assert.match(await page.textContent('.hit'), /Stop and refer to second line/);
  assert.match(await page.textContent('.hit table'), /1985-03-14/);
  await accessible(page, 'flagged verdict');
  await shot(page, 'booth-flagged');
  await press(page, 'a');
  assert.equal(await laneOf(page), 'deciding', 'a stop alert lets nobody through at first line');
  await press(page, 's');
  await heading(page, 'Recorded · Second line');
  await close(page);
}

async function protection(browser) {
  const page = await officer(browser);
  lay('clean');
  await heading(page, 'No objection found');
  await press(page, 'p');
  await page.waitForSelector('dialog[open]');
  await accessible(page, 'protection panel');
  await shot(page, 'booth-protection');
  await press(page, '1');
  await heading(page, 'Recorded · Asylum');
  await atCentre(page, 1);
  const { crossings } = await recent(page);
  assert.ok(crossings.every((one) => one.decision !== 'REFER_ASYLUM'), 'the list of the shift must not tell');
  await close(page);
}

// A reader that types like a keyboard: 5 ms a key, Enter at the end of each line.
async function wedge(page) {
  for (const line of SPECIMEN) {
    await page.keyboard.type(line, { delay: 5 });
    await page.keyboard.press('Enter');
  }
  await page.waitForTimeout(600);
}

async function typedZone(browser) {
  const page = await officer(browser);
  lay('clean');
  await heading(page, 'No objection found');
  const before = (await recent(page)).crossings.length;
  await wedge(page);
  assert.equal(await laneOf(page), 'deciding');
  assert.equal(await page.locator('dialog[open]').count(), 0, 'no panel opened');
  await page.focus('#decide-A');
  await wedge(page);
  assert.equal(await laneOf(page), 'deciding', 'nor with a decision button in focus');
  await press(page, 'p');
  await page.waitForSelector('dialog[open]');
  await wedge(page);
  assert.equal(await laneOf(page), 'deciding', 'nor with the protection panel open');
  assert.equal((await recent(page)).crossings.length, before, 'nothing was recorded');
  if (await page.locator('dialog[open]').count()) await press(page, 'Escape');
  await press(page, 's');
  await heading(page, 'Recorded');
  await close(page);
}

// A repair that check digits prove is still only a proposal: the officer compares and confirms it.
async function misread(browser) {
  const page = await officer(browser);
  lay('misread');
  await heading(page, 'Undetermined');
  assert.match(await page.textContent('.checks'), /REPAIRED/);
  assert.equal(await page.locator('.traveller mark').count(), 1, 'the changed character is marked');
  await accessible(page, 'repaired verdict');
  await shot(page, 'booth-repaired');
  await press(page, 'c');
  await page.waitForSelector('dialog[open] textarea');
  await page.keyboard.press('Tab');
  await page.waitForTimeout(200);
  await page.keyboard.press('Enter');
  await heading(page, 'No objection found');
  await press(page, 's');
  await heading(page, 'Recorded');
  await close(page);
}

async function expired(browser) {
  const page = await officer(browser);
  lay('specimen');
  await heading(page, 'Stop and look');
  await press(page, 'a');
  await page.waitForSelector('dialog[open] #note-text');
  await accessible(page, 'note panel');
  await type(page, 'training run');
  await page.keyboard.press('Enter');
  await heading(page, 'Recorded · Admit');
  await close(page);
}

async function typeByHand(browser) {
  const page = await officer(browser);
  await page.waitForFunction(() => document.querySelector('#banner').textContent.includes('NO READER'));
  await shot(page, 'booth-no-reader');
  await press(page, 'm');
  await page.waitForSelector('dialog[open] textarea');
  await accessible(page, 'manual entry');
  const send = async () => {
    await page.keyboard.press('Tab');
    await page.waitForTimeout(200);
    await page.keyboard.press('Enter');
  };
  await page.keyboard.type('NOZONE'.repeat(20), { delay: 15 });
  await send();
  await page.waitForSelector('#dialog-refusal');
  assert.match(await page.inputValue('dialog textarea'), /NOZONE/, 'what was typed is kept');
  await page.fill('dialog textarea', '');
  await page.focus('dialog textarea');
  await page.keyboard.type(SPECIMEN.join('\n'), { delay: 15 });
  await send();
  await heading(page, 'Stop and look');
  await press(page, 's');
  await heading(page, 'Recorded');
  await close(page);
}

async function withoutReader(browser) {
  simulate('unplug');
  try {
    await typeByHand(browser);
  } finally {
    simulate('plug');
  }
  const page = await officer(browser);
  await page.waitForFunction(() => document.querySelector('#banner').textContent.includes('reader ready'));
  await close(page);
}

async function rightToLeft(browser) {
  const page = await openWindow(browser, `${place.booth}/?lang=fa`);
  await signIn(page, 'officer');
  await page.waitForFunction(() => document.documentElement.dir === 'rtl' && document.querySelector('.verdict'));
  lay('listed-person');
  await page.waitForSelector('.hit');
  await accessible(page, 'right to left');
  await shot(page, 'booth-flagged-fa');
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(sideways, false, 'nothing runs out of the page');
  await press(page, 's');
  await page.waitForSelector('.lane-recorded');
  await close(page);
}

export const boothScenarios = { clean, flagged, protection, typedZone, misread, expired, withoutReader, rightToLeft };

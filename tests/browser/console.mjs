// SPDX-License-Identifier: Apache-2.0
// The shift supervisor and the protection unit at the console, by keyboard alone; and the officer
// who gets the answer.
import assert from 'node:assert/strict';
import { officer } from './booth.mjs';
import { accessible, close, heading, lay, openWindow, place, press, shot, signIn, type } from './browser.mjs';

// Signed in at the centre, or with the protection unit's own opener.
async function person(browser, user, unit = '') {
  const page = await openWindow(browser, `${place.console}/${unit}`);
  await signIn(page, user);
  await page.waitForSelector('main h1');
  return page;
}

// Opens the first crossing of the queue with a reason.
async function openFirst(page) {
  await page.waitForSelector('#row-0');
  await press(page, 'Enter');
  await page.waitForSelector('dialog[open]');
  await press(page, '1');
  await page.waitForSelector('.record-head');
}

async function record(page, key, reason) {
  if (key) await press(page, key);
  await page.focus('#d-reason');
  await type(page, reason);
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('.done');
}

async function review(browser) {
  const booth = await officer(browser);
  lay('lost-document');
  await booth.waitForSelector('.hit');
  await press(booth, 's');
  await heading(booth, 'Recorded');
  const page = await openWindow(browser, `${place.console}/`);
  await page.waitForSelector('#user');
  await accessible(page, 'console sign-in');
  await shot(page, 'console-sign-in');
  await signIn(page, 'supervisor');
  await page.waitForSelector('#row-0');
  assert.match(await page.textContent('#row-0'), /stop/i, 'the most severe stands first');
  await accessible(page, 'queue');
  await shot(page, 'console-queue');
  await openFirst(page);
  assert.match(await page.textContent('main'), /X12345678|D23145890/);
  await accessible(page, 'record');
  await shot(page, 'console-record');
  await press(page, 's');
  await page.waitForSelector('#d-reason');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('#decide-refused:not([hidden])');
  await record(page, '', 'Held for the owner to confirm');
  await accessible(page, 'decision recorded');
  await shot(page, 'console-decided');
  await booth.waitForSelector('#answers li', { timeout: 30000 });
  assert.match(await booth.textContent('#answers'), /Second line/);
  assert.match(await booth.textContent('#answers'), /Held for the owner to confirm/);
  await shot(booth, 'booth-answer');
  await close(page);
  await close(booth);
}

async function falseMatch(browser) {
  const page = await person(browser, 'supervisor');
  await openFirst(page);
  await record(page, 'f', 'Other person: the birth place differs');
  await press(page, 'Enter');
  await page.waitForSelector('#toggle-reviewed');
  await press(page, 'v');
  await page.waitForFunction(() => document.querySelectorAll('tr[aria-selected]').length >= 2);
  await shot(page, 'console-reviewed');
  await close(page);
}

// A referral looks like any second-line crossing to the supervisor; refusing it is held back.
async function refusalHeldBack(browser) {
  const booth = await officer(browser);
  lay('misread');
  await heading(booth, 'Undetermined');
  await press(booth, 'p', '1');
  await heading(booth, 'Recorded · Asylum');
  const page = await person(browser, 'supervisor');
  await page.waitForFunction(() => document.querySelector('#row-0'));
  await page.waitForTimeout(500);
  await press(page, 'End');
  await press(page, 'Enter');
  await page.waitForSelector('dialog[open]');
  await press(page, '1');
  await page.waitForSelector('.record-head');
  assert.match(await page.textContent('main'), /K77M03R93/);
  assert.doesNotMatch(await page.textContent('main'), /asylum/i);
  await press(page, 'x');
  await page.waitForSelector('#d-reason');
  await shot(page, 'console-refusal');
  await page.check('input[name=answer][value=NO]');
  await page.check('input[name=grounds] >> nth=0');
  await page.fill('#d-form_number', 'F-1');
  await page.check('input[name=handed_over]');
  await page.check('input[name=remedy_notice]');
  await page.focus('#d-reason');
  await type(page, 'No valid document');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('#decide-refused:not([hidden])');
  assert.match(await page.textContent('#decide-refused'), /protection/i);
  await shot(page, 'console-refusal-held');
  await close(page);
  await close(booth);
}

async function protectionUnit(browser) {
  const page = await person(browser, 'protection', '#protection');
  await page.waitForSelector('#row-0');
  await accessible(page, 'referrals');
  await shot(page, 'console-referrals');
  await press(page, 'Enter');
  await page.waitForSelector('dialog[open]');
  await press(page, '1');
  await page.waitForSelector('.traveller');
  await accessible(page, 'referral');
  await shot(page, 'console-referral');
  await close(page);
}

async function consoleRightToLeft(browser) {
  const page = await openWindow(browser, `${place.console}/`);
  await page.waitForSelector('#user');
  await page.selectOption('#language', 'fa');
  await page.waitForFunction(() => document.documentElement.dir === 'rtl');
  await page.focus('#user');
  await signIn(page, 'supervisor');
  await page.waitForSelector('#row-0');
  await accessible(page, 'queue, right to left');
  await shot(page, 'console-queue-fa');
  await close(page);
}

export const consoleScenarios = { review, falseMatch, refusalHeldBack, protectionUnit, consoleRightToLeft };

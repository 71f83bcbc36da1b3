// SPDX-License-Identifier: Apache-2.0
// Releases of watchlists: an editor, an approver and IT at the console, by keyboard alone; a booth
// that says what it has.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { accessible, close, heading, openWindow, place, press, shot, signIn } from './browser.mjs';

async function person(browser, user, language = '') {
  const page = await openWindow(browser, `${place.console}/${language ? `?lang=${language}` : ''}`);
  await signIn(page, user);
  await page.waitForSelector('#sign-out');
  await press(page, '3');
  await page.waitForSelector('#grid');
  return page;
}

// The draft that is chosen, as a key opens it.
async function openDraft(page, release) {
  await page.waitForSelector(`#draft-${release}[aria-selected]`);
  await press(page, 'Enter');
  await page.waitForSelector('#step-4');
}

// Answers the question why by its first choice.
async function because(page) {
  await page.waitForSelector('dialog[open]');
  await press(page, '1');
}

async function handIn(page, release, who) {
  if (await page.$('details:not([open])')) {
    await page.focus('details summary');
    await press(page, 'Enter');
  }
  await page.setInputFiles('#signature', path.join(place.lists, `release-${release}.${who}.sig`));
  await page.focus('#hand-in');
  await press(page, 'Enter');
}

const refused = async (page, words) => {
  await page.waitForSelector('#sign-refused');
  assert.match(await page.textContent('#sign-refused'), words);
};

// The booth's own word, as its lists service leaves it for the heartbeat.
function boothSays(release, reason = '') {
  writeFileSync(path.join(place.boothLists, 'status.json'), JSON.stringify({
    format: 1, epoch: 1, release, state: 'IDLE', reason, detail: '', at: new Date().toISOString(), volume: 'PLAIN',
  }));
}

const gridSays = (page, words) => page.waitForFunction((text) => document.querySelector('#grid tbody')?.textContent.includes(text), words, { timeout: 30000 });

// IT sees numbers, runs the draft dry, and can release nothing that nobody signed.
async function listDraft(browser) {
  const page = await person(browser, 'it');
  await heading(page, 'Watchlist releases');
  await accessible(page, 'releases');
  await shot(page, 'lists-overview');
  await openDraft(page, 41);
  assert.match(await page.textContent('#step-1'), /numbers/);
  assert.equal(await page.$('[id^=rows-]'), null, 'IT is offered no rows');
  assert.equal(await page.isDisabled('#put'), true);
  await press(page, 'd');
  await because(page);
  await page.waitForFunction(() => /crossings/.test(document.getElementById('step-2').textContent) && !document.getElementById('dry-run').disabled);
  assert.doesNotMatch(await page.textContent('main'), /X12345678/);
  await accessible(page, 'draft');
  await shot(page, 'lists-draft-it');
  await press(page, 'Escape');
  await page.waitForSelector('#grid');
  await close(page);
}

// The first signature is an editor's; a stranger's key and a second one by the same person are not.
async function listEditor(browser) {
  const page = await person(browser, 'editor');
  await openDraft(page, 41);
  await page.focus('#rows-utopia');
  await press(page, 'Enter');
  await because(page);
  await page.waitForSelector('#rows');
  assert.match(await page.textContent('#rows'), /X12345678/);
  await accessible(page, 'changed rows');
  await shot(page, 'lists-rows');
  assert.match(await page.getAttribute('#payload', 'href'), /41\/payload/);
  assert.match(await page.textContent('#digests'), /[0-9a-f]{64}/);
  await handIn(page, 41, 'stranger');
  await page.waitForSelector('#sign-refused');
  await accessible(page, 'refused signature');
  await shot(page, 'lists-sign-refused');
  await handIn(page, 41, 'first');
  await page.waitForSelector('#signers');
  assert.match(await page.textContent('#sign-state'), /approver/);
  await handIn(page, 41, 'second');
  await refused(page, /another person/);
  await shot(page, 'lists-same-person');
  await close(page);
}

async function listApprover(browser) {
  const page = await person(browser, 'approver');
  await openDraft(page, 41);
  await handIn(page, 41, 'first');
  await refused(page, /This key has signed/);
  await handIn(page, 41, 'second');
  await page.waitForFunction(() => document.querySelectorAll('#signers li').length === 2);
  await shot(page, 'lists-signed');
  await press(page, 'p');
  await because(page);
  await page.waitForSelector('#reach');
  assert.match(await page.textContent('#reach'), /Canary booths only/);
  await accessible(page, 'in force at the canary booths');
  await shot(page, 'lists-canary');
  await close(page);
}

// IT widens it, halts it, and sees which booth has it.
async function listRollOut(browser) {
  const page = await person(browser, 'it');
  boothSays(40, 'NO_SPACE');
  await gridSays(page, 'Its disk is full');
  await shot(page, 'lists-grid-failed');
  // The number alone is not the release: this booth holds the demo's lists.
  boothSays(41);
  await gridSays(page, 'Holds something else');
  assert.match(await page.textContent('#summary'), /0 of 1 booths have release 41/);
  await press(page, 'w');
  await page.waitForSelector('dialog[open]');
  assert.match(await page.textContent('#dialog-title'), /Canary booths do not have it: KSK-1: Holds something else/);
  await accessible(page, 'going on without the canary booths');
  await shot(page, 'lists-despite-canaries');
  await because(page);
  await page.waitForFunction(() => /10 %/.test(document.getElementById('reach').textContent));
  await press(page, 'h');
  await because(page);
  await page.waitForFunction(() => /Halted/.test(document.getElementById('reach').textContent));
  await accessible(page, 'halted');
  await shot(page, 'lists-halted');
  await close(page);
}

// The content of before comes back under a higher number, by the same two persons.
async function listRollBack(browser) {
  for (const [user, who] of [['editor', 'first'], ['approver', 'second']]) {
    const page = await person(browser, user);
    await openDraft(page, 42);
    await handIn(page, 42, who);
    await page.waitForSelector('#signers');
    if (user === 'approver') {
      await press(page, 'p');
      await because(page);
      await page.waitForSelector('#reach');
      assert.match(await page.textContent('main'), /Release 42/);
      for (const percent of [10, 50, 100]) {
        await press(page, 'w');
        await because(page);
        await page.waitForFunction((n) => new RegExp(n === 100 ? 'Every booth' : `${n} %`).test(document.getElementById('reach').textContent), percent);
      }
      await shot(page, 'lists-rolled-back');
      await press(page, 'r');
      await heading(page, 'Return to older content');
      assert.match(await page.textContent('#older-41'), /rollback --repository REPOSITORY --to 41 --out back/);
      assert.match(await page.textContent('#older-41'), /--list back\/utopia-3\.dvlist/);
      await accessible(page, 'return to older content');
      await shot(page, 'lists-older');
      await press(page, 'Escape');
      await page.waitForSelector('#grid');
    }
    await close(page);
  }
}

async function listsRightToLeft(browser) {
  const page = await person(browser, 'it', 'fa');
  await page.waitForFunction(() => document.documentElement.dir === 'rtl');
  await accessible(page, 'releases, right to left');
  await shot(page, 'lists-overview-fa');
  await close(page);
}

// Opened in Persian before anybody has signed: the steps, the command that stays left to right.
async function listDraftRightToLeft(browser) {
  const page = await person(browser, 'editor', 'fa');
  await openDraft(page, 41);
  await accessible(page, 'draft, right to left');
  await page.evaluate(() => document.getElementById('step-3').scrollIntoView());
  await shot(page, 'lists-draft-fa');
  await close(page);
}

export const listScenarios = { listDraft, listDraftRightToLeft, listEditor, listApprover, listRollOut, listRollBack, listsRightToLeft };

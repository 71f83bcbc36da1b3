// SPDX-License-Identifier: Apache-2.0
// The browser, the simulated reader and what every scenario needs.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const place = JSON.parse(process.env.CHECKPOINT);
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Longer than a key must stand alone (kiosk/web/keys.js), with room for a busy machine.
const KEY_PAUSE_MS = 350;

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function startBrowser() {
  return chromium.launch({ executablePath: place.chromium, headless: true, args: FLAGS });
}

// A window of its own; whatever the page complains about fails the scenario.
export async function openWindow(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is an answer that the scenario itself looks at.
    if (message.type() === 'error' && !/status of (4\d\d|503)|ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(message.text()))
      page.complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

export function simulate(...words) {
  return execFileSync(place.simulate[0], [...place.simulate.slice(1), ...words], { encoding: 'utf8' });
}

export const lay = (name) => simulate('lay', path.join(place.documents, `${name}.txt`));

// Types as a person does: each key stands alone.
export async function press(page, ...keys) {
  await page.waitForTimeout(KEY_PAUSE_MS);
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForTimeout(KEY_PAUSE_MS);
  }
}

export async function type(page, text) {
  await page.keyboard.type(text, { delay: 15 });
  await page.waitForTimeout(100);
}

export async function signIn(page, user, go = 'Enter') {
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
  await type(page, user);
  await page.keyboard.press('Tab');
  await type(page, place.passwords[user]);
  await page.keyboard.press(go);
}

export const shot = (page, name) => page.screenshot({ path: path.join(place.screenshots, `${name}.png`) });

// WCAG 2.1 A and AA as far as a machine can see it.
export async function accessible(page, name) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
  const said = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 3).join('; ')}`);
  assert.deepEqual(said, [], `${name} is not accessible`);
}

export const heading = (page, text) => page.waitForFunction(
  (wanted) => document.querySelector('main h1')?.textContent.includes(wanted), text);

export async function close(page) {
  const complaints = page.complaints;
  await page.context().close();
  assert.deepEqual(complaints, [], 'the page complained');
}

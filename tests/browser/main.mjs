// SPDX-License-Identifier: Apache-2.0
// Runs the scenarios one after another against one checkpoint and says how each ended.
import { shot, startBrowser } from './browser.mjs';
import { boothScenarios } from './booth.mjs';
import { cameraScenarios } from './camera.mjs';
import { consoleScenarios } from './console.mjs';
import { listScenarios } from './lists.mjs';

const all = { ...boothScenarios, ...cameraScenarios, ...consoleScenarios, ...listScenarios };
const names = process.argv.slice(2).length ? process.argv.slice(2) : Object.keys(all);
const browser = await startBrowser();
let failed = 0;

async function leaveWindows(name) {
  for (const context of browser.contexts()) {
    for (const page of context.pages()) await shot(page, `failed-${name}`).catch(() => {});
    await context.close();
  }
}

for (const name of names) {
  try {
    await all[name](browser);
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${name}: ${error.stack ?? error}`);
    await leaveWindows(name);
  }
}
await browser.close();
console.log(`${names.length - failed} of ${names.length} scenarios held`);
process.exit(failed ? 1 : 0);

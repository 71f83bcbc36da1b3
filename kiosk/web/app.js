// SPDX-License-Identifier: Apache-2.0
// The officer's page: what the booth says is drawn; what the officer presses is sent.
import * as api from './api.js';
import { put } from './dom.js';
import { t, useLanguage } from './i18n.js';
import { KeyGuard } from './keys.js';
import { drawBanner } from './banner.js';
import { drawBar } from './bar.js';
import { stopViews } from './camera.js';
import { drawLane } from './lane.js';
import { drawSignIn } from './sign_in.js';
import { closeDialog, dialogKey, isOpen } from './dialog.js';
import { Desk } from './desk.js';

const place = (id) => document.getElementById(id);

const desk = new Desk({ redraw, say, trouble, signedOut });
let source = null;

// Read aloud, once.
function say(text) {
  place('live').textContent = text;
}

function trouble(text) {
  place('trouble').hidden = !text;
  put(place('trouble'), text ?? '');
}

function redraw() {
  place('skip').textContent = t('ui.skip');
  document.title = `Darvaza · ${t('ui.title')}`;
  drawBanner(place('banner'), desk);
  if (!desk.officer) {
    drawSignIn(place('main'), desk);
    put(place('bar'));
    return;
  }
  drawLane(place('main'), desk);
  drawBar(place('bar'), desk);
}

// What stands on the screen while the booth is silent is history, and looks like it.
function stale(isStale) {
  document.body.classList.toggle('stale', isStale);
}

function onState(state) {
  stale(false);
  desk.take(state);
  trouble(desk.held ?? '');
}

function onLost(forGood) {
  stale(true);
  trouble(t('trouble.lost'));
  if (forGood) setTimeout(start, 1500);
}

function signedOut() {
  source?.close();
  source = null;
  closeDialog();
  stopViews();
  desk.reset();
  redraw();
}

// The booth ended it: idle, the account's end, or another window. Say so, or it looks like a mistake.
function ended() {
  const had = desk.officer;
  signedOut();
  if (had) trouble(t('sign_in.ended'));
}

function startListening() {
  source?.close();
  source = api.listen(onState, ended, onLost);
}

async function start() {
  try {
    const session = await api.session();
    stale(false);
    trouble(desk.lost ? t('decide.lost.sign_in') : '');
    if (!session.signed_in) return signedOut();
    startListening();
    desk.take(await api.state());
    await desk.findLost();
    await desk.refreshRecent();
  } catch (error) {
    if (error instanceof api.Refused) {
      trouble('');
      return signedOut();
    }
    trouble(t('trouble.lost'));
    redraw();
    setTimeout(start, 1500);
  }
}

desk.start = start;
await useLanguage();
desk.guard = new KeyGuard((letter) => {
  if (isOpen()) dialogKey(letter);
  else if (desk.officer) desk.key(letter);
});
start();

// SPDX-License-Identifier: Apache-2.0
// The console: who is signed in, which view stands, and where a key goes.
import * as api from './api.js';
import { isOpen, closeDialog, openDialog } from './dialog.js';
import { byId, el, kbd, put, typing } from './dom.js';
import { language, languages, t, useLanguage } from './i18n.js';
import { hideKiosks, showKiosks } from './kiosks.js';
import { hideLists, listsKey, showLists } from './lists.js';
import { hideQueue, queueKey, showQueue } from './queue.js';
import { openRecord, recordKey } from './record.js';
import { hideReferrals, referralKey, showReferrals } from './referrals.js';
import { showSignIn } from './sign_in.js';

// The opener ends idle sessions after 15 minutes; this page's own polling must not keep one alive.
const IDLE_MS = 15 * 60 * 1000;
let session = null;
let vocabulary = null;
let view = '';
let touched = Date.now();

const VIEWS = {
  queue: { may: 'queue', key: '1', show: showQueue, keys: queueKey },
  referrals: { may: 'referrals', key: '1', show: showReferrals, keys: referralKey },
  kiosks: { may: 'kiosks', key: '2', show: showKiosks, keys: () => false },
  lists: { may: 'lists', key: '3', show: showLists, keys: listsKey },
  record: { keys: recordKey },
};

const allowed = () => Object.keys(VIEWS).filter((name) => VIEWS[name].may && session.may.includes(VIEWS[name].may));

function stopViews() {
  hideQueue();
  hideKiosks();
  hideLists();
  hideReferrals();
}

function onGood() {
  byId('trouble').hidden = true;
}

function onError(error) {
  if (error instanceof api.Refused && error.status === 401) {
    ended(t('sign_in.ended'));
    return;
  }
  const place = byId('trouble');
  place.textContent = error instanceof api.NoAnswer ? t('error.no_answer') : error.message;
  place.hidden = false;
}

const host = () => ({ session, vocabulary, onGood, onError, onLeave: () => go('queue'), openItem });

async function openItem(item) {
  try {
    const shown = await openRecord(item, host());
    if (!shown) return;
    stopViews();
    view = 'record';
    onGood();
  } catch (error) {
    onError(error);
  }
}

function go(name) {
  stopViews();
  view = name;
  drawBanner();
  VIEWS[name].show(host());
}

function ended(message = '') {
  stopViews();
  closeDialog();
  session = null;
  view = '';
  drawBanner();
  byId('trouble').hidden = true;
  showSignIn(begin, message);
}

async function signOut() {
  try {
    await api.signOut();
  } catch { /* the cookie is gone or the server is: either way nobody is signed in here */ }
  ended();
}

async function begin(fresh) {
  session = fresh;
  touched = Date.now();
  try {
    vocabulary = await api.vocabulary();
  } catch (error) {
    onError(error);
  }
  const views = allowed();
  if (views.length) go(views[0]);
  else {
    drawBanner();
    put(byId('main'), el('p', { class: 'card empty' }, t('ui.nothing')));
  }
}

async function changeLanguage(event) {
  await useLanguage(event.target.value);
  drawBanner();
  if (!session) showSignIn(begin);
  else if (view !== 'record') go(view);
}

function drawBanner() {
  document.title = t('ui.title');
  byId('skip').textContent = t('ui.skip');
  const tab = (name) => el('button', { type: 'button', class: 'tab', 'aria-current': view === name ? 'page' : null, onclick: () => go(name) },
    t(`view.${name}`), kbd(VIEWS[name].key));
  put(byId('banner'), el('div', { class: 'who' }, el('strong', { class: 'brand' }, t('ui.title')),
    session ? el('nav', { 'aria-label': t('ui.views') }, allowed().map(tab)) : null, el('span', { class: 'spring' }),
    session ? el('span', { class: 'person' }, el('bdi', {}, session.display), ' · ', t(`role.${session.role}`), ' · ',
      el('bdi', {}, session.checkpoints[0] === '*' ? t('ui.everywhere') : session.checkpoints.join(', '))) : null,
    el('select', { id: 'language', 'aria-label': t('ui.language'), onchange: changeLanguage },
      languages.map((one) => el('option', { value: one.code, selected: one.code === language(), lang: one.code }, one.name))),
    session ? el('button', { type: 'button', class: 'quiet', id: 'sign-out', onclick: signOut }, t('sign_out')) : null));
}

function help() {
  const rows = [['J K ↑ ↓', 'keys.move'], ['Enter', 'keys.open'], ['Esc', 'keys.back'], ['V', 'queue.show_reviewed'], ['1 2 3', 'keys.views'],
    ['A N S F U X B', 'keys.choose'], ['Ctrl Enter', 'keys.record'], ['L', 'decide.let_go']];
  openDialog(t('keys.help'), el('dl', { class: 'keys' }, rows.map(([keys, word]) => [
    el('dt', {}, keys.split(' ').map((key) => el('kbd', {}, key))), el('dd', {}, t(word))])),
  el('button', { type: 'button', class: 'main', onclick: closeDialog, autofocus: true }, t('ui.close')));
}

// The letter that stands on the key in Latin, also where the keyboard writes another script.
function keyOf(event) {
  if (event.key.length > 1) return event.key;
  if (/^[\x20-\x7e]$/.test(event.key)) return event.key.toLowerCase();
  return /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase() ?? event.key;
}

function onKey(event) {
  touched = Date.now();
  if (!session || isOpen() || event.repeat || event.altKey || event.metaKey) return;
  const key = keyOf(event);
  const sends = event.ctrlKey && key === 'Enter';
  if (event.ctrlKey && !sends) return;
  if (typing(event.target) && key !== 'Escape' && !sends) return;
  if (key === 'Escape' && typing(event.target)) {
    event.target.blur();
    event.preventDefault();
    return;
  }
  // Enter and space belong to the button or choice that has the focus.
  if (!sends && (key === 'Enter' || key === ' ') && event.target.closest('button, a, input, select')) return;
  const tab = allowed().find((name) => VIEWS[name].key === key);
  if (key === '?') help();
  else if (tab && view !== 'record') go(tab);
  else if (!VIEWS[view]?.keys(key, event)) return;
  event.preventDefault();
}

document.addEventListener('keydown', onKey);
document.addEventListener('pointerdown', () => { touched = Date.now(); });
setInterval(() => session && Date.now() - touched > IDLE_MS && signOut(), 5000);

await useLanguage();
drawBanner();
try {
  await begin(await api.session());
} catch {
  ended();
}

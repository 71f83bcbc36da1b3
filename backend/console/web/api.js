// SPDX-License-Identifier: Apache-2.0
// The console's service (docs/formats/console-api.md).

let csrf = '';

export class Refused extends Error {
  constructor(status, body) {
    super(body.message ?? `HTTP ${status}`);
    this.status = status;
    this.word = body.error ?? '';
  }
}

export class NoAnswer extends Error {}

async function call(method, path, body) {
  const options = { method, headers: {}, cache: 'no-store', credentials: 'same-origin' };
  if (method !== 'GET') {
    options.headers['X-CSRF-Token'] = csrf;
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body ?? {});
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    throw new NoAnswer(error.message);
  }
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, json);
  if (json.csrf) csrf = json.csrf;
  return json;
}

const crossing = (base, key, verb) =>
  `/api/${base}/${encodeURIComponent(key.kiosk)}/${key.epoch}/${key.seq}/${verb}`;

export const signIn = (user, password, unit) => call('POST', '/api/sign-in', { user, password, unit });
export const signOut = () => call('POST', '/api/sign-out');
export const session = () => call('GET', '/api/session');
export const vocabulary = () => call('GET', '/api/vocabulary');
export const queue = (reviewed) => call('GET', `/api/queue${reviewed ? '?state=reviewed' : ''}`);
export const claim = (key) => call('POST', crossing('queue', key, 'claim'));
export const release = (key) => call('POST', crossing('queue', key, 'release'));
export const reopen = (key) => call('POST', crossing('queue', key, 'reopen'));
export const open = (key, reason) => call('POST', crossing('queue', key, 'open'), { reason });
export const decide = (key, decision) => call('POST', crossing('queue', key, 'decide'), decision);
export const decision = (key, number, reason) => call('POST', crossing('queue', key, `decisions/${number}`), { reason });
export const kiosks = () => call('GET', '/api/kiosks');
const listPath = (number, verb) => `/api/lists/${number}/${verb}`;
export const lists = () => call('GET', '/api/lists');
export const listBooths = () => call('GET', '/api/lists/booths');
export const listOpen = (number) => call('POST', listPath(number, 'open'));
export const listRows = (number, listId, after, reason) => call('POST', listPath(number, 'rows'), { list_id: listId, after, reason });
export const listDryRun = (number, reason) => call('POST', listPath(number, 'dry-run'), { reason });
export const listSign = (number, signature) => call('POST', listPath(number, 'signatures'), { signature });
export const listPutInForce = (number, reason) => call('POST', listPath(number, 'put-in-force'), { reason });
export const listStep = (number, percent, reason, despiteCanaries = false) => call('POST', listPath(number, 'step'), { percent, reason, despite_canaries: despiteCanaries });
export const listClock = (date, reason) => call('POST', '/api/lists/clock', { date, reason });
export const listPayload = (number) => listPath(number, 'payload');
export const referrals = (after) => call('GET', `/api/referrals?after=${after}`);
export const openReferral = (key, reason) => call('POST', crossing('referrals', key, 'open'), { reason });
export const closeReferral = (key, reason) => call('POST', crossing('referrals', key, 'close'), { reason });

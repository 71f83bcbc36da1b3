// SPDX-License-Identifier: Apache-2.0
// The booth's own service on this machine (docs/formats/booth-api.md).

let csrf = '';

export class Refused extends Error {
  constructor(status, body, waitSeconds = null) {
    super(body.message ?? `HTTP ${status}`);
    this.status = status;
    this.word = body.error ?? '';
    this.waitSeconds = waitSeconds;
  }
}

// No answer at all: the booth's program is away. What was asked may have happened or not.
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
  if (!answer.ok) throw new Refused(answer.status, json, answer.headers.get('Retry-After'));
  if (json.csrf) csrf = json.csrf;
  return json;
}

export const signIn = (user, password) => call('POST', '/api/sign-in', { user, password });
export const signOut = () => call('POST', '/api/sign-out');
export const session = () => call('GET', '/api/session');
export const state = () => call('GET', '/api/state');
export const recent = () => call('GET', '/api/recent');
export const crossing = (id) => call('GET', `/api/crossings/${encodeURIComponent(id)}`);
export const manual = (body) => call('POST', '/api/manual', body);
export const correct = (id, lines) => call('POST', '/api/correct', { crossing_id: id, lines });
export const decide = (body) => call('POST', '/api/decision', body);
export const portrait = (id, skip) => call('POST', '/api/portrait', { crossing_id: id, ...(skip ? { skip } : {}) });
export const portraitUrl = (id, kind) => `/api/portraits/${encodeURIComponent(id)}/${kind}`;
export const recover = () => call('POST', '/api/recover');

// The camera's next frame after that number: { picture: a JPEG blob, view: what was seen on it }.
export async function view(camera, after) {
  let answer;
  try {
    answer = await fetch(`/api/view/${camera}?after=${after}`, { cache: 'no-store', credentials: 'same-origin' });
  } catch (error) {
    throw new NoAnswer(error.message);
  }
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
  return { picture: await answer.blob(), view: JSON.parse(answer.headers.get('X-Darvaza-View')) };
}

// Calls onState for every state the booth tells, onSignedOut when the session is over, onLost when
// the booth cannot be heard (true: it will not be tried again by itself).
export function listen(onState, onSignedOut, onLost) {
  const source = new EventSource('/api/events');
  source.addEventListener('state', (event) => onState(JSON.parse(event.data)));
  source.addEventListener('signed-out', onSignedOut);
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) source.close();
    onLost(source.readyState === EventSource.CLOSED);
  };
  return source;
}

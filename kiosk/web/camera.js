// SPDX-License-Identifier: Apache-2.0
// What the cameras see, as long as the page shows it. Frames come from the booth one by one by their
// number; they were compressed again by darvaza-vision, which alone ever sees a camera's own bytes.
import * as api from './api.js';
import { el } from './dom.js';
import { t } from './i18n.js';

const LEAST_MS = 60; // between two frames: 16 a second are enough for the eye
const AGAIN_MS = 1000; // after a frame that did not come
const GUIDE_MS = 500; // a guide that changes faster cannot be read

// There is nothing to mend: a face without fault, an empty desk, a document that was read.
const GOOD = ['', 'read'];

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

class View {
  #running = false;
  #word = null;
  #wordAt = 0;

  constructor(name) {
    this.name = name;
    this.wanted = false;
    // Kept while the page is drawn again around them.
    this.canvas = el('canvas', { class: 'camera', width: 320, height: 240, role: 'img' });
    this.guide = el('p', { class: 'guide', role: 'status', 'aria-live': 'polite' });
  }

  // Starts and stops with what the page shows now.
  show(wanted) {
    this.wanted = wanted;
    this.canvas.setAttribute('aria-label', t(`camera.${this.name}`));
    if (this.#word !== null) this.guide.textContent = this.#words(this.#word);
    if (wanted && !this.#running) this.#run();
  }

  #words(word) {
    return t(word === '' ? `guide.ready.${this.name}` : `guide.${word}`);
  }

  // A picture that no longer moves must not look like one that does, nor outlast whom it shows.
  #clear() {
    const { canvas } = this;
    canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
    delete canvas.dataset.frames;
  }

  #say(word) {
    const now = performance.now();
    if (word === this.#word || (this.#word !== null && now - this.#wordAt < GUIDE_MS)) return;
    this.#word = word;
    this.#wordAt = now;
    this.guide.textContent = this.#words(word);
    this.guide.classList.toggle('good', GOOD.includes(word));
    this.guide.dataset.word = word;
  }

  async #run() {
    this.#running = true;
    let after = 0;
    while (this.wanted) {
      const began = performance.now();
      try {
        const frame = await api.view(this.name, after);
        after = frame.view.serial;
        await this.#draw(frame);
        await pause(Math.max(0, LEAST_MS - (performance.now() - began)));
      } catch (error) {
        if (error instanceof api.Refused && error.status === 401) break;
        after = 0; // a camera that comes back may count from the beginning
        this.#clear();
        this.#say('no_picture');
        await pause(AGAIN_MS);
      }
    }
    this.#running = false;
    this.#clear();
    this.#word = null;
    this.guide.textContent = '';
  }

  async #draw({ picture, view }) {
    const bitmap = await createImageBitmap(picture);
    const { canvas } = this;
    if (!this.wanted) return bitmap.close();
    if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
    if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
    const pen = canvas.getContext('2d');
    pen.drawImage(bitmap, 0, 0);
    bitmap.close();
    if (view.box) this.#frame(pen, view);
    canvas.dataset.frames = Number(canvas.dataset.frames ?? 0) + 1;
    this.#say(view.findings[0] ?? '');
    return undefined;
  }

  #frame(pen, { box, findings }) {
    const { width, height } = this.canvas;
    pen.lineWidth = 3;
    pen.strokeStyle = findings.length ? '#ffb020' : '#2fd07f';
    pen.strokeRect(box[0] * width, box[1] * height, box[2] * width, box[3] * height);
  }
}

const views = { traveller: new View('traveller'), document: new View('document') };

export function stopViews() {
  for (const view of Object.values(views)) view.wanted = false;
}

function one(name, state) {
  const view = views[name];
  const there = state === 'ready';
  view.show(there);
  return el('figure', { class: 'view' },
    el('figcaption', {}, t(`camera.${name}`)),
    there ? [view.guide, view.canvas] : el('p', { class: 'notice' }, t(`camera.${state}`)));
}

// Null where the lane has no camera at all.
export function cameraCard(desk) {
  const cameras = desk.state?.cameras ?? {};
  const names = Object.keys(views).filter((name) => cameras[name] && cameras[name] !== 'none');
  if (!names.length) {
    stopViews();
    return null;
  }
  return el('section', { class: 'card cameras', 'aria-label': t('camera.title') },
    names.map((name) => one(name, cameras[name])));
}

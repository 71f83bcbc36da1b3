// SPDX-License-Identifier: Apache-2.0
// What the officer has before them: the booth's last state, the choices made for this traveller,
// and what each key does.
import * as api from './api.js';
import { refusal, t } from './i18n.js';
import { forgetPortraits, openSkip } from './face.js';
import { closeDialog } from './dialog.js';
import { openHelp } from './help.js';
import { openChoice, openCorrection, openManual, openNote, openProtection, openWithdraw } from './panels.js';

const PURPOSES = ['TOURISM', 'BUSINESS', 'WORK', 'STUDY', 'FAMILY', 'MEDICAL', 'PILGRIMAGE', 'TRANSIT',
  'CREW', 'OFFICIAL', 'RETURN', 'LOCAL_BORDER', 'OTHER'];
const MODES = ['1', '2', '3', '4', '8', 'P'];
const DIRECTIONS = ['ENTRY', 'EXIT', 'TRANSIT'];
const CHOICE_KEYS = '123456789BCEF';

export class Desk {
  state = null;
  officer = null;
  recent = { crossings: [], answers: [] };
  choices = {};
  note = '';
  busy = false;
  held = null;
  // A decision whose answer was lost: asked for again by its number, never sent twice.
  lost = null;
  #spoken = '';
  #taken = 0;
  #newestAnswer = null;
  #asking = false;
  #askAgain = false;

  constructor(page) {
    this.page = page;
  }

  get crossing() {
    return this.state?.lane === 'deciding' ? this.state.crossing : null;
  }

  movement(name) {
    return this.choices[name] ?? this.state?.crossing?.movement?.[name] ?? '';
  }

  reset() {
    this.officer = null;
    this.state = null;
    this.choices = {};
    this.note = '';
    forgetPortraits();
    this.recent = { crossings: [], answers: [] };
  }

  take(state) {
    const before = this.state;
    this.state = state;
    this.officer = state.officer ?? null;
    if (!this.officer) return this.page.signedOut();
    if (before?.crossing?.crossing_id !== state.crossing?.crossing_id) {
      this.choices = {};
      this.note = '';
      forgetPortraits();
      this.#taken = state.crossing?.face?.takes ?? 0;
      // A panel was opened for one traveller; its keys must not act on another.
      const closed = before?.crossing ? closeDialog() : false;
      // What was said of the last traveller must not stand above the next one.
      if (state.crossing) this.held = closed ? t('ui.closed_for_next') : null;
    }
    this.page.redraw();
    this.#speak();
    this.refreshRecent();
  }

  // The verdict and what follows from it, for those who hear the page.
  #speak() {
    const { lane, crossing, recorded, notice } = this.state;
    let text = t(`lane.${lane}`);
    if (lane === 'deciding' && crossing) {
      const hits = crossing.hits.filter((hit) => !hit.quiet).map((hit) => t(`action.${hit.action}`));
      text = [t(`total.${crossing.total}`), ...hits].join('. ');
    }
    if (lane === 'recorded' && recorded) text = t('lane.recorded.detail', recorded);
    if (notice) text += `. ${t(`notice.${notice}`)}`;
    if (text !== this.#spoken) this.page.say(text);
    this.#spoken = text;
    const { live, takes } = crossing?.face ?? {};
    if (live && takes > this.#taken) this.page.say(t('face.taken'));
    this.#taken = takes ?? 0;
  }

  // One question at a time; what changes meanwhile is asked for once more.
  async refreshRecent() {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    try {
      do {
        this.#askAgain = false;
        this.recent = await api.recent();
      } while (this.#askAgain);
    } catch (error) {
      if (error instanceof api.Refused && error.status === 401) this.page.signedOut();
      return;
    } finally {
      this.#asking = false;
    }
    this.#sayNewAnswer();
    if (this.officer) this.page.redraw();
  }

  #sayNewAnswer() {
    const newest = this.recent.answers[0];
    if (newest?.payload && this.#newestAnswer !== null && newest.number > this.#newestAnswer)
      this.page.say(t('answers.new', { disposition: t(`disposition.${newest.payload.disposition}`) }));
    this.#newestAnswer = newest?.number ?? 0;
  }

  // ---- keys

  key(letter) {
    const keys = {
      A: () => this.decide(this.movement('direction') === 'EXIT' ? 'EXIT_OK' : 'ADMIT'),
      S: () => this.decide('SECOND_LINE'),
      P: () => this.crossing && openProtection(this),
      V: () => this.decide('REFER_VULNERABLE'),
      N: () => this.crossing && openNote(this),
      C: () => this.crossing?.mrz && openCorrection(this),
      M: () => !this.crossing && openManual(this),
      D: () => this.#nextDirection(),
      O: () => this.#choose('mode', MODES),
      U: () => this.#choose('purpose', PURPOSES),
      F: () => this.crossing && this.portrait(),
      X: () => this.crossing && openSkip(this),
      R: () => this.state?.lane === 'fault' && this.#send(() => api.recover()),
      Escape: () => this.crossing && openWithdraw(this),
      '?': () => openHelp(this),
    };
    keys[letter]?.();
  }

  #nextDirection() {
    if (!this.crossing) return;
    const at = DIRECTIONS.indexOf(this.movement('direction'));
    this.choices.direction = DIRECTIONS[(at + 1) % DIRECTIONS.length];
    this.page.redraw();
    this.page.say(`${t('movement.direction')}: ${t(`direction.${this.choices.direction}`)}`);
  }

  #choose(name, words) {
    if (!this.crossing) return;
    const options = words.map((word, i) => ({
      key: name === 'mode' ? word : CHOICE_KEYS[i], word, text: t(`${name}.${word}`) }));
    openChoice(t(`movement.${name}`), options, this.movement(name), (word) => {
      this.choices[name] = word;
      this.page.redraw();
    });
  }

  // ---- the portrait

  // Takes what the camera shows now, or leaves it out for a reason.
  portrait(skip = null) {
    const { crossing } = this;
    if (crossing && !this.busy) this.#send(() => api.portrait(crossing.crossing_id, skip));
  }

  // ---- decisions

  needsNote(decision) {
    const action = this.crossing?.actions.find((one) => one.key === 'A');
    return (decision === 'ADMIT' || decision === 'EXIT_OK') && Boolean(action?.needs_note) && !this.note;
  }

  refused(decision) {
    const lets = decision === 'ADMIT' || decision === 'EXIT_OK';
    const action = this.crossing?.actions.find((one) => (lets ? one.key === 'A' : one.decision === decision));
    return action && !action.allowed ? action.why : '';
  }

  async decide(decision) {
    const crossing = this.crossing;
    if (!crossing || this.busy) return;
    const why = this.refused(decision);
    if (why) return this.page.trouble(`${t(`decide.${decision}`)}: ${t(`decide.${why}`)}`);
    if (this.needsNote(decision)) return openNote(this, () => this.decide(decision));
    const request = { crossing_id: crossing.crossing_id, decision, ...this.choices };
    if (this.note) request.note = this.note;
    await this.#send(() => api.decide(request), crossing.crossing_id);
  }

  async #send(action, crossingId = null) {
    this.busy = true;
    this.held = null;
    this.page.trouble('');
    this.page.redraw();
    try {
      await action();
    } catch (error) {
      if (error instanceof api.NoAnswer && crossingId) {
        this.lost = crossingId;
        this.held = t('decide.lost');
      } else if (error instanceof api.Refused) {
        this.held = refusal(error);
      }
      this.page.trouble(this.held ?? t('trouble.lost'));
      if (error.status === 401) this.page.signedOut();
    }
    this.busy = false;
    this.page.redraw();
  }

  // After the booth came back: was the crossing whose answer got lost recorded?
  async findLost() {
    if (!this.lost) return;
    let recorded = false;
    try {
      recorded = (await api.crossing(this.lost)).recorded;
    } catch (error) {
      if (!(error instanceof api.Refused) || error.status !== 404) throw error;
    }
    this.lost = null;
    this.held = t(recorded ? 'decide.lost.yes' : 'decide.lost.no');
    this.page.trouble(this.held);
    this.page.say(this.held);
  }

  // For a panel that shows the refusal itself: null, or the reason in words.
  async attempt(action) {
    try {
      await action();
      return null;
    } catch (error) {
      if (!(error instanceof api.Refused)) return t('trouble.lost');
      if (error.status === 401) this.page.signedOut();
      return refusal(error);
    }
  }
}

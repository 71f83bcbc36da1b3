// SPDX-License-Identifier: Apache-2.0
// Keys that decide something. A reader that types like a keyboard, or a sleeve on the keys, must
// never decide a crossing: a key counts only when no other key came shortly before it and none
// comes shortly after it.

export const QUIET_BEFORE_MS = 120;
export const QUIET_AFTER_MS = 180;
// In a panel that confirms something people type fast and finish with Enter; only a machine is
// faster than this.
export const ENTER_QUIET_MS = 45;

const inText = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

// A field whose Enter confirms its panel. In a field of several lines Enter only begins the next.
const confirms = (target) => target instanceof HTMLInputElement && target.closest('dialog');

// The letter on the key in Latin, also where the keyboard is set to another script.
function letterOf(event) {
  if (/^[\x21-\x7e]$/.test(event.key)) return event.key.toUpperCase();
  if (event.key.length > 1) return event.key;
  const place = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(event.code);
  return place ? (place[1] ?? place[2]) : event.key;
}

export class KeyGuard {
  #lastAt = -Infinity;
  #pending = 0;

  // onKey(letter) is called for a key that stood alone.
  constructor(onKey, target = document) {
    this.onKey = onKey;
    target.addEventListener('keydown', (event) => this.#down(event), true);
  }

  // How long the keyboard was quiet before this event.
  quietBefore(event) {
    return event.timeStamp - this.#lastAt;
  }

  #down(event) {
    const quiet = event.timeStamp - this.#lastAt;
    clearTimeout(this.#pending);
    if (event.key === 'Enter' && confirms(event.target) && quiet < ENTER_QUIET_MS) event.preventDefault();
    if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock'].includes(event.key)) return;
    this.#lastAt = event.timeStamp;
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (inText(event.target) && event.key !== 'Escape') return;
    // A focused button would be pressed by the browser at once, unguarded.
    if (event.key === 'Enter' || event.key === ' ') {
      if (quiet < QUIET_BEFORE_MS) event.preventDefault();
      return;
    }
    if (event.key === 'Escape') event.preventDefault();
    if (quiet < QUIET_BEFORE_MS) return;
    const letter = letterOf(event);
    this.#pending = setTimeout(() => this.onKey(letter), QUIET_AFTER_MS);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Elements without markup strings: nothing that came from outside can become markup.

export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Data of documents and identifiers keep their own direction in any language of the page.
export const data = (text, attributes = {}) =>
  el('bdi', { dir: 'ltr', class: 'data', ...attributes }, `${text ?? '–'}`);

export const icon = (sign, kind = '') => el('span', { class: `icon ${kind}`, 'aria-hidden': 'true' }, sign);
export const kbd = (key) => el('kbd', { 'aria-hidden': 'true' }, key);

// Replaces the content of a place; the control that had the focus keeps it if it is still there.
export function put(place, ...children) {
  const kept = place.contains(document.activeElement) ? document.activeElement.id : '';
  place.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (kept) document.getElementById(kept)?.focus({ preventScroll: true });
}

export const byId = (id) => document.getElementById(id);

export function say(text) {
  byId('live').textContent = text;
}

export const typing = (target) =>
  target instanceof HTMLElement && (/^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target.tagName === 'INPUT' && !/^(radio|checkbox)$/.test(target.type)));

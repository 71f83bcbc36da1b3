// SPDX-License-Identifier: Apache-2.0
// Making elements without markup strings, so that no text from outside can become markup.

export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// Document data keeps its own direction whatever the page's language is.
export function data(text, attributes = {}) {
  return el('bdi', { dir: 'ltr', class: 'data', ...attributes }, text ?? '');
}

// Replaces what stands in a place and gives the focus back to the same control.
export function put(place, ...children) {
  const kept = place.contains(document.activeElement) ? document.activeElement.id : '';
  place.replaceChildren(...children.flat().filter(Boolean));
  if (kept) document.getElementById(kept)?.focus({ preventScroll: true });
}

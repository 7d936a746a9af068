// Builds elements. Text from outside becomes text nodes only: nothing here, or anywhere in this folder, parses markup.

const real = (child) => child !== null && child !== undefined && child !== false;

function dress(node, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (!real(value)) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value === 'boolean') node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.flat(2).filter(real));
  return node;
}

/** An element: `h('p', {class: 'note'}, 'Text')`. Never `style`: the page's policy forbids it. */
export const h = (tag, properties = {}, ...children) => dress(document.createElement(tag), properties, children);
export const svg = (tag, properties = {}, ...children) =>
  dress(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);
export const press = (kind, onclick, ...children) => h('button', { type: 'button', class: kind, onclick }, ...children);

/** A name from outside: isolated, so that right-to-left marks in it turn nothing else round, and of bounded length. */
export function name(text, length = 120) {
  const whole = String(text ?? '');
  return h('bdi', {}, whole.length > length ? `${whole.slice(0, length)}…` : whole);
}

/** Replaces the children of `root`; returns it. */
export function put(root, ...children) {
  root.replaceChildren(...children.flat(2).filter(real));
  return root;
}

/** Sets text only where it differs, so that a selection in it and a screen reader are left in peace. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A clone of `<template id="stamp-…">`: its root and its parts by name. */
export function stamp(kind) {
  const root = document.getElementById(`stamp-${kind}`).content.firstElementChild.cloneNode(true);
  const part = {};
  for (const node of root.querySelectorAll('[data-part]')) part[node.dataset.part] = node;
  return { root, part };
}

/** Puts `text` on the clipboard; whether that was allowed. Away from https and this machine only the old way is there. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const field = h('textarea', { class: 'visually-hidden', 'aria-hidden': 'true' });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}

/** What listens to what. */
export class Topics {
  #listeners = {};

  on(topic, listener) { (this.#listeners[topic] ??= []).push(listener); }

  emit(topic, detail) { this.#listeners[topic]?.forEach((listener) => listener(detail)); }
}

/** What this browser remembers for the person; one that refuses storage forgets, and nothing else happens. */
export const memory = {
  get(key) { try { return localStorage.getItem(`sightline.${key}`); } catch { return null; } },
  set(key, value) {
    try {
      if (value) localStorage.setItem(`sightline.${key}`, value);
      else localStorage.removeItem(`sightline.${key}`);
    } catch { /* private mode */ }
  },
};

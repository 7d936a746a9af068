// Builds elements. Text from outside goes in as text nodes only: nothing here, or anywhere in this folder, parses HTML.

const SVG = 'http://www.w3.org/2000/svg';

function dress(node, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key === 'value' || key === 'disabled' || key === 'hidden') node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An element: `h('button', {class: 'quiet', onclick: stop}, 'Stop')`. `style` is not for here: the policy forbids it. */
export const h = (tag, properties = {}, ...children) => dress(document.createElement(tag), properties, children);

/** An SVG element. */
export const svg = (tag, properties = {}, ...children) =>
  dress(document.createElementNS(SVG, tag), properties, children);

/** An icon of the icon font; always beside words or inside something that has a label. */
export const icon = (name) => h('i', { class: `bi bi-${name}`, 'aria-hidden': 'true' });

/** A name from outside: isolated, so that right-to-left marks in it turn nothing else round, and of bounded length. */
export const name = (text, length = 160) => {
  const whole = String(text ?? '');
  return h('bdi', { title: whole.length > length ? whole.slice(0, 2000) : null },
    whole.length > length ? `${whole.slice(0, length)}…` : whole);
};

/** Replaces the children of `root` and returns it. */
export function put(root, ...children) {
  root.replaceChildren(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return root;
}

/** Sets text only where it differs, so that a selection in it and a screen reader are left in peace. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What listens to what: `on(topic, listener)` returns the way to stop. */
export class Topics {
  #listeners = new Map();

  on(topic, listener) {
    if (!this.#listeners.has(topic)) this.#listeners.set(topic, new Set());
    this.#listeners.get(topic).add(listener);
    return () => this.#listeners.get(topic).delete(listener);
  }

  emit(topic, detail) {
    for (const listener of this.#listeners.get(topic) ?? []) listener(detail);
  }
}

/** What this browser remembers for the person; a browser that refuses storage forgets, and nothing else happens. */
export const memory = {
  get(key) { try { return localStorage.getItem(`sightline.${key}`); } catch { return null; } },
  set(key, value) {
    try {
      if (value === null || value === '') localStorage.removeItem(`sightline.${key}`);
      else localStorage.setItem(`sightline.${key}`, value);
    } catch { /* private mode */ }
  },
};

// One chip: a part of a question in words, pressed to change it, with a cross where it can be taken away.

import { h, name, press } from './dom.js';

/** `change` and `remove` are called with the chip's own button. */
export function chip({ kind, label, removable }, { change, remove }) {
  const leave = removable && press('chip-remove', () => remove(words), h('i', { class: 'bi bi-x', 'aria-hidden': 'true' }));
  if (leave) {
    leave.dataset.server = '';
    leave.setAttribute('aria-label', leave.title = `Ask without “${label.slice(0, 60)}”`);
  }
  const words = press('chip-words', () => change(words), name(label, 60));
  words.title = 'Change this part of the question';
  return h('li', { class: `chip chip-${kind}` }, words, leave);
}

/** The chip that adds a condition, where the question has none; nothing for what has no figures. */
export function adder(chips, plan, change) {
  if (!plan || plan.kind === 'show' || chips.some(({ kind }) => kind === 'condition')) return null;
  const words = press('chip-words', () => change(words), h('i', { class: 'bi bi-plus', 'aria-hidden': 'true' }));
  words.setAttribute('aria-label', words.title = 'Add a condition, such as “at least 3”');
  words.dataset.server = '';
  return h('li', { class: 'chip chip-add chip-condition' }, words);
}

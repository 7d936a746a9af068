// The four outcomes. Each has a colour and a shape, the same everywhere, so that they are told apart without colour:
// match filled, no match a small dot, unsure a ring with ?, unreadable a hatched square with ×.

import { figure } from './words.js';
import { h } from './dom.js';

export const OUTCOMES = ['match', 'unsure', 'unreadable', 'no_match'];
export const LABEL = { match: 'match', no_match: 'no match', unsure: 'unsure', unreadable: 'unreadable' };

const SIGN = { match: '✓', unsure: '?', unreadable: '×', no_match: '' };

/** What stands inside the shape: the number of a match where there is one. */
export function sign(outcome, value = null) {
  if (outcome === 'match' && value !== null && value !== undefined) return figure(value);
  return SIGN[outcome] ?? '';
}

/** The shape itself, for pins, corners, rows, legend and chart. `null` is a camera that nobody looked at yet. */
export function mark(outcome, value = null, extra = '') {
  const known = outcome in SIGN ? outcome : 'waiting';
  return h('span', { class: `mark mark-${known} ${extra}`, 'aria-hidden': 'true' }, sign(outcome, value));
}

/** The words of an outcome with its value, for those who do not see the shape. */
export function spoken(outcome, value = null) {
  if (!(outcome in SIGN)) return 'not looked at yet';
  return outcome === 'match' && value !== null && value !== undefined ? `match, ${figure(value)}` : LABEL[outcome];
}

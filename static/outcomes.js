// The four outcomes. Each has a colour and a shape, the same everywhere, so that they are told apart without colour:
// match filled, no match a small dot, unsure a ring with ?, unreadable a hatched square with ×.

import { figure } from './words.js';
import { h } from './dom.js';

export const LABEL = { match: 'match', unsure: 'unsure', unreadable: 'unreadable', no_match: 'no match' };
export const OUTCOMES = Object.keys(LABEL);
const SIGN = { match: '✓', unsure: '?', unreadable: '×', no_match: '' };

const valued = (outcome, value) => outcome === 'match' && Number.isFinite(value);

/** The shape, for pins, corners, rows and legends; the number of a match stands in it. No outcome: not looked at yet. */
export function mark(outcome, value = null, extra = 'mark-small') {
  const sign = valued(outcome, value) ? figure(value) : SIGN[outcome] ?? '';
  const wide = sign.length > 2 ? ' mark-wide' : '';
  return h('span', { class: `mark mark-${outcome in SIGN ? outcome : 'waiting'} ${extra}${wide}`, 'aria-hidden': 'true' }, sign);
}

/** The same in words. */
export function spoken(outcome, value = null) {
  return valued(outcome, value) ? `match, ${figure(value)}` : LABEL[outcome] ?? 'not looked at yet';
}

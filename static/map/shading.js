// What the answer says of each district, as a figure in words and as one of five shades. The figure is the answer's own
// where it compares districts; else it is how many of the district's readable cameras match, counted here.

import { count, figure } from '../words.js';
import { tally } from './clusters.js';

const SHADES = 5;

function own(answer) {
  const groups = (answer?.groups ?? []).filter((group) => group.kind === 'district' && Number.isFinite(group.value));
  return groups.length ? new Map(groups.map((group) => [group.label, { value: group.value, words: figure(group.value) }])) : null;
}

function counted(areas) {
  const known = areas.map(({ name, places }) => ({ name, counts: tally(places) }))
    .map(({ name, counts }) => ({ name, match: counts.match, readable: counts.match + counts.no_match + counts.unsure }))
    .filter(({ readable }) => readable);
  return new Map(known.map(({ name, match, readable }) => [name, { value: match / readable, words: `${count(match)} of ${count(readable)}` }]));
}

/** `{figures: Map of name to {value, words, shade}, unit, low, high}`; no figures where nothing was answered. */
export function shading(answer, areas) {
  const asked = own(answer);
  const figures = asked ?? counted(areas);
  const values = [...figures.values()].map((each) => each.value);
  const [low, high] = asked ? [Math.min(0, ...values), Math.max(0, ...values)] : [0, 1];
  for (const each of figures.values()) each.shade = high > low ? Math.min(SHADES - 1, Math.floor(((each.value - low) / (high - low)) * SHADES)) : 0;
  const words = (value) => (asked ? figure(value) : `${Math.round(100 * value)} %`);
  return { figures, own: Boolean(asked), unit: asked ? answer.unit ?? 'figure' : 'readable cameras that match', low: words(low), high: words(high) };
}

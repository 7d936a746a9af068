// Several cameras in one pin: their number in a ring that shows how their outcomes mix.

import { h, svg } from '../dom.js';
import { LABEL, spoken } from '../outcomes.js';
import { count } from '../words.js';

const brief = new Intl.NumberFormat('en', { notation: 'compact' });

/** How many places, in a ring whose parts are the outcomes; each has its own width, so that grey tells them apart. */
export function bunch(places, counts) {
  const ring = svg('svg', { viewBox: '0 0 42 42', class: 'bunch-ring', 'aria-hidden': 'true' });
  let start = 0;
  for (const [outcome, number] of Object.entries(counts)) {
    const share = (number / places.length) * 100;
    if (share) ring.append(svg('circle', { cx: 21, cy: 21, r: 15.915, class: `arc arc-${outcome}`, 'stroke-dasharray': `${share} ${100 - share}`, 'stroke-dashoffset': 25 - start }));
    start += share;
  }
  return h('span', { class: `bunch${places.length < 1000 ? '' : ' bunch-large'}` }, ring, h('span', {}, brief.format(places.length)));
}

/** A pin or a bunch in words, for its title and for those who hear the page. */
export function wording({ places }, counts) {
  const [place] = places;
  if (places.length === 1) return `${place.location || place.camera}: ${spoken(place.outcome, place.value)}`;
  const parts = Object.entries(counts).filter(([, number]) => number).map(([outcome, number]) => `${count(number)} ${LABEL[outcome] ?? 'not looked at yet'}`);
  return `${count(places.length)} cameras: ${parts.join(', ')}`;
}

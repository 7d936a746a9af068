// The legend: which shape means what, with how many cameras have it; a press takes an outcome off the map and puts it
// back. Below it, what the districts' shades mean while they are shown.

import { press, put, say } from '../dom.js';
import { LABEL, mark } from '../outcomes.js';
import { count } from '../words.js';
import { tally } from './clusters.js';

const NAMES = { ...LABEL, waiting: 'not looked at' };

export function legend(root, changed) {
  const [list, scale] = ['.legend-list', '.legend-scale'].map((part) => root.querySelector(part));
  const items = Object.entries(NAMES).map(([outcome, label]) => {
    const number = document.createElement('b');
    const button = press('legend-item', () => {
      if (!hidden.delete(outcome)) hidden.add(outcome);
      changed();
    }, mark(outcome), label, number);
    return { outcome, button, number };
  });
  const hidden = new Set();
  put(list, items.map(({ button }) => button));

  return {
    shown: (place) => !hidden.has(place.outcome ?? 'waiting'),
    show(places, shades) {
      const counts = tally(places);
      root.hidden = !places.length;
      for (const { outcome, button, number } of items) {
        button.hidden = !counts[outcome];
        button.setAttribute('aria-pressed', !hidden.has(outcome));
        button.title = hidden.has(outcome) ? 'Show on the map' : 'Hide on the map';
        say(number, count(counts[outcome]));
      }
      scale.hidden = !shades;
      if (!shades) return;
      for (const [part, text] of Object.entries({ unit: shades.unit, low: shades.low, high: shades.high })) say(scale.querySelector(`[data-part="${part}"]`), text);
    },
  };
}

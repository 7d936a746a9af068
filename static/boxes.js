// A picture with what the model found drawn over it. Boxes are fractions of the picture, so they fit every size of it.

import { h, put, svg } from './dom.js';

/** An overlay of a row's boxes; `fit` is `slice` over a picture that is cropped to fill, else `meet`. */
function overlay({ width, height, boxes }, fit, labels) {
  const [w, k] = [width || 4, height || 3];
  const letter = Math.max(w, k) / 56;
  const shapes = (boxes ?? []).map(([x0, y0, x1, y1, label, score]) => {
    const place = { x: x0 * w, y: y0 * k, width: Math.max(x1 - x0, 0) * w, height: Math.max(y1 - y0, 0) * k };
    const words = labels && `${label} ${Number.isFinite(score) ? score.toFixed(2) : ''}`.slice(0, 40);
    return [svg('rect', { ...place, class: 'box-under' }), svg('rect', { ...place, class: 'box' }),
      words && svg('text', { x: place.x, y: Math.max(place.y - letter * 0.4, letter), 'font-size': letter, class: 'box-label' }, words)];
  });
  return svg('svg', { class: 'boxes', viewBox: `0 0 ${w} ${k}`, preserveAspectRatio: `xMidYMid ${fit}`, 'aria-hidden': 'true' }, shapes);
}

/** Shows or hides the boxes on every picture. */
export const toggleBoxes = () => document.documentElement.classList.toggle('no-boxes');

/** What stands in a frame for `row`: the picture at `source` with its boxes, or the reason why there is none. */
export function framed(row, source, { fit = 'slice', labels = false, alt = '' } = {}) {
  const instead = (text) => h('span', { class: 'no-picture' }, h('span', {}, text));
  if (row.outcome === 'unreadable') return instead(row.reason || 'This picture can’t be read.');
  const image = h('img', { decoding: 'async', draggable: 'false', loading: labels ? 'eager' : 'lazy', alt, src: source });
  const both = h('span', { class: 'with-boxes' }, image, overlay(row, fit, labels));
  image.onerror = () => put(both, instead('The picture can’t be shown: it is gone, or can’t be loaded from where it lies.'));
  return both;
}

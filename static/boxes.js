// What the model found, drawn over the picture. Boxes are fractions of the picture, so they fit every size of it.

import { svg } from './dom.js';

/** An overlay of the boxes of `row`; `fit` is `slice` over a picture that is cropped to fill, else `meet`. */
export function overlay(row, { fit = 'slice', labels = false } = {}) {
  const width = row.width || 4;
  const height = row.height || 3;
  const letter = Math.max(width, height) / 52;
  const drawing = svg('svg', { class: 'boxes', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: `xMidYMid ${fit}`, 'aria-hidden': 'true' });
  for (const [x0, y0, x1, y1, label, score] of row.boxes ?? []) {
    const place = { x: x0 * width, y: y0 * height, width: Math.max(x1 - x0, 0) * width, height: Math.max(y1 - y0, 0) * height };
    drawing.append(svg('rect', { ...place, class: 'box-under' }), svg('rect', { ...place, class: 'box' }));
    if (!labels) continue;
    const words = `${label}${Number.isFinite(score) ? ` ${score.toFixed(2)}` : ''}`.slice(0, 40);
    const y = Math.max(place.y - letter * 0.35, letter);
    drawing.append(svg('text', { x: place.x, y, 'font-size': letter, class: 'box-label' }, words));
  }
  return drawing;
}

// Figures drawn as bars or as a line, in an SVG that stands by itself: what a chart is saved as, and the line on the page.
// Colours are given, since a file has no style sheet.

import { svg } from './dom.js';
import { figure } from './words.js';

const WIDTH = 720;
const HEIGHT = 300;
const LEFT = 46;
const ROW = 26;
const PAPER = { ink: '#1b1f23', muted: '#5a6169', rule: '#e0dbcf', accent: '#0b5e70', paper: '#fffdf9' };

const text = (x, y, words, attributes = {}) => svg('text', { x, y, 'font-size': 12, 'font-family': 'system-ui, sans-serif', ...attributes }, words);
const short = (words, length) => (words.length > length ? `${words.slice(0, length - 1)}…` : words);

/** Round numbers up to a little more than `most`. */
function steps(most) {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((each) => each * power >= rough) * power);
  return Array.from({ length: Math.floor(most / step) + 2 }, (_, index) => index * step);
}

/** Where a label of time stands: hours by their number, days by their date. */
const moment = (label) => (label.length > 5 ? Date.parse(label) / 86400000 : Number(label.slice(0, 2)));

function frame(height, title, colours, children) {
  return svg('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': title }, children);
}

/** Points in order of time. `points`: label, value, words. */
export function line(points, title, colours = PAPER) {
  const at = points.map(({ label }) => moment(label));
  const [first, last] = [Math.min(...at), Math.max(...at)];
  const marks = steps(Math.max(0, ...points.map(({ value }) => value ?? 0)));
  const top = marks.at(-1);
  const x = (index) => LEFT + 14 + (last > first ? ((at[index] - first) / (last - first)) * (WIDTH - LEFT - 40) : (WIDTH - LEFT) / 2);
  const y = (value) => HEIGHT - 34 - (value / top) * (HEIGHT - 60);
  const every = Math.ceil(points.length / 12);
  // Solid from one hour or day to the next; dashed over what nobody saw.
  const paths = { solid: '', dashed: '' };
  let before = null;
  points.forEach(({ value }, index) => {
    if (!Number.isFinite(value)) return;
    const here = `${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    if (before) paths[at[index] - before.at <= 1 ? 'solid' : 'dashed'] += `M${before.here}L${here}`;
    before = { here, at: at[index] };
  });
  return frame(HEIGHT, title, colours, [
    marks.map((mark) => [
      svg('path', { d: `M${LEFT} ${y(mark)}H${WIDTH - 12}`, stroke: colours.rule }),
      text(LEFT - 8, y(mark) + 4, figure(mark), { 'text-anchor': 'end', fill: colours.muted }),
    ]),
    svg('path', { d: paths.solid, fill: 'none', stroke: colours.accent, 'stroke-width': 2, 'stroke-linecap': 'round' }),
    svg('path', { d: paths.dashed, fill: 'none', stroke: colours.accent, 'stroke-dasharray': '3 5' }),
    points.map(({ label, value, words }, index) => [
      Number.isFinite(value) && svg('circle', { cx: x(index), cy: y(value), r: 4, fill: colours.accent }, svg('title', {}, words)),
      index % every === 0 && text(x(index), HEIGHT - 14, label.slice(-5), { 'text-anchor': 'middle', fill: colours.muted }),
    ]),
  ].flat(3).filter(Boolean));
}

/** A bar for each row. */
export function bars(points, title, colours = PAPER) {
  const most = Math.max(1, ...points.map(({ value }) => value ?? 0));
  const from = 230;
  return frame(points.length * ROW + 10, title, colours, points.flatMap(({ label, value, words }, index) => [
    text(from - 10, index * ROW + 19, short(label, 34), { 'text-anchor': 'end', fill: colours.ink }),
    svg('rect', { x: from, y: index * ROW + 7, width: Math.max(1, ((value ?? 0) / most) * (WIDTH - from - 70)), height: 16, rx: 2, fill: Number.isFinite(value) ? colours.accent : colours.rule }, svg('title', {}, words)),
    text(from + Math.max(1, ((value ?? 0) / most) * (WIDTH - from - 70)) + 8, index * ROW + 19, figure(value), { fill: colours.ink, 'font-weight': 600 }),
  ]));
}

/** The drawing as a file: on paper, with its title above it. */
export function file(drawing, title) {
  const [, , width, height] = drawing.getAttribute('viewBox').split(' ').map(Number);
  const copy = drawing.cloneNode(true);
  copy.setAttribute('viewBox', `-16 -44 ${width + 32} ${height + 60}`);
  copy.prepend(svg('rect', { x: -16, y: -44, width: width + 32, height: height + 60, fill: PAPER.paper }), text(0, -16, short(title, 80), { 'font-size': 16, fill: PAPER.ink }));
  return new XMLSerializer().serializeToString(copy);
}

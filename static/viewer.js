// One picture, full screen: arrow keys step, + and - zoom, b hides the boxes, Esc closes. Loaded when one is first opened.

import { h, name, put, say } from './dom.js';
import { mark, spoken } from './outcomes.js';
import { age, duration, moment, plural } from './words.js';
import { framed, toggleBoxes } from './boxes.js';
import { picture } from './api.js';

function facts(row) {
  const boxes = row.boxes?.length ? `${plural(row.boxes.length, 'box', 'boxes')} drawn on the picture` : null;
  const rows = {
    Place: [row.location, row.mandal, row.district].filter(Boolean).join(', ') || 'no location',
    Camera: row.camera ?? 'unknown',
    Taken: row.taken_at ? `${moment(row.taken_at)} (${age(row.taken_at)})` : 'time unknown',
    Said: row.text || row.reason || boxes,
    'How sure': Number.isFinite(row.score) && `${row.score.toFixed(2)}, the model’s own number, not a probability`,
    Model: [row.model, row.model_version].filter(Boolean).join(' '),
    Looked: row.reused ? 'known from an earlier question' : row.observed_at && `${moment(row.observed_at)}, took ${row.elapsed_ms < 1000 ? `${Math.round(row.elapsed_ms)} ms` : duration(row.elapsed_ms / 1000)}`,
    File: row.name,
  };
  return Object.entries(rows).filter(([, value]) => value).map(([term, value]) => [h('dt', {}, term), h('dd', {}, name(value, 800))]);
}

export function viewer(dialog, { evidence, selection }) {
  const part = (selector) => dialog.querySelector(selector);
  const stage = part('.stage');
  let at = 0;
  let view = { scale: 1, x: 0, y: 0 };

  function look() {
    stage.firstElementChild?.style.setProperty('transform', `translate(${view.x}px, ${view.y}px) scale(${view.scale})`);
    stage.classList.toggle('is-zoomed', view.scale > 1);
  }

  /** Zooms by `factor` (0: back to the whole) so that the point `x`, `y` from the middle stays where it is. */
  function zoom(factor, { x, y } = { x: 0, y: 0 }) {
    const scale = Math.min(8, Math.max(1, view.scale * factor));
    const grown = scale / view.scale;
    view = scale === 1 ? { scale, x: 0, y: 0 } : { scale, x: x - (x - view.x) * grown, y: y - (y - view.y) * grown };
    look();
  }

  function fromMiddle(event) {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  }

  function draw() {
    const row = evidence.rows[at];
    if (!row) return;
    const where = row.location || row.camera || row.name;
    put(stage, framed(row, picture(row.picture_id), { fit: 'meet', labels: true, alt: `${where}, ${moment(row.taken_at)}` }));
    zoom(0);
    put(part('h2'), name(where));
    say(part('p'), spoken(row.outcome, row.count));
    put(part('.viewer-title > span'), mark(row.outcome, row.count, ''));
    put(part('dl'), facts(row));
    say(part('.viewer-count'), `${at + 1} of ${evidence.rows.length}${evidence.next ? '+' : ''}`);
    selection.choose({ camera: row.camera, observation: row.observation_id }, 'viewer');
    if (at > evidence.rows.length - 5) evidence.more();
    const next = evidence.rows[at + 1];
    if (next && next.outcome !== 'unreadable') new Image().src = picture(next.picture_id);
  }

  function step(by) {
    const row = evidence.rows[at + by];
    if (row) selection.open(row.observation_id, 'step');
  }

  const moves = {
    ArrowLeft: () => step(-1), ArrowRight: () => step(1), '+': () => zoom(1.5), '=': () => zoom(1.5), '-': () => zoom(1 / 1.5), 0: () => zoom(0),
  };
  dialog.addEventListener('keydown', (event) => {
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  });
  const clicks = { before: moves.ArrowLeft, after: moves.ArrowRight, 'zoom-in': moves['+'], 'zoom-out': moves['-'], boxes: toggleBoxes, shut: () => dialog.close() };
  for (const [id, onclick] of Object.entries(clicks)) part(`#${id}`).onclick = onclick;
  stage.addEventListener('wheel', (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, fromMiddle(event)); }, { passive: false });
  stage.ondblclick = (event) => zoom(view.scale > 1 ? 0 : 2.5, fromMiddle(event));
  stage.onpointerdown = (event) => { if (view.scale > 1) stage.setPointerCapture(event.pointerId); };
  stage.onpointermove = (event) => {
    if (!stage.hasPointerCapture(event.pointerId)) return;
    view = { ...view, x: view.x + event.movementX, y: view.y + event.movementY };
    look();
  };
  dialog.addEventListener('close', () => {
    put(stage);
    selection.open(null);
    // Not the selection: the browser has just focused, and so chosen, the picture that was opened first.
    document.querySelector(`[data-observation="${CSS.escape(evidence.rows[at]?.observation_id ?? '')}"]`)?.focus();
  });

  /** A picture that is in no list (an old link, another filter) leaves the page as it is. */
  async function show(id) {
    if (!id) { dialog.close(); return; }
    const index = await evidence.find(id);
    if (selection.opened !== id) return;
    if (index < 0) { selection.open(null, 'step'); return; }
    at = index;
    if (!dialog.open) dialog.showModal();
    draw();
  }

  selection.on('opened', ({ id }) => show(id));
  show(selection.opened);
}

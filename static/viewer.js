// One picture, full screen: arrow keys step, + and - zoom, b hides the boxes, Esc closes.

import { h, icon, name, put } from './dom.js';
import { picture } from './api.js';
import { mark, spoken } from './outcomes.js';
import { age, duration, moment } from './words.js';
import { overlay } from './boxes.js';

export function viewer(dialog, { evidence, selection }) {
  const stage = h('div', { class: 'stage' });
  const words = h('div', { class: 'viewer-words' });
  const place = h('span', { class: 'viewer-count' });
  const button = (label, sign, onclick) => h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick }, icon(sign));
  dialog.append(h('div', { class: 'viewer-tools' }, place, button('Zoom in (+)', 'zoom-in', () => zoom(1.5)), button('Zoom out (-)', 'zoom-out', () => zoom(1 / 1.5)),
    button('Boxes on or off (b)', 'bounding-box', toggleBoxes), button('Close (Esc)', 'x-lg', () => dialog.close())),
  h('div', { class: 'viewer-stage' }, button('Previous (←)', 'chevron-left', () => step(-1)), stage, button('Next (→)', 'chevron-right', () => step(1))), words);
  let at = 0;
  let view = { scale: 1, x: 0, y: 0 };
  let canvas = null;

  function toggleBoxes() { document.documentElement.classList.toggle('no-boxes'); }

  function place_() {
    canvas?.style.setProperty('transform', `translate(${view.x}px, ${view.y}px) scale(${view.scale})`);
    stage.classList.toggle('is-zoomed', view.scale > 1);
  }

  function zoom(factor, from = { x: 0, y: 0 }) {
    const scale = Math.min(8, Math.max(1, view.scale * factor));
    const grown = scale / view.scale;
    view = scale === 1 ? { scale, x: 0, y: 0 } : { scale, x: from.x - (from.x - view.x) * grown, y: from.y - (from.y - view.y) * grown };
    place_();
  }

  const fromCentre = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  };

  function facts(row) {
    const said = row.text || row.reason || (row.boxes?.length ? `${row.boxes.length} ${row.boxes.length === 1 ? 'box' : 'boxes'} drawn on the picture.` : null);
    const rows = [['Place', [row.location, row.mandal, row.district].filter(Boolean).join(', ') || 'no location'], ['Camera', row.camera ?? 'unknown'],
      ['Taken', row.taken_at ? `${moment(row.taken_at)} (${age(row.taken_at)})` : 'time unknown'], ['Said', said],
      ['How sure', Number.isFinite(row.score) ? `${row.score.toFixed(2)} (the model’s own number, not a probability)` : null],
      ['Model', `${row.model ?? ''} ${row.model_version ?? ''}`.trim()],
      ['Look', row.reused ? 'known from an earlier question' : Number.isFinite(row.elapsed_ms) ? `took ${duration(row.elapsed_ms / 1000)}` : null], ['File', row.name]];
    return h('dl', {}, rows.filter(([, value]) => value).map(([term, value]) => [h('dt', {}, term), h('dd', {}, name(value, 600))]));
  }

  function draw() {
    const row = evidence.rows[at];
    if (!row) return;
    view = { scale: 1, x: 0, y: 0 };
    const where = row.location || row.camera || row.name;
    canvas = h('div', { class: 'canvas' });
    if (row.outcome === 'unreadable') canvas.append(h('div', { class: 'no-picture' }, h('span', {}, row.reason || 'This picture can’t be read.')));
    else {
      const image = h('img', { alt: `Picture of ${where}, ${moment(row.taken_at)}`, src: picture(row.picture_id), draggable: 'false' });
      image.addEventListener('error', () => put(canvas, h('div', { class: 'no-picture' }, h('span', {}, 'The picture is no longer there.'))), { once: true });
      canvas.append(image, overlay(row, { fit: 'meet', labels: true }));
    }
    put(stage, canvas);
    place_();
    put(words, h('div', { class: 'viewer-title' }, mark(row.outcome, row.count), h('div', {}, h('h2', {}, name(where, 120)), h('p', {}, spoken(row.outcome, row.count)))), facts(row));
    place.textContent = `${at + 1} of ${evidence.rows.length}${evidence.next ? '+' : ''}`;
    selection.choose({ camera: row.camera, observation: row.observation_id }, 'viewer');
    if (at > evidence.rows.length - 5) evidence.more();
    const next = evidence.rows[at + 1];
    if (next && next.outcome !== 'unreadable') new Image().src = picture(next.picture_id);
  }

  function step(by) {
    const to = at + by;
    if (to < 0 || to >= evidence.rows.length) return;
    at = to;
    draw();
  }

  dialog.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: () => step(-1), ArrowRight: () => step(1), '+': () => zoom(1.5), '=': () => zoom(1.5), '-': () => zoom(1 / 1.5), 0: () => zoom(0) }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  });
  stage.addEventListener('wheel', (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, fromCentre(event)); }, { passive: false });
  stage.addEventListener('dblclick', (event) => zoom(view.scale > 1 ? 0 : 2.5, fromCentre(event)));
  stage.addEventListener('pointerdown', (event) => {
    if (view.scale === 1) return;
    stage.setPointerCapture(event.pointerId);
    stage.onpointermove = (moved) => { view.x += moved.movementX; view.y += moved.movementY; place_(); };
    stage.onpointerup = () => { stage.onpointermove = null; };
  });
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => {
    put(stage);
    const { observation } = selection;
    document.querySelector(`[data-observation="${CSS.escape(observation ?? '')}"]`)?.focus({ preventScroll: false });
  });

  return {
    open(index) { at = Math.max(index, 0); if (!dialog.open) dialog.showModal(); draw(); },
    toggleBoxes,
  };
}

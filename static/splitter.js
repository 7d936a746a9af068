// The line between two panes: dragged, or moved by the arrow keys; its place is remembered (theme.js puts it back).

import { memory } from './dom.js';

/** `side` is the pane whose width it sets; `sign` is 1 where the pane is on the left of the line, -1 on the right. */
export function splitter(line, pane, side, sign) {
  const root = document.documentElement;
  const set = (width) => {
    const kept = Math.round(Math.min(Math.max(width, 200), innerWidth * 0.6));
    root.style.setProperty(`--${side}-width`, `${kept}px`);
    memory.set(`width.${side}`, String(kept));
    line.setAttribute('aria-valuenow', String(kept));
  };
  line.addEventListener('pointerdown', (event) => {
    line.setPointerCapture(event.pointerId);
    const [from, width] = [event.clientX, pane.offsetWidth];
    line.onpointermove = (moved) => set(width + sign * (moved.clientX - from));
    line.onpointerup = () => { line.onpointermove = null; };
  });
  line.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -24, ArrowRight: 24 }[event.key];
    if (by) { event.preventDefault(); set(pane.offsetWidth + sign * by); }
  });
  line.addEventListener('dblclick', () => { root.style.removeProperty(`--${side}-width`); memory.set(`width.${side}`, null); });
}

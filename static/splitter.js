// The line between two panes: dragged, or moved by the arrow keys. theme.js puts a remembered width back.

import { memory } from './dom.js';

/** Sets the width of `pane`; `sign` is 1 where the pane is on the left of the line, -1 on the right. */
export function splitter(line, pane, sign) {
  const set = (width) => {
    const kept = Math.round(Math.min(Math.max(width, 200), innerWidth * 0.6));
    document.documentElement.style.setProperty(`--${pane.id}-width`, `${kept}px`);
    memory.set(`width.${pane.id}`, String(kept));
    tell();
  };
  const tell = () => line.setAttribute('aria-valuenow', Math.round(pane.offsetWidth));
  tell();
  line.onpointerdown = (event) => line.setPointerCapture(event.pointerId);
  line.onpointermove = (event) => {
    if (line.hasPointerCapture(event.pointerId)) set(sign * (event.clientX - pane.getBoundingClientRect()[sign > 0 ? 'left' : 'right']));
  };
  line.onkeydown = (event) => {
    const by = { ArrowLeft: -24, ArrowRight: 24 }[event.key];
    if (by) set(pane.offsetWidth + sign * by);
  };
}

// How sure the model must be for a picture to be shown; what that hides is counted beside it. Loaded with the first scores.

import { count } from './words.js';
import { say } from './dom.js';

const WAIT_MS = 250;

export function threshold(root, { evidence, selection }) {
  const [slider, value, hidden, all] = ['input', '.least-value', '.hidden-count', 'button'].map((part) => root.querySelector(part));
  let due = null;

  /** The slider stays while it hides something, also where only one score is left to see. */
  function draw() {
    const { scores, hidden: gone } = evidence;
    const least = selection.least;
    root.hidden = least === null && !(scores && scores[1] - scores[0] >= 0.02);
    if (root.hidden) return;
    slider.min = Math.floor(Math.min(scores?.[0] ?? 0, least ?? 1) * 100) / 100;
    slider.max = Math.ceil(Math.max(scores?.[1] ?? 1, least ?? 0) * 100) / 100;
    if (document.activeElement !== slider || least === null) slider.value = least ?? slider.min;
    tell(least);
    say(hidden, gone ? `${count(gone)} more below ${least.toFixed(2)}` : '');
    all.hidden = least === null;
  }

  function tell(least) {
    say(value, least === null ? 'any' : least.toFixed(2));
    slider.setAttribute('aria-valuetext', least === null ? 'any score' : `at least ${least.toFixed(2)}`);
  }

  slider.oninput = () => {
    const least = Number(slider.value) > Number(slider.min) ? Number(slider.value) : null;
    tell(least);
    clearTimeout(due);
    due = setTimeout(() => selection.narrow(selection.filter, 'step', least), WAIT_MS);
  };
  all.onclick = () => selection.narrow(selection.filter, 'step', null);
  evidence.on('scores', draw);
  evidence.on('rows', draw);
  draw();
}

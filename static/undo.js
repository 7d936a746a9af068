// The line that offers to take the last deletion back, for ten seconds; by its button or by Ctrl+Z.

import { say } from './dom.js';

const OFFERED_MS = 10000;

export function undo(root) {
  const [words, button, close] = root.querySelectorAll('span, button');
  let back = null;
  let timer = null;

  function rest() {
    clearTimeout(timer);
    root.hidden = true;
    back = null;
  }

  function take() {
    const work = back;
    rest();
    work?.();
  }

  /** Nobody loses the offer while reaching for it. */
  function wait() {
    clearTimeout(timer);
    if (back && !root.matches(':hover, :focus-within')) timer = setTimeout(rest, OFFERED_MS);
  }

  button.onclick = take;
  close.onclick = rest;
  root.onpointerenter = () => clearTimeout(timer);
  root.onpointerleave = wait;
  root.addEventListener('focusin', () => clearTimeout(timer));
  root.addEventListener('focusout', () => setTimeout(wait));
  addEventListener('keydown', (event) => {
    if (!back || event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    if (event.target.closest?.('input, textarea, select')) return;
    event.preventDefault();
    take();
  });

  /** Says `text` and offers `work`, which takes it back. */
  return function offer(text, work) {
    back = work;
    root.hidden = false;
    say(words, text);
    wait();
  };
}

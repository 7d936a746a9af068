// What the page says by the way: the state of the line, and progress for screen readers, at most every ten seconds.

import { say } from './dom.js';
import { count, left } from './words.js';

const POLITE_MS = 10000;
const QUIET_MS = 1500;
const STATES = { open: 'live', lost: 'offline', connecting: 'connecting' };

/** The dot at the top and, when the line stays lost, one quiet bar with the time of the next try. */
export function line(dot, bar, updates) {
  const [words, retry] = bar.children;
  let since = null;
  let next = 0;

  function tick() {
    const seconds = Math.ceil((next - Date.now()) / 1000);
    bar.hidden = since === null || Date.now() - since < QUIET_MS;
    if (!bar.hidden) say(words, `The connection is lost. What you see stays; trying again ${seconds > 0 ? `in ${seconds} s` : 'now'}.`);
  }

  retry.onclick = () => updates.retry();
  updates.on('line', ({ state, retryAt }) => {
    dot.dataset.state = state;
    say(dot.lastElementChild, STATES[state]);
    since = state === 'open' ? null : since ?? Date.now();
    next = retryAt ?? 0;
    tick();
  });
  setInterval(tick, 1000);
}

export function politely(status, store) {
  let last = 0;
  let running = null;
  store.on('message', ({ id, run, answer }) => {
    if (id !== store.selected) return;
    if (run?.state === 'running') {
      running = id;
      if (Date.now() - last < POLITE_MS) return;
      last = Date.now();
      say(status, `${count(run.done)} of ${count(run.listed)} pictures, ${count(run.counts.match)} match, ${left(run.eta_s)}`);
    } else if (running === id && answer) {
      running = null;
      say(status, `${run?.state === 'stopped' ? 'Stopped' : 'Answer ready'}. ${answer.headline}`);
    }
  });
}

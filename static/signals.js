// What the page says by the way: the state of the line, and progress for screen readers, at most every ten seconds.

import { h, put, say } from './dom.js';
import { count, left } from './words.js';

const POLITE_MS = 10000;
const QUIET_MS = 1500;

/** The dot at the top and, when the line stays lost, one quiet bar with the time of the next try. */
export function line(dot, bar, updates) {
  let lostSince = null;
  let retryAt = null;
  const words = h('span');
  put(bar, words, h('button', { type: 'button', class: 'link', onclick: () => updates.retry() }, 'Try now'));

  function tick() {
    const seconds = Math.max(0, Math.ceil(((retryAt ?? Date.now()) - Date.now()) / 1000));
    bar.hidden = lostSince === null || Date.now() - lostSince < QUIET_MS;
    if (!bar.hidden) say(words, `The connection is lost. What you see stays; trying again ${seconds ? `in ${seconds} s` : 'now'}.`);
  }

  updates.on('line', ({ state, retryAt: at }) => {
    dot.dataset.state = state;
    say(dot.lastElementChild, { open: 'live', lost: 'offline', connecting: 'connecting' }[state]);
    lostSince = state === 'lost' ? lostSince ?? Date.now() : null;
    retryAt = at;
    tick();
  });
  setInterval(tick, 1000);
}

export function politely(status, store) {
  let last = 0;
  let running = null;
  store.on('message', (message) => {
    if (message.id !== store.selected) return;
    const { run, answer } = message;
    if (run?.state === 'running') {
      running = message.id;
      if (Date.now() - last < POLITE_MS) return;
      last = Date.now();
      status.textContent = `${count(run.done)} of ${count(run.listed)} pictures, ${count(run.counts.match)} match, ${left(run.eta_s)}`;
    } else if (running === message.id && (answer || run?.state === 'stopped')) {
      running = null;
      status.textContent = run?.state === 'stopped' ? `Stopped after ${count(run.done)} pictures.` : `Answer ready. ${answer.headline}`;
    }
  });
}

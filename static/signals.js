// What the page says by the way: the state of the line, and progress for screen readers, at most every ten seconds.

import { api } from './api.js';
import { say } from './dom.js';
import { count, left, plural } from './words.js';

const POLITE_MS = 10000;
const QUIET_MS = 1500;
const LOOK_AGAIN_MS = 120000;
const STATES = { open: 'live', lost: 'offline', connecting: 'connecting' };

/** While the line is lost, what needs the server can't be pressed; also what is drawn meanwhile. */
function resting() {
  const rested = new Set();
  const watch = new MutationObserver(rest);
  function rest() {
    for (const each of document.querySelectorAll('[data-server]:enabled')) { each.disabled = true; rested.add(each); }
  }
  return (lost) => {
    watch.disconnect();
    if (lost) {
      rest();
      watch.observe(document.body, { childList: true, subtree: true });
    } else {
      for (const each of rested) each.disabled = false;
      rested.clear();
    }
  };
}

/** The dot at the top and, when the line stays lost, one quiet bar with the time of the next try. */
export function line(dot, bar, updates, status) {
  const [words, retry] = bar.children;
  const rest = resting();
  let since = null;
  let next = 0;

  function tick() {
    const seconds = Math.ceil((next - Date.now()) / 1000);
    const quiet = since === null || Date.now() - since < QUIET_MS;
    if (bar.hidden !== quiet) {
      bar.hidden = quiet;
      rest(!quiet);
      if (!quiet) say(status, 'The connection is lost.');
    }
    if (!quiet) say(words, `The connection is lost. What you see stays; trying again ${seconds > 0 ? `in ${seconds} s` : 'now'}.`);
  }

  retry.onclick = () => updates.retry();
  updates.on('line', ({ state, retryAt }) => {
    const came = state === 'open' && since !== null && !bar.hidden;
    dot.dataset.state = state;
    say(dot.lastElementChild, STATES[state]);
    since = state === 'open' ? null : since ?? Date.now();
    next = retryAt ?? 0;
    tick();
    if (came) say(status, 'Connected again.');
  });
  setInterval(tick, 1000);
}

/** One voice for the whole page: how far the look is, now and then, and that the answer is there. */
export function politely(status, store) {
  let last = 0;
  let running = null;
  store.on('message', ({ id, run, answer }) => {
    if (id !== store.selected) return;
    if (run?.state === 'running') {
      running = id;
      if (Date.now() - last < POLITE_MS) return;
      last = Date.now();
      say(status, run.listed ? [`${count(run.done)} of ${plural(run.listed, 'picture')}`, `${count(run.counts.match)} match`, left(run.eta_s)].filter(Boolean).join(', ') : 'Listing the pictures');
    } else if (running === id && answer) {
      running = null;
      say(status, `${run?.state === 'stopped' ? 'Stopped' : 'Answer ready'}. ${answer.headline}`);
    }
  });
  store.on('adopted', ({ message }) => { if (!message.run && message.answer) say(status, `Answer ready. ${message.answer.headline}`); });
}

/** One quiet line for what is wrong at the server and gets worse by itself, such as a disk that fills. It can be put away
 * until it says another thing. */
export function warned(bar, store) {
  const [words, close] = bar.children;
  let seen = '';
  function show({ warnings = [] }) {
    const told = warnings.join(' ');
    if (told === seen) return;
    seen = told;
    say(words, told);
    bar.hidden = !told;
  }
  close.onclick = () => { bar.hidden = true; };
  store.on('site', () => show(store.site));
  // A lost line is told of elsewhere.
  setInterval(() => { if (!document.hidden) api.state().then(show, () => {}); }, LOOK_AGAIN_MS);
}

// How the models stand that need something: files that can be fetched, how far they are, what a model's process does.
// Loaded once the page stands.

import { Failure, api } from './api.js';
import { h, press, put, say } from './dom.js';
import { left } from './words.js';

const SOON_MS = 200;
const OFTEN_MS = 1000;
const SELDOM_MS = 15000;
const DOING = { loading: 'loading', ready: 'ready', busy: 'busy', restarting: 'starting again' };

// Before it is loaded, what it holds says nothing.
const WHOLE = new Set(['ready', 'busy']);

const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
const size = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : megabytes(bytes));

/** A line of one model; `show` gives it another standing without disturbing what has the focus. */
function line(ask, status) {
  const words = h('span', { class: 'model-words' });
  const bar = h('progress', { hidden: true });
  const fetching = press('btn quiet', () => ask('fetchModel'), 'Fetch its files');
  const stopping = press('link', () => ask('stopFetching'), 'Stop');
  const fault = h('p', { class: 'fault-line', role: 'alert', hidden: true });
  for (const button of [fetching, stopping]) button.dataset.server = '';
  const root = h('div', { class: 'model-line' }, words, bar, stopping, fetching, fault);
  let began = null;
  let told = null;

  /** What is left, by the pace since this page first saw it come. */
  function eta({ done_bytes: done, total_bytes: total }) {
    began ??= { at: Date.now(), done };
    const pace = (done - began.done) / (Date.now() - began.at);
    return pace > 0 ? left((total - done) / pace / 1000) : '';
  }

  function progress({ label, fetching: far }) {
    bar.hidden = stopping.hidden = !far;
    if (!far) { began = null; return ''; }
    bar.setAttribute('aria-label', `${label}, files fetched`);
    if (!far.total_bytes) { bar.removeAttribute('value'); return ''; }
    bar.max = far.total_bytes;
    bar.value = far.done_bytes;
    const time = eta(far);
    return ` ${Math.floor(far.done_bytes / 1e6)} of ${megabytes(far.total_bytes)}${time && `, ${time}`}`;
  }

  /** One voice for the page: each quarter that has come, and every change of the standing. */
  function aloud({ label, state, activity, sentence, fetching: far }) {
    const quarter = far?.total_bytes ? Math.floor((4 * far.done_bytes) / far.total_bytes) : 0;
    const now = `${state} ${activity === 'busy' ? 'ready' : activity} ${quarter}`;
    if (told !== null && told !== now) {
      say(status, state === 'ready' ? `${label} is ${DOING[activity] ?? 'ready'}.` : quarter ? `${label}: ${25 * quarter} percent is here.` : `${label}: ${sentence}`);
    }
    told = now;
  }

  return {
    root,
    fault,
    show(model, mayFetch) {
      const { label, state, activity, resident_bytes: held } = model;
      const sentence = state === 'failed' ? `${model.sentence} ${model.hint}`.trim() : model.sentence;
      const far = progress(model);
      const doing = state === 'ready' && `${label} is ${DOING[activity]}${held && WHOLE.has(activity) ? `; it takes ${size(held)} of memory` : ''}.`;
      words.title = doing ? '' : sentence;
      say(words, doing ? `${doing}${activity === 'restarting' ? ` ${sentence}` : ''}` : `${label}: ${sentence}${far}`);
      root.dataset.activity = activity ?? state;
      fetching.hidden = !(model.can_fetch && mayFetch);
      aloud(model);
    },
  };
}

/** Whether there is something to say: not of a model that is ready and in no process, nor of one that can't be had. One
 * that failed has a hint where somebody can mend it. */
const speaks = (model, mayFetch) => model.state === 'installing' || (model.state === 'failed' && model.hint) || (model.can_fetch && mayFetch) || (model.state === 'ready' && model.activity in DOING);
const changes = ({ state, activity, fetching }) => Boolean(fetching) || (state === 'installing' ? false : ['loading', 'busy', 'restarting'].includes(activity));

export function models(root, { store, status }) {
  const lines = new Map();
  let due = null;
  let dueAt = 0;

  function draw() {
    const mayFetch = store.person?.role !== 'viewer';
    const shown = store.site.models.filter((model) => speaks(model, mayFetch));
    for (const name of lines.keys()) if (!shown.some((model) => model.name === name)) lines.delete(name);
    for (const model of shown) {
      if (!lines.has(model.name)) lines.set(model.name, line((verb) => act(model.name, verb), status));
      lines.get(model.name).show(model, mayFetch);
    }
    const roots = shown.map((model) => lines.get(model.name).root);
    if (roots.length !== root.children.length || roots.some((each, at) => root.children[at] !== each)) put(root, roots);
    root.hidden = !roots.length;
    again(shown.some(changes) ? OFTEN_MS : shown.some(({ state }) => state === 'installing') ? 3 * OFTEN_MS : SELDOM_MS);
  }

  function again(ms) {
    clearTimeout(due);
    dueAt = Date.now() + ms;
    due = setTimeout(look, ms);
  }

  /** Events come faster than is worth looking: only a look that is far off is brought forward. */
  function soon() { if (dueAt - Date.now() > OFTEN_MS) again(SOON_MS); }

  async function look() {
    if (document.hidden) { again(SELDOM_MS); return; }
    try {
      store.site.models = (await api.models()).models;
      store.emit('models');
    } catch (error) {
      if (!(error instanceof Failure)) throw error; // a lost line is told of elsewhere
      again(SELDOM_MS);
      return;
    }
    draw();
  }

  async function act(name, verb) {
    const { fault } = lines.get(name);
    try {
      const told = await api[verb](name);
      store.site.models = store.site.models.map((model) => (model.name === name ? told : model));
      fault.hidden = true;
      store.emit('models');
      draw();
      again(OFTEN_MS);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      fault.hidden = false;
      say(fault, `${error.message} ${error.hint}`.trim());
    }
  }

  store.on('site', draw);
  store.on('message', ({ run }) => { if (run?.state === 'running') soon(); }); // it wakes the model that it needs
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
  draw();
}

// Questions that wait for the run under way: shown above the box, changed and deleted there, and sent one by one when
// the answer before is there. They are kept in this browser; of several tabs one sends each.

import { h, memory, name, press, put } from './dom.js';

const UNNAMED = 'new';

export function queue(root, { store, edit }) {
  const key = () => `queue.${store.session?.id ?? UNNAMED}`;
  const read = () => JSON.parse(memory.get(key()) ?? '{"waiting": [], "after": null}');

  function write(kept) {
    memory.set(key(), kept.waiting.length || kept.after ? JSON.stringify(kept) : null);
    draw();
  }

  function change(work) {
    const kept = read();
    work(kept.waiting);
    write(kept);
  }

  const drop = (id) => change((waiting) => waiting.splice(waiting.findIndex((each) => each.id === id), 1));

  /** Asks now, or as soon as the question before is answered. A question in place of the one under way does not wait. */
  function ask(text, how = {}) {
    const { busy } = store;
    if (!busy || (how.instead_of && how.instead_of === busy.id)) { store.ask(text, how); return; }
    change((waiting) => waiting.push({ id: crypto.getRandomValues(new Uint32Array(1))[0], text, how }));
  }

  function now(each) {
    drop(each.id);
    store.ask(each.text, each.how);
  }

  function row(each) {
    const tool = (label, sign, onclick) => h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick },
      h('i', { class: `bi bi-${sign}`, 'aria-hidden': 'true' }));
    const send = press('link', () => now(each), 'Ask now');
    send.dataset.server = '';
    return h('li', {}, h('span', { class: 'queue-text', dir: 'auto' }, name(each.text, 300)), send,
      tool('Change this question', 'pencil', () => { drop(each.id); edit(each.text); }),
      tool('Delete this question', 'trash3', () => drop(each.id)));
  }

  function draw() {
    const { waiting } = read();
    root.hidden = !waiting.length;
    put(root.lastElementChild, waiting.map(row));
  }

  /** After each ended question one waits no longer. `after` is the last one that this was done for: a second tab, or
   * this one loaded anew, finds it there and leaves the rest alone. */
  function next() {
    const last = [...store.messages.values()].findLast((each) => !each.draft);
    const kept = read();
    if (store.busy || !last || last.run?.state === 'failed' || kept.after === last.id || !kept.waiting.length) return;
    const first = kept.waiting.shift();
    kept.after = last.id;
    write(kept);
    store.ask(first.text, first.how);
  }

  /** Where the browser has locks, two tabs can't both be the first to look. */
  const turn = () => (navigator.locks ? navigator.locks.request(`sightline.${key()}`, next) : next());

  /** What was asked before the session had a name waits in it. */
  function adopted() {
    const unnamed = memory.get(`queue.${UNNAMED}`);
    if (unnamed && store.session) {
      memory.set(`queue.${UNNAMED}`, null);
      const kept = read();
      write({ ...kept, waiting: [...kept.waiting, ...JSON.parse(unnamed).waiting] });
    }
    // What follows from what is stored comes with its answer: nothing more will be heard of it.
    if (!root.hidden) turn();
  }

  store.on('opened', () => { draw(); if (store.session) turn(); });
  store.on('adopted', adopted);
  store.on('message', () => { if (!root.hidden) turn(); });
  addEventListener('storage', (event) => { if (event.key === `sightline.${key()}`) draw(); });
  return { ask };
}

// The pane of sessions: grouped by day, searched, renamed, shared, thrown away and taken back; and the bin.

import { Failure, api } from './api.js';
import { Shelf } from './shelf.js';
import { binnedRow, sessionRow } from './session-row.js';
import { h, press, put, say } from './dom.js';
import { day, plural } from './words.js';
import { undo } from './undo.js';

const TYPING_MS = 200;

export function sessions(root, { store, tell }) {
  const at = (part) => root.querySelector(part);
  const [list, fault, search, menu, status] = ['.session-list', '.fault-line', '[type="search"]', '.session-menu', '.session-status'].map(at);
  const shelf = new Shelf(store);
  const offer = undo(document.getElementById('undo'));
  const rows = new Map();
  const groups = new Map();
  const more = press('quiet-button session-more', () => shelf.more(), 'Show more');
  let typing = null;

  function begin() { store.open({ session: null }); tell('ask'); }

  async function change(work) {
    fault.hidden = true;
    try { return await work(); } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(fault, `${error.message} ${error.hint ?? ''}`);
      fault.hidden = false;
      return null;
    }
  }

  /** The focus goes to the row that takes the place of the one that goes. */
  async function leaving(session, work) {
    const shown = [...root.querySelectorAll('[data-session]')];
    const index = shown.findIndex((row) => row.dataset.session === session.id);
    const next = shown[index + 1] ?? shown[index - 1];
    const held = shown[index]?.contains(document.activeElement);
    const done = await change(work);
    if (done && held) (rows.get(next?.dataset.session)?.focus ?? (() => at('#new').focus()))();
    return done;
  }

  const actions = {
    open(session) { store.open({ session: session.id }); tell('ask'); },
    rename: (session, title) => change(() => api.rename(session.id, title)),
    share: (session) => change(() => api.share(session.id, !session.shared)),
    async remove(session) {
      const open = store.session?.id === session.id;
      if (!await leaving(session, () => api.remove(session.id))) return;
      // What was done stands first: a long title is cut, and never the end of the sentence.
      offer(`In the bin: “${session.title}”`, () => actions.restore(session, open));
    },
    async restore(session, open = false) {
      const back = await leaving(session, () => api.restore(session.id));
      if (back && open) store.open({ session: session.id });
    },
    forget: (session) => leaving(session, () => api.remove(session.id, { for_good: true })),
  };

  function row(session) {
    const known = rows.get(session.id);
    const made = known?.binned === shelf.binned ? known
      : { binned: shelf.binned, ...(shelf.binned ? binnedRow(actions) : sessionRow(actions)) };
    rows.set(session.id, made);
    made.update(session, { open: session.id === store.session?.id, people: Boolean(store.site?.person) });
    return made.root;
  }

  function group(label) {
    if (!groups.has(label)) {
      const items = h('ul', { 'aria-label': label || null });
      groups.set(label, { root: h('section', {}, h('h3', { class: 'session-day', 'aria-hidden': 'true' }, label), items), items });
    }
    return groups.get(label);
  }

  /** Children in their order; where nothing moved nothing is touched, and the focus is given back where it was. */
  function settle(node, children) {
    if (children.length === node.children.length && children.every((each, index) => each === node.children[index])) return;
    const focused = node.contains(document.activeElement) ? document.activeElement : null;
    put(node, children);
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  function nothing() {
    if (shelf.loading) return null;
    if (shelf.binned && !shelf.words) return h('p', { class: 'nothing' }, 'The bin is empty. What you delete waits here for a week.');
    if (shelf.words) return h('p', { class: 'nothing' }, 'Nothing here has all of these words. ', press('link', clear, 'Show all'));
    return h('p', { class: 'nothing' }, store.person?.role === 'viewer' ? 'Nothing is shared with you yet. What others share stands here.' : 'No session yet. Your first question begins one.');
  }

  function grouped(shown) {
    const label = shelf.isAll ? (session) => day(session.updated_at) : () => '';
    return Object.entries(by(shown, label)).map(([title, members]) => {
      const made = group(title);
      settle(made.items, members.map(row));
      return made.root;
    });
  }

  function draw() {
    const shown = shelf.sessions;
    const kept = new Set(shown.map((session) => session.id));
    for (const known of rows.keys()) if (!kept.has(known)) rows.delete(known);
    const empty = shown.length ? null : nothing();
    settle(list, [...grouped(shown), ...(empty ? [empty] : []), ...(shelf.next ? [more] : [])]);
    root.classList.toggle('is-bin', shelf.binned);
    say(at('h2'), shelf.binned ? 'Bin' : 'Sessions');
    at('#new').hidden = shelf.binned;
    at('#back').hidden = !shelf.binned;
    menu.hidden = shelf.binned;
    search.hidden = !shelf.words && !shown.length && document.activeElement !== search;
    say(status, shelf.words && !shelf.loading ? `${plural(shown.length, 'session')}${shelf.next ? ' and more' : ''} found` : '');
    if (shelf.failed) { say(fault, `${shelf.failed.message} ${shelf.failed.hint}`); fault.hidden = false; }
  }

  function clear() {
    search.value = '';
    shelf.show({});
    search.focus();
  }

  function turn(binned) {
    search.value = '';
    menu.open = false;
    fault.hidden = true;
    shelf.show({ binned });
    at(binned ? '#back' : '#new').focus();
  }

  search.oninput = () => {
    clearTimeout(typing);
    typing = setTimeout(() => shelf.show({ words: search.value }), TYPING_MS);
  };
  search.onkeydown = (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    if (search.value) clear();
    else search.blur();
  };
  menu.onkeydown = (event) => { if (event.key === 'Escape' && menu.open) { event.stopPropagation(); menu.open = false; menu.firstElementChild.focus(); } };
  addEventListener('pointerdown', ({ target }) => { if (!menu.contains(target)) menu.open = false; });
  at('#new').onclick = begin;
  at('#back').onclick = () => turn(false);
  at('#bin').onclick = () => turn(true);
  new IntersectionObserver(([entry]) => { if (entry.isIntersecting) shelf.more(); }, { root, rootMargin: '300px' }).observe(more);
  shelf.on('changed', draw);
  store.on('site', draw);
  return { begin };
}

/** Members by the label that `key` gives them, in the order in which the labels first come. */
function by(items, key) {
  const made = {};
  for (const item of items) (made[key(item)] ??= []).push(item);
  return made;
}

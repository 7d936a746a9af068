// The list of sessions: open, rename, delete, begin a new one.

import { api } from './api.js';
import { h, name, put, say, stamp } from './dom.js';
import { age, plural } from './words.js';

export function sessions(root, { store, tell }) {
  const list = root.querySelector('.session-list');
  const fault = root.querySelector('.fault-line');
  let busy = false;

  function begin() { store.open({ session: null }); tell('ask'); }

  async function change(work) {
    fault.hidden = true;
    try { await work; } catch (error) {
      say(fault, `${error.message} ${error.hint ?? ''}`);
      fault.hidden = false;
    }
    done();
  }

  function done() { busy = false; draw(); }

  function row(session) {
    const { root: item, part } = stamp('session');
    const open = session.id === store.session?.id;
    item.classList.toggle('is-open', open);
    part.link.href = `/s/${encodeURIComponent(session.id)}`;
    if (open) part.link.setAttribute('aria-current', 'page');
    put(part.title, name(session.title || 'Untitled', 80));
    part.running.hidden = !session.running;
    say(part.facts, `${plural(session.questions, 'question')} · ${age(session.updated_at)}`);
    part.link.onclick = (event) => {
      if (event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      store.open({ session: session.id });
      tell('ask');
    };
    const instead = (other, focus) => () => {
      busy = true;
      part.link.hidden = true;
      other.hidden = false;
      focus.focus();
    };
    part.rename.onclick = () => { part.field.value = session.title; instead(part.form, part.field)(); part.field.select(); };
    part.form.onsubmit = (event) => { event.preventDefault(); change(api.rename(session.id, part.field.value.trim() || session.title)); };
    part.form.onkeydown = (event) => { if (event.key === 'Escape') { event.stopPropagation(); done(); } };
    part.remove.onclick = instead(part.sure, part.no);
    part.yes.onclick = () => change(api.remove(session.id));
    part.no.onclick = done;
    return item;
  }

  function draw() {
    if (busy) return;
    put(list, store.sessions.slice(0, 200).map(row), store.sessions.length ? null
      : h('li', { class: 'nothing' }, 'No session yet. Your first question begins one.'));
  }

  root.querySelector('#new').onclick = begin;
  store.on('sessions', draw);
  store.on('opened', draw);
  return { begin };
}

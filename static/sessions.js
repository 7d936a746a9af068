// The list of sessions: open, rename, delete, begin a new one.

import { api } from './api.js';
import { h, icon, name, put } from './dom.js';
import { age, plural } from './words.js';

export function sessions(root, { store, tell }) {
  const list = h('ul', { class: 'session-list' });
  const fault = h('p', { class: 'fault-line', role: 'alert', hidden: true });
  root.append(
    h('div', { class: 'pane-head' }, h('h2', {}, 'Sessions'), h('button', {
      type: 'button', class: 'quiet-button', onclick: () => { store.open({ session: null }); tell('ask'); },
    }, icon('plus-lg'), ' New')), fault, list);

  const failed = (error) => { fault.hidden = false; put(fault, `${error.message} ${error.hint ?? ''}`); };

  async function remove(session, row) {
    const question = h('div', { class: 'session-sure', role: 'group', 'aria-label': 'Delete this session?' }, h('span', {}, 'Delete it?'),
      h('button', { type: 'button', class: 'link danger', onclick: () => api.remove(session.id).catch(failed) }, 'Delete'),
      h('button', { type: 'button', class: 'link', onclick: draw }, 'Keep'));
    put(row, question);
    question.querySelector('.link:last-child').focus();
  }

  function rename(session, row) {
    const field = h('input', { class: 'form-control form-control-sm', value: session.title, maxlength: '200', 'aria-label': 'Title of the session' });
    const form = h('form', { class: 'session-rename' }, field);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (field.value.trim()) api.rename(session.id, field.value.trim()).catch(failed).finally(draw);
    });
    field.addEventListener('keydown', (event) => { if (event.key === 'Escape') { event.stopPropagation(); draw(); } });
    field.addEventListener('blur', () => { if (form.isConnected) draw(); });
    put(row, form);
    field.focus();
    field.select();
  }

  function draw() {
    if (!store.sessions.length) { put(list, h('li', { class: 'nothing' }, 'No session yet. Your first question begins one.')); return; }
    put(list, store.sessions.slice(0, 200).map((session) => {
      const row = h('li', { class: `session-row${session.id === store.session?.id ? ' is-open' : ''}` });
      return put(row, h('a', {
        href: `/s/${encodeURIComponent(session.id)}`, class: 'session-link', 'aria-current': session.id === store.session?.id ? 'page' : null,
        onclick: (event) => {
          if (event.metaKey || event.ctrlKey || event.button) return;
          event.preventDefault();
          store.open({ session: session.id });
          tell('ask');
        },
      }, h('span', { class: 'session-title' }, name(session.title || 'Untitled', 80)),
      h('span', { class: 'session-facts' }, session.running ? h('span', { class: 'running-dot', title: 'Looking at pictures' }) : null,
        `${plural(session.questions, 'question')} · ${age(session.updated_at)}`)),
      h('span', { class: 'session-tools' },
        h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Rename', title: 'Rename', onclick: () => rename(session, row) }, icon('pencil')),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Delete', title: 'Delete', onclick: () => remove(session, row) }, icon('trash3'))));
    }));
  }

  store.on('sessions', () => { if (!root.contains(document.activeElement) || !root.querySelector('form')) draw(); });
  store.on('opened', draw);
}

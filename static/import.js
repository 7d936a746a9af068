// Sessions as files, in the menu of the sessions: the open one saved, one from a file taken in.

import { Failure, api } from './api.js';
import { closing, saving } from './export.js';
import { h, press, put, say } from './dom.js';
import { plural } from './words.js';

const MOST_BYTES = 64 * 1024 * 1024;
const WIDTH = 236; // of the menu in the style sheet

const icon = (sign) => h('i', { class: `bi bi-${sign}`, 'aria-hidden': 'true' });

export function sessionFiles(root, { store }) {
  const menu = root.closest('details');
  const line = h('p', { class: 'menu-said', role: 'status' });
  const chosen = h('input', { type: 'file', accept: '.json,.zip', hidden: true, 'aria-label': 'A file of sessions' });
  const ways = [['json', 'filetype-json', 'Save session as JSON'], ['zip', 'file-earmark-zip', 'Save session as folder (zip)']]
    .map(([form, sign, words]) => press('', async () => {
      const address = `/api/v1/sessions/${encodeURIComponent(store.session.id)}/export.${form}`;
      const pictures = [...store.messages.values()].reduce((sum, { run }) => sum + (run?.done ?? 0), 0);
      if (await saving(line, 'session', address, pictures)) menu.open = false;
    }, icon(sign), words));
  const bring = press('', () => chosen.click(), icon('box-arrow-in-down'), 'Import sessions…');
  bring.dataset.server = '';

  async function take(file) {
    if (file.size > MOST_BYTES) { say(line, 'This file is larger than 64 MiB. Import its sessions one by one.'); return; }
    say(line, 'Reading the file…');
    try {
      const { sessions, questions, observations } = await api.take(file);
      say(line, `${plural(sessions.length, 'session')} with ${plural(questions, 'question')} and ${plural(observations, 'picture')} imported.`);
      if (sessions.length) await store.open({ session: sessions[0].id });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(line, `${error.message} ${error.hint}`);
    }
  }

  chosen.onchange = () => {
    const [file] = chosen.files;
    chosen.value = '';
    if (file) take(file);
  };
  function place() {
    if (!menu.open) return;
    const { bottom, right } = menu.firstElementChild.getBoundingClientRect();
    // Placed on the window: a pane that is shorter than its menu would cut it off.
    // From its left edge, which stays when a sentence makes it wider.
    Object.assign(menu.lastElementChild.style, { top: `${bottom + 4}px`, left: `${Math.max(8, right - WIDTH)}px` });
    say(line, '');
    for (const way of ways) way.hidden = !store.session || !store.messages.size;
  }

  closing(menu);
  put(root, ways, bring, chosen, line);
  menu.addEventListener('toggle', place);
  place();  // it is open already: that is when this was fetched
}

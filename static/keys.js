// The keyboard for the whole page, and the sheet that lists it. Off inside fields, on wherever else the focus is.

import { h, icon } from './dom.js';

const SHEET = [
  ['/', 'write a question'], ['Enter', 'ask; Shift+Enter breaks the line'], ['↑', 'bring back the last question'], ['Esc', 'stop the look, or close what is open'],
  ['j k', 'next or previous picture'], ['o', 'open the picture'], ['m', 'map'], ['p', 'pictures'], ['t', 'table'], ['b', 'boxes on or off'], ['n', 'new session'], ['?', 'this sheet'],
];

export function keys(sheet, { store, selection, evidence, viewer, composer, tell }) {
  sheet.append(h('div', { class: 'sheet-head' }, h('h2', {}, 'Keys'), h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: () => sheet.close() }, icon('x-lg'))),
    h('dl', {}, SHEET.map(([key, words]) => [h('dt', {}, key.split(' ').map((each) => h('kbd', {}, each))), h('dd', {}, words)])));

  function step(by) {
    const now = evidence.rows.findIndex((row) => row.observation_id === selection.observation);
    const row = evidence.rows[Math.min(Math.max(now + by, 0), evidence.rows.length - 1)];
    if (!row) return;
    if (!['map', 'pictures'].includes(selection.tab)) selection.show('pictures');
    tell('results');
    selection.choose({ camera: row.camera, observation: row.observation_id }, 'keys');
    document.querySelector(`[data-observation="${CSS.escape(row.observation_id)}"]`)?.focus();
  }

  const tab = (name) => () => { selection.show(name); tell('results'); };
  const actions = {
    '/': () => { tell('ask'); composer.focus(); }, '?': () => (sheet.open ? sheet.close() : sheet.showModal()),
    j: () => step(1), k: () => step(-1), m: tab('map'), p: tab('pictures'), t: tab('table'), b: () => viewer.toggleBoxes(),
    o: () => viewer.open(evidence.rows.findIndex((row) => row.observation_id === selection.observation)),
    n: () => { store.open({ session: null }); tell('ask'); composer.focus(); },
  };

  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const field = event.target.closest?.('input, textarea, select');
    const dialog = document.querySelector('dialog[open]');
    if (event.key === 'Escape' && !dialog && store.message?.run?.state === 'running') { store.steer(store.message, 'stop').catch(() => {}); return; }
    if (event.key === 'Escape' && field) { field.blur(); return; }
    if (field || (dialog && !['b', '?'].includes(event.key))) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  return { open: () => sheet.showModal() };
}

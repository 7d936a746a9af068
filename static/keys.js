// The keyboard for the whole page (the sheet in page.html lists it). Off inside fields, on wherever else the focus is.

import { toggleBoxes } from './boxes.js';

export function keys({ help, system }, { store, selection, evidence, viewer, composer, begin, tell }) {
  const index = () => evidence.rows.findIndex((row) => row.observation_id === selection.observation);

  function step(by) {
    const row = evidence.rows[Math.min(Math.max(index() + by, 0), evidence.rows.length - 1)];
    if (!row) return;
    if (!['map', 'pictures'].includes(selection.tab)) selection.show('pictures');
    tell('results');
    selection.choose({ camera: row.camera, observation: row.observation_id }, 'keys');
    document.querySelector(`[data-observation="${CSS.escape(row.observation_id)}"]`)?.focus();
  }

  const ask = () => { tell('ask'); composer.focus(); };
  const tab = (name) => () => { selection.show(name); tell('results'); };
  const map = () => {
    tab('map')();
    document.querySelector('#map .pin-place[tabindex="0"]')?.focus({ preventScroll: true });
  };
  const actions = {
    '/': ask, '?': help, s: system, j: () => step(1), k: () => step(-1), o: () => viewer.open(index()), b: toggleBoxes,
    m: map, p: tab('pictures'), t: tab('table'), n: () => { begin(); composer.focus(); },
  };

  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const field = event.target.closest?.('input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select');
    const dialog = document.querySelector('dialog[open]');
    if (event.key === 'Escape' && !dialog) {
      if (store.message?.run?.state === 'running') store.steer(store.message, 'stop');
      else field?.blur();
      return;
    }
    if (field || !actions[event.key] || (dialog && !(event.key === 's' ? dialog.id === 'system-sheet' : 'b?'.includes(event.key)))) return;
    event.preventDefault();
    actions[event.key]();
  });
}

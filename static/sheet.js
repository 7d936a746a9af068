// The sheet of keys, with the few settings that this browser keeps. Loaded when it is first asked for.

import { memory } from './dom.js';
import { toggleBoxes } from './boxes.js';

const FORGOTTEN = 'sightline.';

export function sheet(dialog, { store, recolour }) {
  const [starters, boxes, forget, forgotten] = ['#set-starters', '#set-boxes', '#forget', '#forgotten'].map((part) => dialog.querySelector(part));
  const colours = [...dialog.querySelectorAll('[name="colours"]')];

  function draw() {
    const chosen = memory.get('theme') ?? '';
    for (const each of colours) each.checked = each.value === chosen;
    starters.checked = memory.get('starters') !== 'hidden';
    boxes.checked = !document.documentElement.classList.contains('no-boxes');
    forgotten.hidden = true;
  }

  for (const each of colours) each.onchange = () => recolour(each.value);
  starters.onchange = () => { memory.set('starters', starters.checked ? null : 'hidden'); store.emit('site'); };
  boxes.onchange = toggleBoxes;
  forget.onclick = () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(FORGOTTEN)) localStorage.removeItem(key);
    recolour('');
    store.emit('site');
    draw();
    forgotten.hidden = false;
  };

  return () => {
    if (dialog.open) { dialog.close(); return; }
    draw();
    dialog.showModal();
  };
}

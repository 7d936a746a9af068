// The buttons on the map: nearer, farther, all cameras, and the kinds of ground. A map says what each of them does.

import { h, memory, put, say, stamp } from '../dom.js';

const KINDS = { drawn: 'Drawn', road: 'Road', satellite: 'Satellite', hybrid: 'Hybrid', terrain: 'Terrain' };

/** Fresh buttons in `root`, for one map; `shade(on)` hears the switch of the districts' colours. */
export function mapTools(root, shade) {
  const { root: bar, part } = stamp('map-tools');
  put(root, bar);

  function kinds(available, current, choose) {
    const turn = (kind) => { tools.kind = kind; choose(kind); };
    const wanted = [memory.get('map.kind'), current, available[0]].find((kind) => available.includes(kind));
    put(part.kinds, Object.entries(KINDS).filter(([kind]) => kind !== 'drawn' || available.includes('drawn')).map(([kind, label]) => {
      const radio = h('input', { type: 'radio', class: 'form-check-input', name: 'map-kind', value: kind, checked: kind === wanted, disabled: !available.includes(kind) });
      radio.onchange = () => { memory.set('map.kind', kind); turn(kind); };
      return h('label', { class: 'map-kind' }, radio, label);
    }));
    say(part.why, available.includes('road') || available.length > 1 ? '' : 'This map is drawn from your cameras and asks nobody outside. Roads and satellite pictures need MAP_TILES or a Google key (docs/map.md).');
    part.why.hidden = !part.why.textContent;
    turn(wanted);
  }

  part.shade.onchange = () => shade(part.shade.checked);
  part.layers.onkeydown = (event) => {
    if (event.key !== 'Escape' || !part.layers.open) return;
    event.stopPropagation();
    part.layers.open = false;
    part.layers.firstElementChild.focus();
  };
  const tools = {
    kind: null,
    kinds,
    zoom(by) { part.nearer.onclick = () => by(1); part.farther.onclick = () => by(-1); },
    fit(all) { part.fit.onclick = all; },
    shut() { part.layers.open = false; },
    shaded(on, possible) { part.shade.checked = on && possible; part.shade.disabled = !possible; },
  };
  return tools;
}

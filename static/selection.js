// Figures, rows, pins and pictures are one selection: what is chosen in one place is chosen in all.
// Topics: chosen (a camera, or one picture of it), narrowed (the filter of the pictures), tab.

import { Topics } from './dom.js';

export class Selection extends Topics {
  camera = null;
  observation = null;
  filter = {};
  tab = 'map';

  /** Chooses a camera or one picture of it; the same again, from the same place, lets go. */
  choose({ camera = null, observation = null }, from = null) {
    const same = camera === this.camera && (observation ?? this.observation) === this.observation;
    this.camera = camera;
    this.observation = observation;
    if (!same) this.emit('chosen', { camera, observation, from });
  }

  /** Narrows the pictures to an outcome, a camera, a location or a district. */
  narrow(filter) {
    this.filter = filter;
    this.emit('narrowed');
  }

  show(tab) {
    if (tab === this.tab) return;
    this.tab = tab;
    this.emit('tab', tab);
  }
}

// Figures, rows, pins and pictures are one selection: what is chosen in one place is chosen in all.
// Topics: chosen (a camera, or one picture of it), pointed (the camera under the pointer or the focus), narrowed (which
// pictures are shown), tab, opened (one picture, large).
// `from` says who did it: a person, an answer by itself, the address, or a pane's own name.

import { Topics } from './dom.js';

const TABS = ['map', 'pictures', 'table', 'chart', 'coordinates'];

export class Selection extends Topics {
  camera = null;
  observation = null;
  pointed = null;
  filter = {};
  least = null;
  tab = 'map';
  opened = null;
  /** What the address asked for and the next message shall have. */
  wanted = null;

  /** Chooses a camera or one picture of it; the same again, from the same place, lets go. */
  choose({ camera = null, observation = null }, from = null) {
    const same = camera === this.camera && (observation ?? this.observation) === this.observation;
    this.camera = camera;
    this.observation = observation;
    if (!same) this.emit('chosen', { camera, observation, from });
  }

  /** Lights a camera up everywhere, without choosing it. */
  point(camera) {
    if (camera === this.pointed) return;
    this.pointed = camera;
    this.emit('pointed', camera);
  }

  /** Narrows the pictures to an outcome, a camera, a location or a district, and hides scores below `least`. */
  narrow(filter, from = 'person', least = this.least) {
    this.filter = filter;
    this.least = least;
    this.emit('narrowed', { from });
  }

  show(tab, from = 'person') {
    if (tab === this.tab || !TABS.includes(tab)) return;
    this.tab = tab;
    this.emit('tab', { tab, from });
  }

  /** Opens one picture by its observation; `null` closes it. */
  open(id, from = 'person') {
    if (id === this.opened) return;
    this.opened = id;
    this.emit('opened', { id, from });
  }
}

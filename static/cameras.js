// The cameras of the register by district, with what the selected answer says of each, and the rows of the sheet that
// need a look. It is also the map in words.

import { Failure, api } from './api.js';
import { Topics, h, icon, name, put } from './dom.js';
import { mark, spoken } from './outcomes.js';
import { count, plural } from './words.js';

const SHOWN = 300;

/** The register as the server has it, fetched once and again after a lost connection. */
export class Register extends Topics {
  cameras = [];
  problems = [];
  rows = 0;

  async load() {
    try { Object.assign(this, await api.register()); } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.error = error;
    }
    this.emit('loaded');
  }
}

function problemRows(register) {
  const rows = register.problems.slice(0, SHOWN).map((each) => h('tr', {}, h('td', {}, count(each.row)), h('td', {}, name(each.column, 40)),
    h('td', {}, h('span', { dir: 'auto' }, each.message), each.value ? h('code', { class: 'value' }, name(each.value, 60)) : null)));
  return h('table', { class: 'problem-table' }, h('caption', { class: 'visually-hidden' }, 'Rows of the sheet that need a look'),
    h('thead', {}, h('tr', {}, ['Row', 'Column', 'Reason'].map((head) => h('th', { scope: 'col' }, head)))), h('tbody', {}, rows));
}

export function cameras(root, { store, register, evidence, selection, tell }) {
  const facts = h('p', { class: 'camera-facts' });
  const problems = h('details', { class: 'problems', hidden: true });
  const search = h('input', { type: 'search', class: 'form-control form-control-sm', placeholder: 'Find a camera or place', 'aria-label': 'Find a camera or place' });
  const list = h('div', { class: 'camera-list' });
  root.append(h('div', { class: 'pane-head' }, h('h2', {}, 'Cameras')), facts, problems, search, list);
  let items = new Map();

  function row(camera) {
    const outcome = h('span', { class: 'camera-mark' });
    const button = h('button', {
      type: 'button', class: 'camera', onclick: () => { selection.choose({ camera: camera.camera }, 'cameras'); tell('results'); },
    }, outcome, h('span', { class: 'camera-place' }, name(camera.location || camera.camera, 70)),
    h('span', { class: 'camera-id' }, name(camera.location ? camera.camera : 'no location', 40)));
    items.set(camera.camera, { button, outcome, shown: '' });
    return h('li', {}, button);
  }

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const known = new Set(register.cameras.map((each) => each.camera));
    const strays = evidence.places.filter((place) => place.camera && !known.has(place.camera));
    const found = [...register.cameras, ...strays].filter((each) => !wanted
      || [each.camera, each.location, each.district, each.mandal].some((word) => word?.toLowerCase().includes(wanted)));
    items = new Map();
    const groups = Map.groupBy ? Map.groupBy(found.slice(0, SHOWN), (each) => each.district ?? '')
      : found.slice(0, SHOWN).reduce((all, each) => all.set(each.district ?? '', [...(all.get(each.district ?? '') ?? []), each]), new Map());
    put(list, [...groups].map(([district, members]) => h('section', {}, h('h3', {}, district ? name(district, 60) : 'No district',
      h('span', { class: 'group-size' }, count(members.length))), h('ul', {}, members.map(row)))),
    found.length > SHOWN ? h('p', { class: 'nothing' }, `${count(found.length - SHOWN)} more. Type to find them.`) : null,
    found.length ? null : h('p', { class: 'nothing' }, wanted ? 'No camera has that in its name.'
      : 'No cameras yet. They come from the sheet of locations (EXCEL_FILE) and from the pictures themselves.'));
    paint();
  }

  function paint() {
    const places = new Map(evidence.places.map((place) => [place.camera, place]));
    for (const [camera, item] of items) {
      const place = places.get(camera);
      const words = `${spoken(place?.outcome, place?.value)}`;
      if (item.shown !== words) {
        item.shown = words;
        put(item.outcome, mark(place?.outcome, place?.value, 'mark-small'), h('span', { class: 'visually-hidden' }, words));
      }
      item.button.setAttribute('aria-pressed', String(camera === selection.camera));
    }
  }

  function summary() {
    const { register: brief } = store.site ?? {};
    root.querySelector('h2').textContent = brief ? `Cameras` : 'Cameras';
    put(facts, brief ? [`${count(brief.placed)} of ${plural(brief.rows, 'row')} on the map · `, name(brief.name, 60)]
      : 'No sheet of locations. Answers work; the map stays empty until EXCEL_FILE names one.');
    problems.hidden = !register.problems.length;
    if (register.problems.length) {
      const rows = new Set(register.problems.map((each) => each.row)).size;
      put(problems, h('summary', {}, icon('exclamation-triangle'), ` ${plural(rows, 'row needs', 'rows need')} a look`), problemRows(register));
    }
    search.hidden = register.cameras.length < 9;
  }

  register.on('loaded', () => { summary(); draw(); });
  store.on('site', summary);
  evidence.on('places', () => {
    if (evidence.places.some((place) => place.camera && !items.has(place.camera)) && !search.value && items.size < SHOWN) draw();
    else paint();
  });
  selection.on('chosen', ({ camera, from }) => {
    paint();
    if (from !== 'cameras') items.get(camera)?.button.scrollIntoView({ block: 'nearest' });
  });
  search.addEventListener('input', draw);
}

// The cameras of the register by district, with what the selected answer says of each, and the rows of the sheet that
// need a look. It is also the map in words.

import { Failure, api } from './api.js';
import { Topics, h, name, press, put, say } from './dom.js';
import { mark, spoken } from './outcomes.js';
import { count, plural } from './words.js';

const SHOWN = 300;

/** The register as the server has it. */
export class Register extends Topics {
  cameras = [];
  problems = [];
  #version = null;

  /** Loads the register of that version, unless it is here already. */
  follow(version) {
    if (version === this.#version) return;
    this.#version = version;
    this.load();
  }

  async load() {
    this.error = null;
    try { Object.assign(this, await api.register()); } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.error = error;
    }
    this.emit('loaded');
  }
}

/** One camera as a button: its mark and its place; also used for the list of those that have no location. */
export function cameraButton(camera, choose) {
  const sign = h('span', { class: 'camera-mark' });
  const title = camera.location || camera.camera || camera.name || 'unknown camera';
  const button = press('camera', () => choose(camera.camera), sign, h('span', { class: 'camera-place' }, name(title, 70)));
  if (camera.camera) button.dataset.camera = camera.camera;
  button.title = `${title} · ${camera.camera ?? ''}`.slice(0, 300);
  return {
    button,
    show(place) { put(sign, mark(place?.outcome, place?.value), h('span', { class: 'visually-hidden' }, spoken(place?.outcome, place?.value))); },
  };
}

export function cameras(root, { store, register, evidence, selection, tell }) {
  const [facts, problems, search, list, sheet] = ['.camera-facts', '.problems', 'input', '.camera-list', '.camera-sheet'].map((part) => root.querySelector(part));
  const [leftOut, undated] = ['.left-out', '.undated'].map((part) => root.querySelector(part));
  let items = new Map();

  /** What lies among the pictures and is in no answer: nobody should have to wonder where it is. */
  function lost() {
    const { left_out: all = [], undated: without = 0 } = store.site?.source ?? {};
    undated.hidden = !without;
    say(undated, `${plural(without, 'picture tells', 'pictures tell')} no time by name or EXIF: that of the file is taken.`);
    leftOut.hidden = !all.length;
    say(leftOut.querySelector('span'), plural(all.reduce((sum, { number }) => sum + number, 0), 'file or folder left out', 'files and folders left out'));
    put(leftOut.querySelector('ul'), all.map(({ reason, number, example }) => h('li', {}, h('b', {}, count(number)), h('span', { dir: 'auto' }, reason),
      h('code', {}, number > 1 ? 'such as ' : '', name(example, 80)))));
  }

  /** The dialog is fetched when it is first wanted. */
  async function openSheet() {
    const { sheetDialog } = await import('./register/dialog.js');
    sheetDialog(document.getElementById('register'), store).open();
  }

  function row(camera) {
    const item = cameraButton(camera, (chosen) => { selection.choose({ camera: chosen }, 'cameras'); tell('results'); });
    items.set(camera.camera, item);
    return h('li', {}, item.button);
  }

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const known = new Set(register.cameras.map((each) => each.camera));
    const all = [...register.cameras, ...evidence.places.filter(({ camera }) => camera && !known.has(camera))];
    const found = all.filter((each) => [each.camera, each.location, each.district, each.mandal].some((word) => word?.toLowerCase().includes(wanted)));
    const groups = new Map();
    for (const each of found.slice(0, SHOWN)) groups.set(each.district, [...(groups.get(each.district) ?? []), each]);
    items = new Map();
    put(list, [...groups].map(([district, members]) => h('section', {}, h('h3', {}, district ? name(district, 60) : 'No district',
      h('span', { class: 'group-size' }, count(members.length))), h('ul', {}, members.map(row)))),
    h('p', { class: 'nothing' }, found.length > SHOWN ? `${count(found.length - SHOWN)} more. Type to find them.`
      : found.length ? '' : wanted ? 'No camera has that in its name.' : 'No cameras yet. They come from the sheet of locations and from the pictures themselves.'));
    search.hidden = all.length < 9;
    paint();
  }

  function paint() {
    const places = new Map(evidence.places.map((place) => [place.camera, place]));
    for (const [camera, item] of items) {
      const place = places.get(camera);
      const state = `${place?.outcome}${place?.value}`;
      if (item.state !== state) item.show(place);
      item.state = state;
      item.button.setAttribute('aria-pressed', camera === selection.camera);
    }
  }

  function summary() {
    const brief = store.site?.register;
    if (brief) put(facts, `${count(brief.placed)} of ${plural(brief.cameras, 'camera')} on the map · `, name(brief.name, 60));
    else say(facts, 'No sheet of locations yet: answers work, but the pictures have no place.');
    say(sheet, brief ? 'Change the sheet' : 'Choose a sheet');
    const rows = new Set(register.problems.map((each) => each.row)).size;
    problems.hidden = !rows;
    say(problems.querySelector('span'), plural(rows, 'row needs a look', 'rows need a look'));
    put(problems.querySelector('ul'), register.problems.slice(0, SHOWN).map((each) => h('li', {},
      h('b', {}, each.row ? `Row ${each.row}` : 'The sheet', each.column ? ' · ' : '', name(each.column, 40)), h('span', { dir: 'auto' }, each.message),
      each.value ? h('code', {}, name(each.value, 80)) : null)));
  }

  register.on('loaded', () => { summary(); draw(); });
  store.on('site', () => { lost(); summary(); draw(); });
  evidence.on('places', () => {
    if (items.size < SHOWN && evidence.places.some((place) => !items.has(place.camera)) && !search.value) draw();
    else paint();
  });
  selection.on('chosen', ({ camera, from }) => {
    paint();
    if (from !== 'cameras') items.get(camera)?.button.scrollIntoView({ block: 'nearest' });
  });
  search.addEventListener('input', draw);
  sheet.addEventListener('click', openSheet);
}

// The map's place on the page: which map stands there, the answer's pins over the cameras of the register, the districts
// under them, the chosen place's card, and those without a location as a list.

import { cameraButton } from '../cameras.js';
import { h, memory, put, say } from '../dom.js';
import { plural } from '../words.js';
import { legend as makeLegend } from './legend.js';
import { mapTools } from './tools.js';
import { shading } from './shading.js';
import { spot as makeSpot } from './spot.js';
import { territories } from './ground.js';

const LISTED = 200;
const MANY = 1000;
const BREATH_MS = 400;
const NARROW = matchMedia('(max-width: 719px)');

const placed = (place) => Number.isFinite(place.latitude) && Number.isFinite(place.longitude);

export async function mapPane(root, { store, evidence, selection, register, viewer, updates }) {
  const part = Object.fromEntries([...root.querySelectorAll('[data-part]')].map((node) => [node.dataset.part, node]));
  const ground = JSON.parse(document.querySelector('meta[name="map-ground"]').content);
  const legend = makeLegend(part.legend, () => later());
  const spot = makeSpot(part.spot, { choose: (camera) => selection.choose({ camera }, 'map'), open });
  let [map, tools, due, wanted, missing] = [null, null, false, null, null];
  let known = { cameras: '', areas: [], drawn: [], state: '' };
  let shaded = { on: memory.get('map.shade'), own: false };

  /** In the register's order, whatever order answers come in: what is drawn from the set of cameras alone stays. */
  const everything = () => {
    const answered = new Map(evidence.places.map((place) => [place.camera, place]));
    const known = register.cameras.map((each) => {
      const place = answered.get(each.camera);
      answered.delete(each.camera);
      return place ?? each;
    });
    return known.concat(evidence.places.filter((place) => answered.has(place.camera) || place.camera === null));
  };

  /** The areas with what the answer says of them; the same array as long as nothing about them changes. */
  function areas(places) {
    const cameras = places.map((place) => place.camera).join('\n');
    if (cameras !== known.cameras) known = { cameras, areas: territories(places), drawn: [], state: '' };
    const members = new Map(places.map((place) => [place.camera, place]));
    for (const area of known.areas) area.places = area.places.map((place) => members.get(place.camera));
    const shades = shading(store.message?.answer, known.areas);
    const possible = shades.figures.size > 0;
    const on = possible && (shaded.on ? shaded.on === 'yes' : shades.own);
    tools.shaded(on, possible);
    // Without tiles the areas are the land itself.
    const drawn = on || tools.kind === 'drawn' ? known.areas : [];
    const titles = drawn.map((area) => ({ area, figure: on ? shades.figures.get(area.name) : null }));
    const state = `${map.id}${titles.map(({ area, figure }) => `${area.name}${figure?.words}${figure?.shade}`)}`;
    if (state !== known.state) {
      known.state = state;
      known.drawn = titles.map(({ area, figure }) => ({ title: figure ? `${area.name} · ${figure.words}` : area.name, shade: figure?.shade, rings: area.rings, top: area.top, foot: area.foot }));
    }
    return { drawn: known.drawn, shades: on ? shades : null };
  }

  function draw() {
    due = false;
    if (!map) return;
    const all = everything().filter(placed);
    const { drawn, shades } = areas(all);
    legend.show(all, shades);
    map.setMarkers(all.filter(legend.shown), drawn);
    part.note.hidden = all.length > 0;
    say(part.note, register.error ? `${register.error.message} ${register.error.hint}` : 'No camera has a place yet. A sheet with latitudes and longitudes puts them on the map.');
    const lost = evidence.places.filter((place) => !placed(place));
    part.nowhere.hidden = !lost.length;
    // A picture of no known camera is a viewpoint of its own, and no camera.
    const cameras = lost.filter(({ camera }) => camera).length;
    const loose = lost.length - cameras;
    say(part.nowhere.firstElementChild, `${[cameras && plural(cameras, 'camera'), loose && plural(loose, 'picture')].filter(Boolean).join(' and ')} with no location`);
    put(part.nowhere.lastElementChild, lost.slice(0, LISTED).map((place) => {
      const item = cameraButton(place, (camera) => selection.choose({ camera }, 'map'));
      item.show(place);
      return h('li', {}, item.button);
    }));
  }

  /** Soon, and for very many places not more often than the eye can follow. */
  function later() {
    if (!due && map) {
      if (evidence.running && evidence.places.length > MANY) setTimeout(draw, BREATH_MS);
      else requestAnimationFrame(draw);
    }
    due = true;
  }

  /** Opens a camera's newest picture, as soon as the list of pictures has it. */
  function open(camera) {
    const index = evidence.rows.findIndex((row) => row.camera === camera);
    wanted = index < 0 ? camera : null;
    if (index >= 0) viewer.open(index);
    else if (selection.filter.camera !== camera) selection.narrow({ camera });
  }

  function show() {
    const { camera, pointed } = selection;
    const all = everything();
    spot.show(camera && all.find((each) => each.camera === camera), all);
    if (!map) return;
    map.foot = (part.spot.firstElementChild?.offsetHeight ?? 0) + 10;
    map.select(camera, pointed);
  }

  const drawer = async (kind) => (kind === 'google' ? (await import('./google.js')).GoogleMap : (await import('./leaflet.js')).LeafletMap);

  /** Puts a map in place of the one before. `drawn` is the one that needs nobody outside. */
  async function stand(kind) {
    map?.destroy();
    map = null;
    part.fault.hidden = true;
    const canvas = h('div', { class: 'map-canvas', role: 'application', 'aria-label': 'Map of the cameras. Arrow keys go from pin to pin, Enter opens one. The tab Table lists the same places in words.' });
    put(part.stage, canvas);
    tools = mapTools(part.tools, (on) => { shaded = { on: on ? 'yes' : 'no' }; memory.set('map.shade', shaded.on); later(); });
    const options = { ...ground, kind: Object.keys(ground.tiles)[0] ?? 'drawn', tools };
    missing = null;
    const Kind = await drawer(kind).catch(() => null);
    // Meanwhile somebody may have asked for another one.
    if (!canvas.isConnected) return;
    if (!Kind) {
      missing = kind;
      failed({ message: 'The map did not arrive.', hint: 'It comes when the server answers again.' });
      return;
    }
    map = new Kind(canvas, kind === 'google' ? { ...options, kind: 'road', failed } : options);
    map.id = kind;
    part.credit.hidden = kind === 'google' || !ground.credit;
    map.onSelect((camera) => (camera === selection.camera && !NARROW.matches ? open(camera) : selection.choose({ camera }, 'map')));
    due = false;
    later();
    show();
  }

  function failed({ message, hint }) {
    map?.destroy();
    map = null;
    put(part.stage);
    put(part.tools);
    part.fault.hidden = false;
    say(part.wrong, message);
    say(part.advice, ` ${hint}`);
  }

  say(part.credit, ground.credit);
  part.again.onclick = () => stand(missing ?? 'google');
  part.plain.onclick = () => stand('drawn');
  part.legend.open = !NARROW.matches;
  part.stage.addEventListener('pointerdown', () => tools?.shut());
  part.tools.addEventListener('change', () => later());
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !selection.camera || event.defaultPrevented) return;
    event.preventDefault();
    selection.choose({}, 'map');
  });
  updates.on('line', ({ state }) => { if (state === 'open' && missing) stand(missing); });
  evidence.on('places', later);
  evidence.on('rows', () => { if (wanted && evidence.rows.some((row) => row.camera === wanted)) open(wanted); });
  register.on('loaded', later);
  store.on('message', (message) => { if (message.id === store.selected) later(); });
  store.on('selected', later);
  selection.on('chosen', show);
  selection.on('pointed', () => map?.select(selection.camera, selection.pointed));
  await stand(ground.key ? 'google' : 'drawn');
}

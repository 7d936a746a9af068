// The map's place on the page: pins of the answer over the cameras of the register, the chosen one in a corner, and
// those without a location as a list.

import { cameraButton } from '../cameras.js';
import { h, name, put, say, stamp } from '../dom.js';
import { mark, spoken } from '../outcomes.js';
import { plural } from '../words.js';
import { thumbnail } from '../api.js';

const placed = (place) => Number.isFinite(place.latitude) && Number.isFinite(place.longitude);

export async function mapPane(root, { evidence, selection, register, viewer }) {
  const [canvas, note, nowhere, spot] = root.children;
  const { LeafletMap } = await import('./leaflet.js');
  const meta = (key) => document.querySelector(`meta[name="${key}"]`)?.content;
  const map = new LeafletMap(canvas, { tiles: meta('map-tiles'), credit: meta('map-credit') });
  let due = false;

  function draw() {
    due = false;
    const answered = new Set(evidence.places.map((place) => place.camera));
    const all = [...register.cameras.filter((each) => !answered.has(each.camera)), ...evidence.places].filter(placed);
    map.setMarkers(all);
    note.hidden = all.length > 0;
    say(note, register.error ? `${register.error.message} ${register.error.hint}` : 'No camera has a place yet. A sheet with latitudes and longitudes puts them on the map.');
    const lost = evidence.places.filter((place) => !placed(place));
    nowhere.hidden = !lost.length;
    say(nowhere.firstElementChild, `${plural(lost.length, 'camera')} with no location`);
    put(nowhere.lastElementChild, lost.slice(0, 200).map((place) => {
      const item = cameraButton(place, (camera) => selection.choose({ camera }, 'map'));
      item.show(place);
      return h('li', {}, item.button);
    }));
  }

  function later() {
    if (!due) requestAnimationFrame(draw);
    due = true;
  }

  function show({ camera }) {
    map.select(camera);
    const place = [...evidence.places, ...register.cameras].find((each) => camera && each.camera === camera);
    put(spot);
    if (!place) return;
    const { root: card, part } = stamp('spot');
    part.open.hidden = !place.picture_id || place.outcome === 'unreadable';
    if (!part.open.hidden) part.image.src = thumbnail(place.picture_id);
    part.open.onclick = () => {
      const index = evidence.rows.findIndex((row) => row.camera === camera);
      if (index >= 0) viewer.open(index);
    };
    put(part.title, name(place.location || place.camera, 80));
    put(part.area, name([place.mandal, place.district].filter(Boolean).join(', '), 80));
    put(part.outcome, mark(place.outcome, place.value), spoken(place.outcome, place.value), place.pictures > 1 ? ` · ${plural(place.pictures, 'picture')}` : '');
    part.close.onclick = () => selection.choose({}, 'map');
    put(spot, card);
  }

  map.onSelect((camera) => selection.choose({ camera }, 'map'));
  evidence.on('places', later);
  register.on('loaded', later);
  selection.on('chosen', show);
  later();
}

// The map's place on the page: pins of the answer over the cameras of the register, the chosen one's picture in a
// corner, and those without a location as a list beside it.

import { thumbnail } from '../api.js';
import { h, icon, name, put } from '../dom.js';
import { mark, spoken } from '../outcomes.js';
import { plural } from '../words.js';

export async function mapPane(root, { evidence, selection, register, viewer }) {
  const canvas = h('div', { class: 'map-canvas', role: 'application', 'aria-label': 'Map of the cameras. The tab Table lists the same places.' });
  const card = h('div', { class: 'map-card', hidden: true });
  const nowhere = h('details', { class: 'nowhere', hidden: true });
  const note = h('p', { class: 'map-note', hidden: true });
  root.append(canvas, note, nowhere, card);
  const { LeafletMap } = await import('./leaflet.js');
  const meta = (key) => document.querySelector(`meta[name="${key}"]`)?.content || null;
  const map = new LeafletMap(canvas, { tiles: meta('map-tiles'), credit: meta('map-credit') ?? '' });
  map.onSelect((camera) => selection.choose({ camera }, 'map'));
  let due = false;

  function draw() {
    due = false;
    const answered = new Map(evidence.places.map((place) => [place.camera, place]));
    const waiting = register.cameras.filter((each) => !answered.has(each.camera)).map((each) => ({ ...each, outcome: null, value: null }));
    const all = [...waiting, ...evidence.places];
    const placed = all.filter((place) => place.latitude !== null && place.latitude !== undefined && place.longitude !== null && place.longitude !== undefined);
    map.setMarkers(placed);
    const lost = evidence.places.filter((place) => place.latitude === null || place.latitude === undefined);
    nowhere.hidden = !lost.length;
    if (lost.length) {
      put(nowhere, h('summary', {}, `${plural(lost.length, 'camera')} without a location`), h('ul', {}, lost.slice(0, 200).map((place) => h('li', {}, h('button', {
        type: 'button', class: 'camera', onclick: () => selection.choose({ camera: place.camera }, 'nowhere'),
      }, mark(place.outcome, place.value, 'mark-small'), h('span', { class: 'camera-place' }, name(place.camera ?? 'unknown camera', 60)), h('span', { class: 'visually-hidden' }, spoken(place.outcome, place.value)))))));
    }
    note.hidden = placed.length > 0;
    note.textContent = register.error ? `${register.error.message} ${register.error.hint}` : 'No camera has a place yet. A sheet with latitudes and longitudes puts them on the map.';
  }

  function later() {
    if (due) return;
    due = true;
    requestAnimationFrame(draw);
  }

  function show({ camera }) {
    map.select(camera);
    const place = evidence.places.find((each) => each.camera === camera) ?? register.cameras.find((each) => each.camera === camera);
    card.hidden = !place;
    if (!place) return;
    const open = () => {
      const index = evidence.rows.findIndex((row) => row.camera === camera);
      if (index >= 0) viewer.open(index);
    };
    put(card, place.picture_id && place.outcome !== 'unreadable' ? h('button', { type: 'button', class: 'map-card-picture', 'aria-label': 'Open the picture', onclick: open },
      h('img', { src: thumbnail(place.picture_id), alt: '' })) : null,
    h('div', { class: 'map-card-words' }, h('strong', {}, name(place.location || place.camera, 80)),
      h('span', { class: 'muted' }, name([place.mandal, place.district].filter(Boolean).join(', '), 80)),
      h('span', { class: 'map-card-outcome' }, mark(place.outcome, place.value, 'mark-small'), spoken(place.outcome, place.value), place.pictures > 1 ? ` · ${plural(place.pictures, 'picture')}` : '')),
    h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Let go', onclick: () => selection.choose({}, 'map') }, icon('x-lg')));
  }

  evidence.on('places', later);
  register.on('loaded', later);
  selection.on('chosen', show);
  later();
  return map;
}

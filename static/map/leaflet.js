// The map by Leaflet, behind the interface that map/pane.js uses: setMarkers, select, onSelect, destroy.

import * as L from 'leaflet';
import { h, name, svg } from '../dom.js';
import { mark, spoken } from '../outcomes.js';
import { count } from '../words.js';
import { CLUSTER_FROM, cells, tally } from './clusters.js';
import { districts, lineStep, rimmed } from './ground.js';

const NEAR = 15;

/** A cell of many places: how many, in a ring whose parts are the outcomes. */
function bunch(places, chosen) {
  const counts = tally(places);
  const ring = svg('svg', { viewBox: '0 0 42 42', class: 'bunch-ring', 'aria-hidden': 'true' });
  let start = 0;
  for (const [outcome, number] of Object.entries(counts)) {
    const share = (number / places.length) * 100;
    if (share) ring.append(svg('circle', { cx: 21, cy: 21, r: 15.915, class: `arc arc-${outcome}`, 'stroke-dasharray': `${share} ${100 - share}`, 'stroke-dashoffset': 25 - start }));
    start += share;
  }
  return h('span', { class: `bunch${chosen ? ' is-chosen' : ''}` }, ring, h('span', {}, count(places.length)));
}

export class LeafletMap {
  #map;
  #places = [];
  #camera = null;
  #told = () => {};
  #pins = new Map();
  #fitted = '';
  #layers = { ground: L.layerGroup(), lines: L.layerGroup(), pins: L.layerGroup() };

  constructor(root, { tiles = null, credit = '' } = {}) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#map = L.map(root, {
      attributionControl: false, zoomControl: false, zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: !calm, zoomSnap: 0.25, maxZoom: 19, minZoom: 2, worldCopyJump: true,
    }).setView([20, 0], 2);
    L.control.zoom({ position: 'topright' }).addTo(this.#map);
    if (tiles) {
      L.tileLayer(tiles, { maxZoom: 19, className: 'tiles' }).addTo(this.#map);
      root.append(h('div', { class: 'map-credit' }, credit));
    }
    for (const layer of Object.values(this.#layers)) layer.addTo(this.#map);
    this.tiles = tiles;
    this.#map.on('moveend zoomend resize', () => { this.#drawLines(); this.#drawPins(); });
    this.watch = new ResizeObserver(() => { this.#map.invalidateSize({ pan: false }); if (!this.#seen) this.#fit(); });
    this.watch.observe(root);
    root.addEventListener('pointerdown', () => { this.#seen = true; }, { once: true });
  }

  #seen = false;

  /** `places` with latitude and longitude; the view is fitted when the set of cameras is another one. */
  setMarkers(places) {
    this.#places = places.filter((place) => place.latitude !== null && place.longitude !== null);
    const cameras = this.#places.map((place) => place.camera).join('\n');
    if (cameras !== this.#fitted) {
      this.#fitted = cameras;
      this.#drawGround();
      if (!this.#seen) this.#fit();
    }
    this.#drawPins();
  }

  select(camera) {
    if (camera === this.#camera) return;
    this.#camera = camera;
    const place = this.#places.find((each) => each.camera === camera);
    if (place && !this.#map.getBounds().pad(-0.05).contains([place.latitude, place.longitude])) {
      this.#map.panTo([place.latitude, place.longitude], { animate: false });
    }
    // The chosen place's card lies over the lower edge: its pin must not lie under it.
    const low = place && this.#map.latLngToContainerPoint([place.latitude, place.longitude]).y - this.#map.getSize().y + 130;
    if (low > 0) this.#map.panBy([0, low], { animate: false });
    this.#drawPins();
  }

  onSelect(listener) { this.#told = listener; }

  destroy() {
    this.watch.disconnect();
    this.#map.remove();
  }

  #fit() {
    if (!this.#places.length) return;
    const bounds = L.latLngBounds(this.#places.map((place) => [place.latitude, place.longitude]));
    this.#map.fitBounds(bounds, { maxZoom: NEAR, animate: false, paddingTopLeft: [44, 62], paddingBottomRight: [44, 34] });
  }

  #drawGround() {
    this.#layers.ground.clearLayers();
    if (this.tiles || this.#places.length < 2) return;
    const at = ([x, y]) => this.#map.options.crs.unproject(L.point(x, y));
    const flat = ({ latitude, longitude }) => { const { x, y } = this.#map.options.crs.project(L.latLng(latitude, longitude)); return [x, y]; };
    const all = this.#places.map(flat);
    const span = Math.max(...[0, 1].map((axis) => Math.max(...all.map((point) => point[axis])) - Math.min(...all.map((point) => point[axis]))), 400);
    for (const { name: title, places } of districts(this.#places)) {
      const area = rimmed(places.map(flat), span * 0.05).map(at);
      L.polygon(area, { className: 'district', interactive: false, smoothFactor: 1 }).addTo(this.#layers.ground);
      const top = area.reduce((best, point) => (point.lat > best.lat ? point : best));
      L.marker(top, { interactive: false, keyboard: false, zIndexOffset: -10000, icon: L.divIcon({ className: 'district-name', iconSize: [0, 0], html: h('span', {}, name(title, 40)) }) }).addTo(this.#layers.ground);
    }
  }

  #drawLines() {
    this.#layers.lines.clearLayers();
    if (this.tiles) return;
    const bounds = this.#map.getBounds();
    const [south, north, west, east] = [bounds.getSouth(), bounds.getNorth(), bounds.getWest(), bounds.getEast()];
    const step = lineStep(Math.max(east - west, 1e-6));
    const line = (ends) => L.polyline(ends, { className: 'graticule', interactive: false }).addTo(this.#layers.lines);
    for (let at = Math.ceil(west / step) * step; at < east; at += step) line([[south, at], [north, at]]);
    for (let at = Math.ceil(south / step) * step; at < north; at += step) line([[at, west], [at, east]]);
  }

  #drawPins() {
    const wanted = new Map(this.#groups().map((group) => [this.#key(group), group]));
    for (const [key, marker] of this.#pins) if (!wanted.has(key)) { marker.remove(); this.#pins.delete(key); }
    for (const [key, group] of wanted) if (!this.#pins.has(key)) this.#pins.set(key, this.#marker(group).addTo(this.#layers.pins));
  }

  #key({ at, places }) {
    const [first] = places;
    const chosen = places.some((place) => place.camera === this.#camera);
    const what = places.length > 1 ? JSON.stringify(tally(places)) : `${first.outcome}${first.value}`;
    return `${first.camera}|${places.length}|${what}|${chosen}|${at.lat},${at.lng}`;
  }

  #groups() {
    const places = this.#places;
    if (places.length <= CLUSTER_FROM) return places.map((place) => ({ at: L.latLng(place.latitude, place.longitude), places: [place] }));
    const bounds = this.#map.getBounds().pad(0.15);
    const zoom = this.#map.getZoom();
    const points = places.filter((place) => bounds.contains([place.latitude, place.longitude]))
      .map((place) => ({ ...this.#map.project([place.latitude, place.longitude], zoom), place }));
    return cells(points).map(({ x, y, places: members }) => ({ at: this.#map.unproject([x, y], zoom), places: members }));
  }

  #marker({ at, places }) {
    const chosen = places.some((place) => place.camera === this.#camera);
    const [place] = places;
    const single = places.length === 1;
    const title = single ? `${place.location || place.camera}: ${spoken(place.outcome, place.value)}` : `${places.length} cameras, ${tally(places).match} match`;
    const shape = single ? mark(place.outcome, place.value, `pin${chosen ? ' is-chosen' : ''}`) : bunch(places, chosen);
    const rank = { match: 300, unsure: 200, unreadable: 100 }[place.outcome] ?? 0;
    const marker = L.marker(at, { icon: L.divIcon({ className: 'pin-place', iconSize: single ? [30, 30] : [44, 44], html: shape }), alt: title, title: title.slice(0, 200), zIndexOffset: chosen ? 5000 : rank, riseOnHover: true });
    marker.on('click', () => (single || this.#map.getZoom() >= 18 ? this.#told(place.camera) : this.#map.setView(at, this.#map.getZoom() + 2)));
    marker.on('add', () => { const node = marker.getElement(); node.setAttribute('aria-label', title.slice(0, 300)); if (single) node.dataset.camera = place.camera; });
    return marker;
  }
}

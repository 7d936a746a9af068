// The map by Leaflet, behind the interface that map/pane.js uses: setMarkers, select, onSelect, destroy. Its ground is
// the operator's tiles or, without any, drawn from the cameras themselves.

import * as L from 'leaflet';
import { lineStep } from './ground.js';
import { Pins } from './pins.js';

const NEAREST_FIT = 15;
const PIN = 24; // half of one, with its ring

export class LeafletMap {
  /** How high the card of the chosen place stands over the lower edge. */
  foot = 0;
  #map;
  #pins;
  #places = [];
  #fitted = '';
  #touched = false;
  #zooming = false;
  #watch;
  #tiles = null;
  #ground = L.layerGroup();
  #lines = L.layerGroup();

  /** `tiles`: templates by kind; `kind`: the one to begin with, or `drawn`; `tools`: what the pane's buttons do. */
  constructor(root, { tiles, kind, tools }) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#map = L.map(root, {
      attributionControl: false, zoomControl: false, zoomAnimation: !calm, fadeAnimation: false, inertia: !calm, zoomSnap: 0.25, maxZoom: 19, minZoom: 0, worldCopyJump: true,
    }).setView([20, 0], 2);
    this.#ground.addTo(this.#map);
    this.#lines.addTo(this.#map);
    const pane = this.#map.createPane('spots');
    this.#pins = new Pins({
      root: pane.appendChild(document.createElement('div')),
      point: (latitude, longitude) => this.#map.latLngToLayerPoint([latitude, longitude]),
      zoom: () => this.#map.getZoom(),
      box: () => this.#box(),
      reveal: (latitude, longitude) => this.#atRest(() => this.#reveal(latitude, longitude, 0)),
      enter: ({ places }) => this.#map.fitBounds(L.latLngBounds(places.map((place) => [place.latitude, place.longitude])), { maxZoom: Math.min(19, this.#map.getZoom() + 4), padding: [60, 60], animate: !calm }),
    });
    this.#map.on('moveend zoomend resize', () => { this.#drawLines(); this.#pins.draw(); });
    this.#map.on('zoom viewreset', () => this.#pins.place());
    this.#map.on('zoomanim', (event) => { this.#zooming = true; this.#pins.place(this.#pointAfter(event)); });
    this.#map.on('zoomend', () => { this.#zooming = false; });
    this.#watch = new ResizeObserver(() => { this.#map.invalidateSize({ pan: false }); if (!this.#touched) this.#fit(); this.#unhide(); });
    this.#watch.observe(root);
    root.addEventListener('pointerdown', () => { this.#touched = true; }, { once: true });
    this.#wire(tools, tiles, kind);
  }

  /** `places` with latitude and longitude; `areas` of districts under them ({title, shade, rings, top, foot}). The view is
   * fitted when the set of cameras is another one, unless somebody has moved the map. */
  setMarkers(places, areas = []) {
    this.#places = places;
    this.#drawGround(areas);
    const cameras = places.map((place) => place.camera).join('\n');
    if (cameras !== this.#fitted) {
      this.#fitted = cameras;
      if (!this.#touched) this.#fit();
    }
    this.#pins.show(places);
  }

  /** `camera` is chosen and brought into view; `pointed` is only lit up. Either may be null. */
  select(camera, pointed = null) {
    this.#pins.select(camera, pointed);
    const other = camera !== this.chosen;
    this.chosen = camera;
    if (other) this.#unhide();
  }

  /** The chosen camera, above its card: also when the pictures below take some of the map's height. */
  #unhide() {
    const place = this.chosen && this.#places.find((each) => each.camera === this.chosen);
    if (place) this.#atRest(() => this.#reveal(place.latitude, place.longitude, this.foot));
  }

  onSelect(listener) { this.#pins.onSelect(listener); }

  destroy() {
    this.#watch.disconnect();
    this.#pins.destroy();
    this.#map.remove();
  }

  #wire(tools, tiles, kind) {
    tools.zoom((by) => this.#map.zoomIn(by));
    tools.fit(() => { this.#atRest(() => this.#fit()); this.#touched = false; });
    tools.kinds(['drawn', ...Object.keys(tiles)], kind, (chosen) => {
      this.#tiles?.remove();
      this.#tiles = tiles[chosen] ? L.tileLayer(tiles[chosen], { maxZoom: 19, className: `tiles tiles-${chosen}`, referrerPolicy: 'strict-origin' }).addTo(this.#map) : null;
      this.#drawLines();
    });
  }

  #box() {
    const { x, y } = this.#map.getSize();
    if (!x || !y) return null;
    const bounds = this.#map.getBounds();
    return { south: bounds.getSouth(), west: bounds.getWest(), north: bounds.getNorth(), east: bounds.getEast() };
  }

  /** Leaflet forgets where it was sent while a zoom is under way. */
  #atRest(move) {
    if (this.#zooming) this.#map.once('zoomend', move);
    else move();
  }

  #fit() {
    if (!this.#places.length || !this.#box()) return;
    const bounds = L.latLngBounds(this.#places.map((place) => [place.latitude, place.longitude]));
    // The name of a district stands above its area, and is to be read.
    for (const { top } of this.areas ?? []) bounds.extend(top);
    this.#map.fitBounds(bounds, { maxZoom: NEAREST_FIT, animate: false, paddingTopLeft: [40, 50], paddingBottomRight: [56, 66] });
  }

  /** Brings a spot into view, and above the card of the chosen place that lies over the lower edge. */
  #reveal(latitude, longitude, foot) {
    const [{ x, y }, size] = [this.#map.latLngToContainerPoint([latitude, longitude]), this.#map.getSize()];
    if (!size.x) return;
    const low = Math.min(foot, size.y * 0.65);
    if (x < 20 || y < 20 || x > size.x - 20 || y > size.y - 20) this.#map.panTo([latitude, longitude], { animate: false });
    const under = this.#map.latLngToContainerPoint([latitude, longitude]).y + PIN - (size.y - low);
    if (under > 0) this.#map.panBy([0, under], { animate: false });
  }

  /** Where points will be when the zoom that begins now has ended. */
  #pointAfter({ center, zoom }) {
    const half = this.#map.getSize().divideBy(2);
    const origin = this.#map.project(center, zoom).subtract(half).add(L.DomUtil.getPosition(this.#map.getPane('mapPane'))).round();
    return (latitude, longitude) => this.#map.project([latitude, longitude], zoom).subtract(origin);
  }

  #drawGround(areas) {
    if (areas === this.areas) return;
    this.areas = areas;
    this.#ground.clearLayers();
    for (const { rings, shade } of areas) {
      L.polygon(rings, { className: `district ${Number.isFinite(shade) ? `shade-${shade}` : ''}`, interactive: false, smoothFactor: 0.5 }).addTo(this.#ground);
    }
    this.#pins.name(areas);
  }

  #drawLines() {
    this.#lines.clearLayers();
    const box = this.#box();
    if (this.#tiles || !box) return;
    const step = lineStep(Math.max(box.east - box.west, 1e-6));
    const line = (ends) => L.polyline(ends, { className: 'graticule', interactive: false }).addTo(this.#lines);
    for (let at = Math.ceil(box.west / step) * step; at < box.east; at += step) line([[box.south, at], [box.north, at]]);
    for (let at = Math.ceil(box.south / step) * step; at < box.north; at += step) line([[at, box.west], [at, box.east]]);
  }
}

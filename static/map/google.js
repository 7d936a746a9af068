// The map by Google, behind the interface that map/pane.js uses: setMarkers, select, onSelect, destroy. What is set
// before Google has loaded is kept and drawn then.
//
// The pins are our own elements on an OverlayView: Google's classic markers are deprecated, its advanced ones need a map
// id from its console and can't be coloured for the night without another, and both know nothing of our four shapes.

import { Pins } from './pins.js';
import { loadGoogle } from './google-load.js';

const NEAREST_FIT = 15;
const PIN = 24; // half of one, with its ring
const KINDS = { road: 'roadmap', satellite: 'satellite', hybrid: 'hybrid', terrain: 'terrain' };
const NIGHT = [
  { elementType: 'geometry', stylers: [{ color: '#131d24' }] },
  { elementType: 'labels.text.fill', stylers: [{ color: '#98a6b0' }] },
  { elementType: 'labels.text.stroke', stylers: [{ color: '#0b1115' }] },
  { elementType: 'labels.icon', stylers: [{ saturation: -80 }, { lightness: -30 }] },
  { featureType: 'road', elementType: 'geometry', stylers: [{ color: '#202c35' }] },
  { featureType: 'road.highway', elementType: 'geometry', stylers: [{ color: '#374854' }] },
  { featureType: 'water', elementType: 'geometry', stylers: [{ color: '#0a1820' }] },
  { featureType: 'poi.park', elementType: 'geometry', stylers: [{ color: '#14231f' }] },
];

const night = () => document.documentElement.getAttribute('data-bs-theme') === 'dark';

export class GoogleMap {
  /** How high the card of the chosen place stands over the lower edge. */
  foot = 0;
  #root;
  #google = null;
  #map = null;
  #overlay = null;
  #pins = null;
  #areas = [];
  #polygons = [];
  #places = [];
  #fitted = '';
  #touched = false;
  #selected = [null, null];
  #told = () => {};
  #gone = false;
  #theme = () => this.#paint();
  // Google keeps the middle of a map that changes its size; until somebody moves it, it is all cameras that shall stay in view.
  #watch = new ResizeObserver(() => { if (this.#map && !this.#touched) this.#fit(); });

  /** `key`; `kind` to begin with; `tools`: what the pane's buttons do; `failed` hears why there is no map. */
  constructor(root, { key, kind, tools, failed }) {
    this.#root = root;
    const tell = (error) => { if (!this.#gone) failed(error); };
    loadGoogle(key, tell).then((google) => { if (!this.#gone) this.#begin(google, kind, tools); }, tell);
  }

  setMarkers(places, areas = []) {
    this.#places = places;
    const others = areas !== this.#areas;
    this.#areas = areas;
    if (!this.#map) return;
    if (others) this.#drawAreas();
    const cameras = places.map((place) => place.camera).join('\n');
    if (cameras !== this.#fitted) {
      this.#fitted = cameras;
      if (!this.#touched) this.#fit();
    }
    this.#pins?.show(places);
  }

  select(camera, pointed = null) {
    const fresh = camera !== this.#selected[0];
    this.#selected = [camera, pointed];
    if (!this.#pins) return;
    this.#pins.select(camera, pointed);
    const place = fresh && this.#places.find((each) => each.camera === camera);
    if (place) this.#reveal(place.latitude, place.longitude, this.foot);
  }

  onSelect(listener) { this.#told = listener; }

  destroy() {
    this.#gone = true;
    this.#watch.disconnect();
    removeEventListener('sightline:theme', this.#theme);
    delete window.gm_authFailure;
    if (!this.#map) return;
    this.#overlay.setMap(null);
    for (const polygon of this.#polygons) polygon.setMap(null);
    this.#google.event.clearInstanceListeners(this.#map);
    this.#map = null;
  }

  #begin(google, kind, tools) {
    this.#google = google;
    this.#map = new google.Map(this.#root, {
      center: { lat: 20, lng: 0 }, zoom: 2, minZoom: 2, disableDefaultUI: true, streetViewControl: true, clickableIcons: false, gestureHandling: 'greedy', styles: night() ? NIGHT : [],
    });
    this.#overlay = this.#layer();
    this.#overlay.setMap(this.#map);
    this.#watch.observe(this.#root);
    this.#map.addListener('dragstart', () => { this.#touched = true; });
    this.#map.addListener('idle', () => this.#pins?.draw());
    addEventListener('sightline:theme', this.#theme);
    tools.zoom((by) => { this.#touched = true; this.#map.setZoom(this.#map.getZoom() + by); });
    tools.fit(() => { this.#touched = false; this.#fit(); });
    tools.kinds(Object.keys(KINDS), kind, (chosen) => this.#map.setMapTypeId(KINDS[chosen]));
  }

  /** An OverlayView that holds the pins; Google calls `onAdd` when there is a projection to place them by. */
  #layer() {
    const { OverlayView, LatLng } = this.#google;
    const layer = new OverlayView();
    layer.onAdd = () => {
      const root = document.createElement('div');
      root.className = 'google-pins';
      layer.getPanes().overlayMouseTarget.append(root);
      OverlayView.preventMapHitsFrom(root);
      this.#pins = new Pins({
        root,
        point: (latitude, longitude) => layer.getProjection().fromLatLngToDivPixel(new LatLng(latitude, longitude)),
        zoom: () => this.#map.getZoom(),
        box: () => this.#map.getBounds()?.toJSON() ?? null,
        reveal: (latitude, longitude) => this.#reveal(latitude, longitude, 0),
        enter: ({ places }) => this.#map.fitBounds(this.#bounds(places), 60),
      });
      this.#pins.onSelect((camera) => this.#told(camera));
      const [places, areas] = [this.#places, this.#areas];
      this.#areas = [];
      this.setMarkers(places, areas);
      this.#pins.select(...this.#selected);
    };
    layer.draw = () => this.#pins.draw();
    layer.onRemove = () => this.#pins.destroy();
    return layer;
  }

  #bounds(places) {
    const bounds = new this.#google.LatLngBounds();
    for (const place of places) bounds.extend({ lat: place.latitude, lng: place.longitude });
    return bounds;
  }

  #fit() {
    if (!this.#places.length) return;
    // One camera alone would be fitted from so near that nothing round it is seen.
    this.#map.setOptions({ maxZoom: NEAREST_FIT });
    this.#map.fitBounds(this.#bounds(this.#places), { top: 50, left: 40, right: 56, bottom: 66 });
    this.#google.event.addListenerOnce(this.#map, 'idle', () => this.#map?.setOptions({ maxZoom: null }));
  }

  #reveal(latitude, longitude, foot) {
    const { LatLng } = this.#google;
    const at = () => this.#overlay.getProjection().fromLatLngToContainerPixel(new LatLng(latitude, longitude));
    const { clientWidth: width, clientHeight: height } = this.#root;
    const { x, y } = at();
    if (x < 20 || y < 20 || x > width - 20 || y > height - 20) this.#map.setCenter({ lat: latitude, lng: longitude });
    const under = at().y + PIN - (height - Math.min(foot, height * 0.65));
    if (under > 0) this.#map.panBy(0, under);
  }

  #drawAreas() {
    for (const polygon of this.#polygons) polygon.setMap(null);
    const colour = (name) => getComputedStyle(this.#root).getPropertyValue(name).trim();
    this.#polygons = this.#areas.map(({ rings, shade }) => new this.#google.Polygon({
      map: this.#map, clickable: false, strokeColor: colour('--accent'), strokeOpacity: 0.7, strokeWeight: 1.25, fillColor: colour('--accent'), fillOpacity: Number.isFinite(shade) ? 0.08 + 0.1 * shade : 0,
      paths: rings.map((ring) => ring.map(([lat, lng]) => ({ lat, lng }))),
    }));
    this.#pins?.name(this.#areas);
  }

  #paint() {
    this.#map?.setOptions({ styles: night() ? NIGHT : [] });
    this.#drawAreas();
  }
}

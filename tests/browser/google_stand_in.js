// Stands in for https://maps.googleapis.com/maps/api/js: the part of google.maps that the page uses, by the reference
// of the Maps JavaScript API. It is served by the test under the page's real policy. What it was told is in
// google.maps.told. Its ground is one colour for each kind of map, as pictures under /maps/vt.
(() => {
  const maps = window.google.maps;
  const TILE = 256;
  const told = { kinds: [], options: [], fits: [], polygons: 0 };

  class MVCObject {
    constructor() { this.heard = {}; }
    addListener(name, handler) { return event.addListener(this, name, handler); }
  }
  const event = {
    addListener(on, name, handler) {
      const list = (on.heard[name] ??= []);
      list.push(handler);
      return { remove() { const at = list.indexOf(handler); if (at >= 0) list.splice(at, 1); } };
    },
    addListenerOnce(on, name, handler) {
      const held = event.addListener(on, name, (...words) => { held.remove(); handler(...words); });
      return held;
    },
    clearInstanceListeners(on) { on.heard = {}; },
    trigger(on, name, ...words) { for (const handler of [...(on.heard[name] ?? [])]) handler(...words); },
  };

  class LatLng {
    constructor(lat, lng) {
      const from = typeof lat === 'object' ? lat : { lat, lng };
      [this.y, this.x] = [from.lat, from.lng].map((value) => (typeof value === 'function' ? value.call(from) : value));
      if (![this.x, this.y].every(Number.isFinite)) throw new TypeError('InvalidValueError: not a LatLng');
    }
    lat() { return this.y; }
    lng() { return this.x; }
  }
  class LatLngBounds {
    constructor() { this.south = 90; this.north = -90; this.west = 180; this.east = -180; }
    extend(point) {
      const at = new LatLng(point);
      [this.south, this.north] = [Math.min(this.south, at.lat()), Math.max(this.north, at.lat())];
      [this.west, this.east] = [Math.min(this.west, at.lng()), Math.max(this.east, at.lng())];
      return this;
    }
    toJSON() { return { south: this.south, north: this.north, west: this.west, east: this.east }; }
  }
  const flat = (point, zoom) => {
    const at = new LatLng(point);
    const sine = Math.sin((at.lat() * Math.PI) / 180);
    return { x: (at.lng() / 360 + 0.5) * TILE * 2 ** zoom, y: (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * TILE * 2 ** zoom };
  };
  const round = ({ x, y }, zoom) => new LatLng((Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / (TILE * 2 ** zoom)))) * 180) / Math.PI, (x / (TILE * 2 ** zoom) - 0.5) * 360);

  class Map extends MVCObject {
    constructor(div, options) {
      super();
      Object.assign(this, { div, options: { ...options }, layers: new Set(), center: new LatLng(options.center), zoom: options.zoom, kind: 'roadmap' });
      told.map = this;
      const style = document.createElement('style');
      style.nonce = document.querySelector('style[nonce], link[rel="stylesheet"][nonce]')?.nonce ?? '';
      style.textContent = '.gm-ground { position: absolute; inset: 0; width: 100%; height: 100%; }';
      document.head.append(style);
      this.ground = div.appendChild(document.createElement('img'));
      this.ground.className = 'gm-ground';
      this.ground.alt = '';
      this.panes = div.appendChild(document.createElement('div'));
      this.panes.style.cssText = 'position: absolute; left: 0; top: 0; z-index: 1';
      this.setMapTypeId('roadmap');
      div.addEventListener('pointerdown', (down) => this.drag(down));
      this.settle();
    }
    drag(down) {
      const from = { x: down.clientX, y: down.clientY, center: flat(this.center, this.zoom), moved: false };
      const move = (to) => {
        if (!from.moved) event.trigger(this, 'dragstart');
        from.moved = true;
        this.center = round({ x: from.center.x - to.clientX + from.x, y: from.center.y - to.clientY + from.y }, this.zoom);
        this.draw();
      };
      addEventListener('pointermove', move);
      addEventListener('pointerup', () => { removeEventListener('pointermove', move); if (from.moved) this.settle(); }, { once: true });
    }
    // As with Google, what moves the map is drawn at once and becomes idle a little later.
    settle() {
      this.draw();
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => { this.ready = true; event.trigger(this, 'idle'); }, 20);
    }
    draw() { for (const layer of this.layers) layer.draw?.(); }
    getZoom() { return this.zoom; }
    setZoom(zoom) { this.zoom = Math.max(this.options.minZoom ?? 0, Math.min(this.options.maxZoom ?? 22, Math.round(zoom))); this.settle(); }
    setCenter(center) { this.center = new LatLng(center); this.settle(); }
    panBy(x, y) {
      const at = flat(this.center, this.zoom);
      this.setCenter(round({ x: at.x + x, y: at.y + y }, this.zoom));
    }
    setOptions(options) { told.options.push(options); Object.assign(this.options, options); }
    setMapTypeId(kind) {
      this.kind = kind;
      told.kinds.push(kind);
      this.ground.src = `https://maps.googleapis.com/maps/vt?kind=${kind}`;
    }
    fitBounds(bounds, padding = 45) {
      const box = bounds.toJSON();
      told.fits.push(box);
      const space = typeof padding === 'number' ? { top: padding, left: padding, right: padding, bottom: padding } : padding;
      const size = [this.div.clientWidth - space.left - space.right, this.div.clientHeight - space.top - space.bottom];
      const ends = [flat({ lat: box.north, lng: box.west }, 0), flat({ lat: box.south, lng: box.east }, 0)];
      const zoom = Math.floor(Math.min(...['x', 'y'].map((axis, index) => Math.log2(Math.max(size[index], 1) / Math.max(ends[1][axis] - ends[0][axis], 1e-9)))));
      this.zoom = Math.max(this.options.minZoom ?? 0, Math.min(this.options.maxZoom ?? 22, zoom));
      const scale = 2 ** this.zoom;
      this.center = round({ x: ((ends[0].x + ends[1].x) / 2) * scale + (space.right - space.left) / 2, y: ((ends[0].y + ends[1].y) / 2) * scale + (space.bottom - space.top) / 2 }, this.zoom);
      this.settle();
    }
    getBounds() {
      if (!this.ready) return undefined;
      const at = flat(this.center, this.zoom);
      const [half, tall] = [this.div.clientWidth / 2, this.div.clientHeight / 2];
      const bounds = new LatLngBounds();
      bounds.extend(round({ x: at.x - half, y: at.y - tall }, this.zoom));
      return bounds.extend(round({ x: at.x + half, y: at.y + tall }, this.zoom));
    }
  }

  class OverlayView extends MVCObject {
    static preventMapHitsFrom(node) { for (const name of ['click', 'dblclick']) node.addEventListener(name, (each) => each.stopPropagation()); }
    setMap(map) {
      if (this.map) { this.map.layers.delete(this); this.map = null; this.onRemove?.(); }
      if (!map) return;
      // onAdd comes later, as it does with Google.
      setTimeout(() => { this.map = map; map.layers.add(this); this.onAdd?.(); this.draw?.(); }, 5);
    }
    getPanes() { return { overlayMouseTarget: this.map.panes }; }
    getProjection() {
      const { map } = this;
      const pixel = (point) => {
        const [at, middle] = [flat(point, map.zoom), flat(map.center, map.zoom)];
        return { x: at.x - middle.x + map.div.clientWidth / 2, y: at.y - middle.y + map.div.clientHeight / 2 };
      };
      return { fromLatLngToDivPixel: pixel, fromLatLngToContainerPixel: pixel };
    }
  }
  class Polygon extends MVCObject {
    constructor(options) { super(); this.options = options; told.polygons += 1; for (const path of options.paths) path.forEach((point) => new LatLng(point)); }
    setMap(map) { if (!map && this.options.map) { this.options.map = null; told.polygons -= 1; } }
  }

  const libraries = { core: { event, LatLng, LatLngBounds, MVCObject }, maps: { Map, OverlayView, Polygon } };
  maps.told = told;
  maps.importLibrary = async (name) => libraries[name];
  Object.assign(maps, libraries.core, libraries.maps);
  const { searchParams } = new URL(document.currentScript.src);
  told.asked = Object.fromEntries(searchParams);
  // A key that is turned down still gives a map; the page is told a moment later.
  if (searchParams.get('key') === 'refused') setTimeout(() => window.gm_authFailure?.(), 60);
  searchParams.get('callback').split('.').reduce((at, name) => at[name], window)();
})();

// The pins, bunches and district names over any map: real buttons, placed by the map's own projection. Both maps draw
// them through this, so that they look, sound and obey the keyboard the same.
//
// A view gives: `root` to draw in, `point(latitude, longitude)` to {x, y} in it, `zoom()`, `box()` in degrees (null while
// there is none), `reveal(latitude, longitude)` and `enter(group)` to go nearer.

import { h, name, put } from '../dom.js';
import { mark } from '../outcomes.js';
import { bunch, wording } from './bunch.js';
import { Clusters, tally } from './clusters.js';

const BEYOND = 0.4;
const DRAG = 5;
const ON_ONE_SPOT = 18;
const RANK = { match: 300, unsure: 200, unreadable: 100 };
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const NAME_TALL = 10;

export class Pins {
  #view;
  #clusters = new Clusters([]);
  #drawn = new Map();
  #names = [];
  #chosen = null;
  #pointed = null;
  #told = () => {};
  #pressed = null;

  constructor(view) {
    this.#view = view;
    const { root } = view;
    root.addEventListener('pointerdown', (event) => { this.#pressed = event; });
    root.addEventListener('click', (event) => this.#click(event));
    root.addEventListener('dblclick', (event) => event.stopPropagation());
    root.addEventListener('keydown', (event) => this.#key(event));
  }

  onSelect(listener) { this.#told = listener; }

  show(places) {
    this.#clusters = new Clusters(places);
    this.draw();
  }

  select(chosen, pointed = null) {
    this.#chosen = chosen;
    this.#pointed = pointed;
    for (const pin of this.#drawn.values()) this.#light(pin);
    this.#tabStop();
  }

  /** Names of the districts: `[{title, top, foot}]`, between which two points each may choose. */
  name(areas) {
    for (const { node } of this.#names) node.remove();
    this.#names = areas.map((area) => ({ ...area, node: h('span', { class: 'district-name' }, h('span', {}, name(area.title, 60))) }));
    this.#view.root.prepend(...this.#names.map(({ node }) => node));
    this.place();
  }

  /** What is in view, in pins: those that stay keep their element. */
  draw() {
    const box = this.#view.box();
    if (!box) return;
    const [tall, wide] = [box.north - box.south, box.east - box.west].map((size) => size * BEYOND);
    const around = { south: box.south - tall, north: box.north + tall, west: box.west - wide, east: box.east + wide };
    const wanted = new Map(this.#clusters.within(this.#view.zoom(), around).map((group) => [group.key, group]));
    const held = this.#held();
    for (const [key, { node }] of this.#drawn) if (!wanted.has(key)) { node.remove(); this.#drawn.delete(key); }
    const added = [];
    for (const [key, group] of wanted) {
      if (!this.#drawn.has(key)) added.push(this.#add(key));
      this.#dress(this.#drawn.get(key), group);
    }
    this.#view.root.append(...added);
    this.place();
    this.#tabStop();
    if (held && !held.node.isConnected) this.#nearest(held.group)?.node.focus({ preventScroll: true });
  }

  /** Puts everything where it belongs now; `point` other than the view's own says where it is going. */
  place(point = this.#view.point) {
    for (const pin of this.#drawn.values()) {
      pin.at = point(pin.group.latitude, pin.group.longitude);
      pin.node.style.transform = `translate(${Math.round(pin.at.x)}px, ${Math.round(pin.at.y)}px)`;
    }
    this.#placeNames(point);
  }

  /** Each name above its area or, where something stands there, below it or within; where all is full, not at all. */
  #placeNames(point) {
    const taken = [...this.#drawn.values()].map(({ at, group }) => ({ ...at, half: group.places.length > 1 ? 21 : 14, tall: group.places.length > 1 ? 21 : 14 }));
    const clear = (spot, half) => !taken.some((other) => Math.abs(other.y - spot.y) < other.tall + NAME_TALL && Math.abs(other.x - spot.x) < other.half + half);
    for (const { node, title, top, foot } of this.#names) {
      const half = 8 + Math.min(title.length, 60) * 3.4;
      const spots = [[top, -17], [foot, 17], [[(top[0] + foot[0]) / 2, (top[1] + foot[1]) / 2], 0], [top, 14], [foot, -14]].map(([place, by]) => { const { x, y } = point(...place); return { x, y: y + by }; });
      const spot = spots.find((each) => clear(each, half));
      node.hidden = !spot;
      if (!spot) continue;
      taken.push({ ...spot, half, tall: NAME_TALL });
      node.style.transform = `translate(${Math.round(spot.x)}px, ${Math.round(spot.y)}px)`;
    }
  }

  destroy() {
    this.#drawn.clear();
    this.#told = () => {};
    put(this.#view.root).remove();
  }

  #add(key) {
    const node = h('button', { type: 'button', class: 'pin-place', tabindex: -1 });
    node.dataset.key = key;
    this.#drawn.set(key, { node });
    return node;
  }

  #dress(pin, group) {
    pin.group = group;
    const [place] = group.places;
    const single = group.places.length === 1;
    const counts = tally(group.places);
    const words = wording(group, counts);
    if (pin.words === words && pin.camera === place.camera) return;
    Object.assign(pin, { words, camera: place.camera });
    put(pin.node, single ? mark(place.outcome, place.value, 'pin') : bunch(group.places, counts));
    pin.node.title = words.slice(0, 200);
    pin.node.setAttribute('aria-label', words.slice(0, 300));
    pin.node.style.zIndex = single ? RANK[place.outcome] ?? 1 : 50;
    if (single) pin.node.dataset.camera = place.camera;
    else delete pin.node.dataset.camera;
    this.#light(pin);
  }

  #light({ node, group: { places } }) {
    const holds = (camera) => camera !== null && places.some((place) => place.camera === camera);
    node.firstElementChild.classList.toggle('is-chosen', holds(this.#chosen));
    node.classList.toggle('is-pointed', holds(this.#pointed));
  }

  #pin(target) { return this.#drawn.get(target.closest?.('.pin-place')?.dataset.key); }

  #held() { return this.#view.root.contains(document.activeElement) ? this.#pin(document.activeElement) : null; }

  /** Exactly one pin is reached by Tab, the others by arrows. */
  #tabStop() {
    const pins = [...this.#drawn.values()];
    const stop = this.#held() ?? pins.find(({ node }) => node.firstElementChild.classList.contains('is-chosen')) ?? pins[0];
    for (const pin of pins) if (pin.node.tabIndex !== (pin === stop ? 0 : -1)) pin.node.tabIndex = pin === stop ? 0 : -1;
  }

  #nearest({ latitude, longitude }) {
    const { x, y } = this.#view.point(latitude, longitude);
    const far = ({ at }) => Math.hypot(at.x - x, at.y - y);
    return [...this.#drawn.values()].reduce((best, pin) => (!best || far(pin) < far(best) ? pin : best), null);
  }

  #click(event) {
    const pin = this.#pin(event.target);
    if (!pin) return;
    event.stopPropagation();
    // The map was dragged by this pin, which came along under the pointer. A key's click has no place.
    if (event.detail && this.#pressed && Math.hypot(event.clientX - this.#pressed.clientX, event.clientY - this.#pressed.clientY) > DRAG) return;
    const [place, ...others] = pin.group.places;
    const apart = others.some((other) => other.latitude !== place.latitude || other.longitude !== place.longitude);
    if (apart && this.#view.zoom() < ON_ONE_SPOT) this.#view.enter(pin.group);
    else this.#told(place.camera);
  }

  #key(event) {
    const pin = this.#pin(event.target);
    const way = WAYS[event.key];
    if (!pin || !way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    let best = null;
    for (const other of this.#drawn.values()) {
      const [x, y] = [other.at.x - pin.at.x, other.at.y - pin.at.y];
      const along = x * way[0] + y * way[1];
      const worth = along + 2 * Math.abs(x * way[1] + y * way[0]);
      if (along > 2 && (!best || worth < best.worth)) best = { worth, pin: other };
    }
    if (!best) return;
    const { group, node } = best.pin;
    node.focus({ preventScroll: true });
    this.#tabStop();
    this.#view.reveal(group.latitude, group.longitude);
  }
}

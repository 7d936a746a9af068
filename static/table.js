// The places of the answer as a table that sorts and is searched: the map in words. What it shows is saved as CSV.

import { h, name, press, put, say, stamp } from './dom.js';
import { LABEL, OUTCOMES, mark, spoken } from './outcomes.js';
import { count, figure } from './words.js';
import { csv, save } from './files.js';

const STEP = 200;
const SAVED = ['outcome', 'value', 'location', 'district', 'mandal', 'camera', 'latitude', 'longitude', 'pictures'];

const kept = (places) => save('sightline-places.csv', 'text/csv', csv([SAVED, ...places.map((place) => SAVED.map((key) => place[key]))]));

/** The order of two values; what is missing stands last in either direction. */
function compare(a, b, way) {
  if (a === null || b === null) return (a === null) - (b === null);
  return way * (typeof a === 'number' ? a - b : a.localeCompare(b, 'en', { numeric: true }));
}

export function table(root, { evidence, selection }) {
  const [body, foot, find] = ['tbody', '.table-foot', 'input'].map((part) => root.querySelector(part));
  const heads = [...root.querySelectorAll('th')];
  let order = { key: 'outcome', way: 1 };
  let rows = new Map();
  let limit = STEP;

  const worth = (place) => (order.key === 'outcome' ? OUTCOMES.indexOf(place.outcome) : place[order.key] ?? null);
  const words = () => find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  /** A row stays where each word is in one of its cells. */
  function fits(place, wanted) {
    const text = [LABEL[place.outcome], place.location, place.district, place.mandal, place.camera, place.camera ? '' : place.name].join(' ').toLowerCase();
    return wanted.every((word) => text.includes(word));
  }
  const sorted = (wanted = words()) => evidence.places.filter((place) => fits(place, wanted)).sort((a, b) => compare(worth(a), worth(b), order.way) || (b.value ?? 0) - (a.value ?? 0));

  function row(place) {
    const { root: item, part } = stamp('row');
    const choose = () => selection.choose({ camera: place.camera }, 'table');
    put(part.mark, mark(place.outcome));
    say(part.outcome, LABEL[place.outcome] ?? spoken());
    say(part.value, figure(place.value));
    for (const key of ['location', 'district', 'mandal', 'camera']) put(part[key], name(place[key], 80));
    if (!place.location) put(part.location, place.camera ? h('span', { class: 'muted' }, 'no location') : name(place.name, 80));
    say(part.pictures, count(place.pictures));
    if (place.camera) item.dataset.camera = place.camera;
    item.onclick = choose;
    item.onkeydown = (event) => { if (event.key === 'Enter') choose(); };
    rows.set(place.camera, item);
    return item;
  }

  function draw() {
    if (root.hidden) return;
    const places = sorted();
    rows = new Map();
    find.hidden = !evidence.places.length;
    for (const head of heads) head.setAttribute('aria-sort', head.dataset.key !== order.key ? 'none' : order.way > 0 ? 'ascending' : 'descending');
    put(body, places.slice(0, limit).map(row));
    put(foot, places.length > limit && press('btn quiet', () => { limit *= 4; draw(); }, `Show more of ${count(places.length)}`),
      places.length ? press('action', () => kept(sorted()), h('i', { class: 'bi bi-download', 'aria-hidden': 'true' }), ' Save as CSV')
        : h('p', { class: 'nothing' }, evidence.places.length ? 'No place has these words.' : 'The places of an answer are listed here.'));
    paint();
  }

  function paint() {
    for (const [camera, item] of rows) item.classList.toggle('is-chosen', camera === selection.camera);
  }

  for (const head of heads) {
    head.firstElementChild.onclick = () => {
      const { key } = head.dataset;
      order = { key, way: order.key === key ? -order.way : ['value', 'pictures'].includes(key) ? -1 : 1 };
      draw();
    };
  }
  find.oninput = () => { limit = STEP; draw(); };
  draw();
  evidence.on('places', draw);
  selection.on('tab', draw);
  selection.on('chosen', ({ camera, from }) => { paint(); if (from !== 'table') rows.get(camera)?.scrollIntoView({ block: 'nearest' }); });
}

// The places of the answer as a table that sorts: the map in words. It can be taken along as CSV.

import { h, name, press, put, say, stamp } from './dom.js';
import { LABEL, OUTCOMES, mark, spoken } from './outcomes.js';
import { count, figure } from './words.js';

const STEP = 200;
const SAVED = ['outcome', 'value', 'location', 'district', 'mandal', 'camera', 'latitude', 'longitude', 'pictures'];

/** A value that begins like a formula would be run by a spreadsheet; a leading quote keeps it text. */
function cell(value) {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function save(places) {
  const lines = [SAVED, ...places.map((place) => SAVED.map((key) => place[key]))].map((row) => row.map(cell).join(','));
  const address = URL.createObjectURL(new Blob([`\ufeff${lines.join('\r\n')}`], { type: 'text/csv' }));
  h('a', { href: address, download: 'sightline-places.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** The order of two values; what is missing stands last in either direction. */
function compare(a, b, way) {
  if (a === null || b === null) return (a === null) - (b === null);
  return way * (typeof a === 'number' ? a - b : a.localeCompare(b, 'en', { numeric: true }));
}

export function table(root, { evidence, selection }) {
  const [body, foot] = ['tbody', '.table-foot'].map((part) => root.querySelector(part));
  const heads = [...root.querySelectorAll('th')];
  let order = { key: 'outcome', way: 1 };
  let rows = new Map();
  let limit = STEP;

  const worth = (place) => (order.key === 'outcome' ? OUTCOMES.indexOf(place.outcome) : place[order.key] ?? null);
  const sorted = () => [...evidence.places].sort((a, b) => compare(worth(a), worth(b), order.way) || (b.value ?? 0) - (a.value ?? 0));

  function row(place) {
    const { root: item, part } = stamp('row');
    const choose = () => selection.choose({ camera: place.camera }, 'table');
    put(part.mark, mark(place.outcome));
    say(part.outcome, LABEL[place.outcome] ?? spoken());
    say(part.value, figure(place.value));
    for (const key of ['location', 'district', 'mandal', 'camera']) put(part[key], name(place[key], 80));
    if (!place.location) put(part.location, h('span', { class: 'muted' }, 'no location'));
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
    for (const head of heads) head.setAttribute('aria-sort', head.dataset.key !== order.key ? 'none' : order.way > 0 ? 'ascending' : 'descending');
    put(body, places.slice(0, limit).map(row));
    put(foot, places.length > limit && press('btn quiet', () => { limit *= 4; draw(); }, `Show more of ${count(places.length)}`),
      places.length ? press('action', () => save(sorted()), h('i', { class: 'bi bi-download', 'aria-hidden': 'true' }), ' Save as CSV')
        : h('p', { class: 'nothing' }, 'The places of an answer are listed here.'));
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
  draw();
  evidence.on('places', draw);
  selection.on('tab', draw);
  selection.on('chosen', ({ camera, from }) => { paint(); if (from !== 'table') rows.get(camera)?.scrollIntoView({ block: 'nearest' }); });
}

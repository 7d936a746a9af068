// The places of the answer as a table that sorts, and the map in words. It can be taken along as CSV.

import { h, icon, name, put } from './dom.js';
import { LABEL, mark, spoken } from './outcomes.js';
import { count, figure } from './words.js';

const RANK = { match: 0, unsure: 1, unreadable: 2, no_match: 3 };
const COLUMNS = [
  ['outcome', 'Outcome', (place) => RANK[place.outcome] ?? 4], ['value', 'Figure', (place) => place.value],
  ['location', 'Place', (place) => place.location], ['district', 'District', (place) => place.district],
  ['mandal', 'Mandal', (place) => place.mandal], ['camera', 'Camera', (place) => place.camera], ['pictures', 'Pictures', (place) => place.pictures],
];
const STEP = 200;

/** Values that begin like a formula would be run by a spreadsheet; a leading quote keeps them text. */
function cell(value) {
  const text = String(value ?? '');
  const safe = typeof value === 'number' || !/^[=+\-@\t\r]/.test(text) ? text : `'${text}`;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csv(places) {
  const heads = ['outcome', 'value', 'location', 'district', 'mandal', 'camera', 'latitude', 'longitude', 'pictures'];
  return [heads, ...places.map((place) => heads.map((head) => place[head]))].map((row) => row.map(cell).join(',')).join('\r\n');
}

export function table(root, { evidence, selection }) {
  const body = h('tbody');
  const heads = COLUMNS.map(([key, label]) => h('th', { scope: 'col', class: `col-${key}` }, h('button', { type: 'button', onclick: () => sortBy(key) }, label, icon('chevron-expand'))));
  const foot = h('div', { class: 'table-foot' });
  root.append(h('table', { class: 'places' }, h('caption', { class: 'visually-hidden' }, 'The places of this answer'), h('thead', {}, h('tr', {}, heads)), body), foot);
  let order = { key: 'outcome', down: false };
  let rows = new Map();
  let limit = STEP;

  function sortBy(key) {
    order = { key, down: order.key === key ? !order.down : ['value', 'pictures'].includes(key) };
    draw();
  }

  function sorted() {
    const [, , read] = COLUMNS.find(([key]) => key === order.key);
    const worth = (place) => { const value = read(place); return value === undefined ? null : value; };
    const compare = (a, b) => {
      const [x, y] = [worth(a), worth(b)];
      if (x === null || y === null) return (x === null) - (y === null);
      const way = typeof x === 'number' ? x - y : String(x).localeCompare(String(y), 'en', { numeric: true });
      return order.down ? -way : way;
    };
    return [...evidence.places].sort((a, b) => compare(a, b) || (b.value ?? 0) - (a.value ?? 0));
  }

  function row(place) {
    const item = h('tr', { tabindex: '0', onclick: () => choose(place), onkeydown: (event) => { if (event.key === 'Enter') choose(place); } },
      h('td', { class: 'col-outcome' }, mark(place.outcome, null, 'mark-small'), h('span', { class: 'outcome-word' }, LABEL[place.outcome] ?? spoken())),
      h('td', { class: 'col-value' }, figure(place.value)), h('td', {}, place.location ? name(place.location, 80) : h('span', { class: 'muted' }, 'no location')),
      h('td', {}, name(place.district ?? '', 50)), h('td', {}, name(place.mandal ?? '', 50)), h('td', { class: 'col-camera' }, name(place.camera ?? '', 50)), h('td', { class: 'col-pictures' }, count(place.pictures)));
    rows.set(place.camera, item);
    return item;
  }

  const choose = (place) => selection.choose({ camera: place.camera }, 'table');

  function draw() {
    if (root.hidden) return;
    rows = new Map();
    const places = sorted();
    heads.forEach((head, index) => {
      const mine = COLUMNS[index][0] === order.key;
      head.setAttribute('aria-sort', mine ? (order.down ? 'descending' : 'ascending') : 'none');
    });
    put(body, places.slice(0, limit).map(row));
    put(foot, places.length ? [
      places.length > limit ? h('button', { type: 'button', class: 'btn quiet', onclick: () => { limit *= 4; draw(); } }, `Show more of ${count(places.length)}`) : null,
      h('button', { type: 'button', class: 'action', onclick: save }, icon('download'), ' Save as CSV')]
      : h('p', { class: 'nothing' }, 'The places of an answer are listed here.'));
    paint();
  }

  function save() {
    const address = URL.createObjectURL(new Blob([`\ufeff${csv(sorted())}`], { type: 'text/csv' }));
    h('a', { href: address, download: 'sightline-places.csv' }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  function paint() {
    for (const [camera, item] of rows) item.classList.toggle('is-chosen', camera !== null && camera === selection.camera);
  }

  evidence.on('places', draw);
  selection.on('tab', () => { root.hidden = selection.tab !== 'table'; draw(); });
  selection.on('chosen', ({ camera, from }) => { paint(); if (from !== 'table') rows.get(camera)?.scrollIntoView({ block: 'nearest' }); });
  root.hidden = true;
}

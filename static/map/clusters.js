// Many pins become few: a grid over the whole world at each zoom, one group for each cell, so that nothing changes its
// group while the map is panned. Pure functions and one index; nothing here knows a map library.

export const CLUSTER_FROM = 500;
const CELL = 56;
const NEAR = 44;
const TILE = 256;
const COLUMNS = 2 ** 26;
const KEPT_ZOOMS = 12;

/** Web Mercator: longitude and latitude to [x, y] in 0..1 of the whole world. */
export function flat(latitude, longitude) {
  const sine = Math.sin((Math.max(-85.05, Math.min(85.05, latitude)) * Math.PI) / 180);
  return [longitude / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** The way back: [latitude, longitude]. */
export function round(x, y) {
  return [(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, (x - 0.5) * 360];
}

/** How many of `places` have each outcome. */
export function tally(places) {
  const counts = { match: 0, unsure: 0, unreadable: 0, no_match: 0, waiting: 0 };
  for (const place of places) counts[place.outcome ?? 'waiting'] += 1;
  return counts;
}

/** Cells whose middles would overlap become one; the larger one takes the smaller. */
function merged(grid, width) {
  const near = (NEAR / CELL) * width;
  for (const cell of [...grid.values()].sort((a, b) => b.places.length - a.places.length)) {
    if (!grid.has(cell.key)) continue;
    for (let step = 0; step < 9; step += 1) {
      const other = grid.get(cell.key + (Math.floor(step / 3) - 1) * COLUMNS + (step % 3) - 1);
      if (!other || other === cell) continue;
      if (Math.hypot(other.x / other.places.length - cell.x / cell.places.length, other.y / other.places.length - cell.y / cell.places.length) > near) continue;
      for (const place of other.places) cell.places.push(place);
      cell.x += other.x;
      cell.y += other.y;
      grid.delete(other.key);
    }
  }
  return grid;
}

/** Places on the map, grouped for any zoom. Few of them are grouped only where they stand on the very same spot. */
export class Clusters {
  #places;
  #flat;
  #zooms = new Map();

  constructor(places) {
    this.#places = places;
    this.#flat = places.map((place) => flat(place.latitude, place.longitude));
  }

  /** Groups `{key, latitude, longitude, places}` at `zoom` inside `box` ({south, west, north, east}), in a stable order. */
  within(zoom, { south, west, north, east }) {
    const [left, top] = flat(north, west);
    const [right, bottom] = flat(south, east);
    const round = right <= left;
    return this.#at(zoom).filter(({ x, y }) => y >= top && y <= bottom && (round ? x >= left || x <= right : x >= left && x <= right));
  }

  #at(zoom) {
    const known = this.#zooms.get(zoom);
    if (known) return known;
    if (this.#zooms.size >= KEPT_ZOOMS) this.#zooms.clear();
    const many = this.#places.length > CLUSTER_FROM;
    const groups = many ? this.#cells(CELL / (TILE * 2 ** zoom)) : this.#spots();
    this.#zooms.set(zoom, groups);
    return groups;
  }

  #cells(width) {
    const grid = new Map();
    this.#flat.forEach(([x, y], index) => {
      const key = Math.floor(x / width) * COLUMNS + Math.floor(y / width);
      let cell = grid.get(key);
      if (!cell) grid.set(key, cell = { key, x: 0, y: 0, places: [] });
      cell.x += x;
      cell.y += y;
      cell.places.push(this.#places[index]);
    });
    return [...merged(grid, width).values()].map(({ key, x, y, places }) => this.#group(`${width}:${key}`, x / places.length, y / places.length, places));
  }

  #spots() {
    const groups = new Map();
    this.#flat.forEach(([x, y], index) => {
      const place = this.#places[index];
      const key = `${place.latitude}:${place.longitude}`;
      if (groups.has(key)) groups.get(key).places.push(place);
      else groups.set(key, this.#group(key, x, y, [place]));
    });
    return [...groups.values()];
  }

  #group(key, x, y, places) {
    const [latitude, longitude] = round(x, y);
    return { key, x, y, latitude, longitude, places };
  }
}

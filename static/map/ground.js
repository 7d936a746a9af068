// The ground of a map without tiles: a graticule, and for each district the area of its cameras. It is drawn from the
// data itself and says nothing about real borders.

import { flat, round } from './clusters.js';

const CELLS = 150;

/** The convex hull of `points` ([x, y]), by Andrew's monotone chain. */
export function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (line) => {
    const chain = [];
    for (const point of line) {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.reverse())];
}

const inside = (ring, x, y) => ring.length > 2 && ring.every(([ax, ay], index) => {
  const [bx, by] = ring[(index + 1) % ring.length];
  return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
});

/** Distances between lines of the graticule: the round step that gives about `wanted` lines over `span` degrees. */
export function lineStep(span, wanted = 7) {
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

/** Districts with their placed cameras: `[{name, places}]`. */
export function districts(places) {
  const groups = new Map();
  for (const place of places) {
    if (!place.district) continue;
    if (groups.has(place.district)) groups.get(place.district).push(place);
    else groups.set(place.district, [place]);
  }
  return [...groups].map(([name, members]) => ({ name, places: members }));
}

/** For each cell the seed ([x, y, district]) that is nearest to it, by jump flooding; -1 where there is none. */
function nearest(seeds, wide, high) {
  let owner = new Int32Array(wide * high).fill(-1);
  seeds.forEach(([x, y], index) => { owner[Math.floor(y) * wide + Math.floor(x)] = index; });
  for (let jump = 2 ** Math.ceil(Math.log2(Math.max(wide, high))) / 2; jump >= 1; jump /= 2) {
    const next = owner.slice();
    for (let y = 0; y < high; y += 1) {
      for (let x = 0; x < wide; x += 1) {
        let best = next[y * wide + x];
        let least = best < 0 ? Infinity : (seeds[best][0] - x - 0.5) ** 2 + (seeds[best][1] - y - 0.5) ** 2;
        for (let step = 0; step < 9; step += 1) {
          const [ox, oy] = [x + ((step % 3) - 1) * jump, y + (Math.floor(step / 3) - 1) * jump];
          const other = ox < 0 || oy < 0 || ox >= wide || oy >= high ? -1 : owner[oy * wide + ox];
          if (other < 0) continue;
          const distance = (seeds[other][0] - x - 0.5) ** 2 + (seeds[other][1] - y - 0.5) ** 2;
          if (distance < least) { least = distance; best = other; }
        }
        next[y * wide + x] = best;
      }
    }
    owner = next;
  }
  return owner;
}

/** The rings round the cells for which `held(x, y)`: closed chains of corners, inner ones turned the other way. */
function rings(held, wide, high) {
  const from = new Map();
  const edge = (ax, ay, bx, by) => {
    const key = ay * (wide + 1) + ax;
    from.set(key, [...(from.get(key) ?? []), [bx, by]]);
  };
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      if (!held(x, y)) continue;
      if (!held(x, y - 1)) edge(x, y, x + 1, y);
      if (!held(x + 1, y)) edge(x + 1, y, x + 1, y + 1);
      if (!held(x, y + 1)) edge(x + 1, y + 1, x, y + 1);
      if (!held(x - 1, y)) edge(x, y + 1, x, y);
    }
  }
  const found = [];
  for (const key of from.keys()) {
    const ring = [];
    for (let at = key; from.get(at)?.length;) {
      const [x, y] = from.get(at).pop();
      ring.push([x, y]);
      at = y * (wide + 1) + x;
    }
    if (ring.length > 7) found.push(ring);
  }
  return found;
}

/** A ring of steps as a soft line: three times the mean of each corner's neighbourhood, then every other corner. */
function softened(ring) {
  let line = ring;
  for (let round = 0; round < 3; round += 1) {
    line = line.map((_, index) => [0, 1].map((axis) => {
      const at = (step) => line[(index + step + line.length) % line.length][axis];
      return (at(-2) + at(-1) + at(0) + at(1) + at(2)) / 5;
    }));
  }
  return line.filter((_, index) => index % 2 === 0);
}

/**
 * The area of each district's cameras: `[{name, places, rings: [[[latitude, longitude]]], top, foot: [latitude,
 * longitude]}]`.
 * A spot belongs to the district of the camera nearest to it, as far as a camera's reach goes or, between the
 * district's own cameras, as far as the line round them.
 */
export function territories(places) {
  const groups = districts(places);
  if (!groups.length) return [];
  const points = groups.flatMap((group, index) => group.places.map((place) => [...flat(place.latitude, place.longitude), index]));
  const low = [0, 1].map((axis) => points.reduce((least, point) => Math.min(least, point[axis]), Infinity));
  const size = [0, 1].map((axis) => points.reduce((most, point) => Math.max(most, point[axis] - low[axis]), 2e-6));
  const reach = Math.max(5, Math.min(CELLS / 11, CELLS / Math.sqrt(points.length)));
  const margin = Math.ceil(reach) + 2;
  const scale = (CELLS - 2 * margin) / Math.max(...size);
  const [wide, high] = size.map((length) => Math.ceil(length * scale) + 2 * margin);
  const seeds = points.map(([x, y, index]) => [(x - low[0]) * scale + margin, (y - low[1]) * scale + margin, index]);
  const lines = groups.map(() => []);
  for (const seed of seeds) lines[seed[2]].push(seed);
  const hulls = lines.map(hull);
  const owner = nearest(seeds, wide, high);
  const district = owner.map((seed, cell) => {
    const [x, y, index] = [(cell % wide) + 0.5, Math.floor(cell / wide) + 0.5, seeds[seed][2]];
    const distance = Math.hypot(seeds[seed][0] - x, seeds[seed][1] - y);
    return distance <= reach || (distance <= 5 * reach && inside(hulls[index], x, y)) ? index : -1;
  });
  const place = ([x, y]) => round((x - margin) / scale + low[0], (y - margin) / scale + low[1]);
  return groups.map((group, index) => {
    const held = (x, y) => x >= 0 && y >= 0 && x < wide && y < high && district[y * wide + x] === index;
    const drawn = rings(held, wide, high).map(softened).sort((a, b) => b.length - a.length);
    const end = (way) => place((drawn[0] ?? lines[index]).reduce((best, corner) => (way * corner[1] > way * best[1] ? corner : best)));
    return { ...group, rings: drawn.map((ring) => ring.map(place)), top: end(-1), foot: end(1) };
  });
}

// Many pins become few: a grid over the screen, one pin for each cell that holds several. Pure functions of positions.

const CELL = 56;
export const CLUSTER_FROM = 500;

/** Groups `points` ([{x, y, place}], in pixels of the present zoom) by cell: `[{x, y, places}]`, in a stable order. */
export function cells(points, size = CELL) {
  const grid = new Map();
  for (const { x, y, place } of points) {
    const key = `${Math.floor(x / size)}:${Math.floor(y / size)}`;
    const cell = grid.get(key) ?? { key, x: 0, y: 0, places: [] };
    cell.x += x;
    cell.y += y;
    cell.places.push(place);
    grid.set(key, cell);
  }
  return [...grid.values()].map((cell) => ({ ...cell, x: cell.x / cell.places.length, y: cell.y / cell.places.length }));
}

/** How many of `places` have each outcome. */
export function tally(places) {
  const counts = { match: 0, unsure: 0, unreadable: 0, no_match: 0, waiting: 0 };
  for (const place of places) counts[place.outcome ?? 'waiting'] += 1;
  return counts;
}

// The ground of a map without tiles: a graticule and, round the cameras of each district, an outline with its name.
// It is drawn from the data itself and says nothing about real borders.

const RIM = 14;

/** The convex hull of `points` ([x, y]), by Andrew's monotone chain. */
export function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (line) => line.reduce((chain, point) => {
    while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
    return [...chain, point];
  }, []).slice(0, -1);
  return sorted.length < 3 ? sorted : [...half(sorted), ...half([...sorted].reverse())];
}

/** `hull` of a group with a soft rim of `radius` round each point, so that one or two cameras make an area too. */
export function rimmed(points, radius) {
  const around = points.flatMap(([x, y]) => Array.from({ length: RIM }, (_, step) => {
    const angle = (step / RIM) * 2 * Math.PI;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  }));
  return hull(around);
}

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
    groups.set(place.district, [...(groups.get(place.district) ?? []), place]);
  }
  return [...groups].map(([name, members]) => ({ name, places: members }));
}

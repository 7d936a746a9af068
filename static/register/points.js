// A small map of where the cameras of a sheet would stand: dots, in the shape of their land, with nothing to load.

const MARGIN = 16;

/** Draws `points` ([[latitude, longitude]]) into `canvas`, in the page's colours. */
export function drawPoints(canvas, points) {
  const scale = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const pen = canvas.getContext('2d');
  const style = getComputedStyle(canvas);
  pen.scale(scale, scale);
  if (!points.length) return;
  const [south, north, west, east] = edges(points);
  const narrowing = Math.cos(((south + north) / 2) * (Math.PI / 180)) || 1;
  const zoom = Math.min((width - 2 * MARGIN) / ((east - west) * narrowing), (height - 2 * MARGIN) / (north - south));
  const size = points.length > 500 ? 1.5 : 3;
  pen.fillStyle = style.getPropertyValue('--accent');
  pen.globalAlpha = points.length > 500 ? 0.55 : 0.85;
  for (const [latitude, longitude] of points) {
    pen.beginPath();
    pen.arc(width / 2 + (longitude - (west + east) / 2) * narrowing * zoom, height / 2 - (latitude - (south + north) / 2) * zoom, size, 0, 7);
    pen.fill();
  }
}

/** South, north, west, east; never so near to each other that nothing could be told apart. */
function edges(points) {
  const found = [0, 1].flatMap((axis) => [Math.min(...points.map((each) => each[axis])), Math.max(...points.map((each) => each[axis]))]);
  return found.map((edge, index) => edge + (index % 2 ? 0.002 : -0.002));
}

/** The Equal Earth projection (Šavrič, Patterson and Jenny, 2018, doi 10.1080/13658816.2018.1504949).
 *
 * Areas keep their size, so that a colour does not seem more where land is drawn larger.
 */

const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796] as const;
const M = Math.sqrt(3) / 2;
const RADIAN = Math.PI / 180;

export const HALF_WIDTH = 2.7066299836;
const [NORTH, SOUTH] = [1.3173627592, -1.09]; // the south is cut below 58 degrees: no one is there
export const ASPECT = (2 * HALF_WIDTH) / (NORTH - SOUTH);

/** Degrees to the projection's plane, x east and y north. */
export function equalEarth(lon: number, lat: number): readonly [number, number] {
  const theta = Math.asin(M * Math.sin(lat * RADIAN));
  const two = theta * theta;
  const six = two * two * two;
  const x = (lon * RADIAN * Math.cos(theta)) / (M * (A1 + 3 * A2 * two + six * (7 * A3 + 9 * A4 * two)));
  return [x, theta * (A1 + A2 * two + six * (A3 + A4 * two))];
}

/** Degrees to shares of the map, from its upper left corner. */
export function onMap(lon: number, lat: number): readonly [number, number] {
  const [x, y] = equalEarth(lon, lat);
  return [(x + HALF_WIDTH) / (2 * HALF_WIDTH), (NORTH - y) / (NORTH - SOUTH)];
}

/** What paths of the map are drawn in: shares times this. */
export const SCALE = 1000;

export interface Look {
  readonly zoom: number;
  readonly x: number; // share of the map that is in the middle
  readonly y: number;
}

export const WHOLE: Look = { zoom: 1, x: 0.5, y: 0.5 };

export interface Frame {
  readonly width: number; // CSS pixels
  readonly height: number;
}

/** Pixels of the map's width and height, and of its upper left corner. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
}

export function sheet(look: Look, frame: Frame): Sheet {
  const width = Math.min(frame.width, frame.height * ASPECT) * look.zoom;
  const height = width / ASPECT;
  return { width, height, left: frame.width / 2 - look.x * width, top: frame.height / 2 - look.y * height };
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** Nearer or farther, while the place under (px, py) stays where it is. */
export function zoomed(look: Look, frame: Frame, factor: number, px = frame.width / 2, py = frame.height / 2): Look {
  const zoom = clamp(look.zoom * factor, 1, 24);
  const before = sheet(look, frame);
  const [x, y] = [(px - before.left) / before.width, (py - before.top) / before.height];
  const after = sheet({ ...look, zoom }, frame);
  return held({ zoom, x: look.x + (after.left + x * after.width - px) / after.width, y: look.y + (after.top + y * after.height - py) / after.height });
}

export function panned(look: Look, frame: Frame, dx: number, dy: number): Look {
  const { width, height } = sheet(look, frame);
  return held({ ...look, x: look.x - dx / width, y: look.y - dy / height });
}

function held(look: Look): Look {
  return { ...look, x: clamp(look.x, 0, 1), y: clamp(look.y, 0, 1) };
}

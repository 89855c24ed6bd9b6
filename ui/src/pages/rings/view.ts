/** From space to the canvas: rings around a sphere, turned by two angles, seen from a distance. */

export interface View {
  readonly turn: number; // around the axis that stands upright, radians
  readonly tilt: number;
  readonly zoom: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly near: number; // 0 at the far end, 1 at the near one
}

export type Vector = readonly [number, number, number];

export const START: View = { turn: 0.5, tilt: 0.42, zoom: 1 };
export const SPHERE = 0.24; // radius of the Internet in the middle; the rings stand at 1
export const SCALE = 0.42; // of the shorter side
const EYE = 4;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/** Where each of `count` rings stands around the sphere, evenly (Fibonacci's lattice). */
export function centre(index: number, count: number): Vector {
  if (count === 1) return [1, 0, 0];
  const height = 1 - (2 * (index + 0.5)) / count;
  const radius = Math.sqrt(1 - height * height);
  const angle = GOLDEN * index;
  return [radius * Math.cos(angle), height, radius * Math.sin(angle)];
}

/** The radius of rings, so that neighbours do not touch. */
export function radius(count: number): number {
  return Math.min(0.34, 1.25 / Math.sqrt(count));
}

/** A point of a ring: its centre, and the share of the circle (0 to 1) from its top. */
export function around(middle: Vector, size: number, share: number): Vector {
  const [x, y, z] = middle;
  const flat = Math.hypot(x, z) || 1e-9;
  const side: Vector = [-z / flat, 0, x / flat]; // the ring faces outwards
  const up: Vector = [(-x * y) / flat, flat, (-z * y) / flat];
  const [c, s] = [Math.cos(2 * Math.PI * share) * size, Math.sin(2 * Math.PI * share) * size];
  return [x + c * up[0] + s * side[0], y + c * up[1] + s * side[1], z + c * up[2] + s * side[2]];
}

/** Where a point of space is seen. */
export function project(at: Vector, view: View, frame: Frame): Point {
  const [x, y, z] = at;
  const [ct, st] = [Math.cos(view.turn), Math.sin(view.turn)];
  const [cp, sp] = [Math.cos(view.tilt), Math.sin(view.tilt)];
  const across = x * ct - z * st;
  const deep = x * st + z * ct;
  const high = y * cp - deep * sp;
  const depth = y * sp + deep * cp;
  const scale = (Math.min(frame.width, frame.height) * SCALE * view.zoom * EYE) / (EYE - depth);
  return {
    x: frame.width / 2 + across * scale,
    y: frame.height / 2 - high * scale,
    near: Math.max(0, Math.min(1, (depth + 1.4) / 2.8)),
  };
}

export function turned(view: View, dx: number, dy: number): View {
  const tilt = Math.max(-1.5, Math.min(1.5, view.tilt + dy));
  return { ...view, turn: view.turn + dx, tilt };
}

export function zoomed(view: View, by: number): View {
  return { ...view, zoom: Math.max(0.5, Math.min(12, view.zoom * by)) };
}

/** The view in which a ring stands in the middle, at the front. */
export function facing(view: View, middle: Vector): View {
  const [x, y, z] = middle;
  return { ...view, turn: Math.atan2(x, z), tilt: Math.asin(Math.max(-1, Math.min(1, y))) };
}

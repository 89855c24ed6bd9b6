/** How the two planes lie on the screen: one affine map a plane, so that it can be undone. */

import { SEMANTIC, type Scene } from "./scene";

export interface Camera {
  readonly zoom: number;
  readonly panX: number; // of the frame's half height, after the zoom
  readonly panY: number;
  readonly turn: number; // radians about the upright axis
  readonly tilt: number; // 0: planes seen edge on, 1: from above
}

export const START: Camera = { zoom: 1, panX: 0, panY: 0, turn: -0.32, tilt: 0.52 };

export interface Frame {
  readonly width: number; // CSS pixels
  readonly height: number;
}

/** Screen pixels of a plane's point: (a·x + b·y + e, c·x + d·y + f). */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export interface Box {
  readonly x: number; // middle
  readonly y: number;
  readonly half: number; // half of the longer side
}

/** The square about all nodes: both planes are of the same size, so that one lies over the other. */
export function box(scene: Scene): Box {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < scene.nodes; i++) {
    const [x, y] = [scene.x[i] as number, scene.y[i] as number];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < low) low = y;
    if (y > high) high = y;
  }
  if (left > right) return { x: 0, y: 0, half: 1 };
  return { x: (left + right) / 2, y: (low + high) / 2, half: Math.max(right - left, high - low, 1e-6) / 2 };
}

const APART = 0.56; // of the half height: the distance of the planes

/** The map of `layer` for this camera. */
export function plane(camera: Camera, frame: Frame, around: Box, layer: number): Affine {
  const unit = (Math.min(frame.height, frame.width * 0.9) / 2) * camera.zoom;
  const scale = (unit * 0.74) / around.half;
  const [cos, sin] = [Math.cos(camera.turn), Math.sin(camera.turn)];
  const [a, b] = [scale * cos, -scale * sin];
  const [c, d] = [scale * camera.tilt * sin, scale * camera.tilt * cos];
  const lift = (layer === SEMANTIC ? -1 : 1) * unit * APART * Math.sqrt(1 - camera.tilt * camera.tilt);
  const half = frame.height / 2;
  return {
    a, b, c, d,
    e: frame.width / 2 + camera.panX * half - a * around.x - b * around.y,
    f: half + camera.panY * half + lift - c * around.x - d * around.y,
  };
}

export function project(map: Affine, x: number, y: number): [number, number] {
  return [map.a * x + map.b * y + map.e, map.c * x + map.d * y + map.f];
}

/** Where on the plane a pixel is. */
export function unproject(map: Affine, px: number, py: number): [number, number] {
  const det = map.a * map.d - map.b * map.c;
  const [u, v] = [px - map.e, py - map.f];
  return [(map.d * u - map.b * v) / det, (map.a * v - map.c * u) / det];
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** Closer or farther, with the pixel (px, py) staying where it is. */
export function zoomed(camera: Camera, frame: Frame, factor: number, px: number, py: number): Camera {
  const zoom = clamp(camera.zoom * factor, 0.3, 400);
  const real = zoom / camera.zoom;
  const half = frame.height / 2;
  const [x, y] = [(px - frame.width / 2) / half, (py - half) / half];
  return { ...camera, zoom, panX: x - (x - camera.panX) * real, panY: y - (y - camera.panY) * real };
}

export function panned(camera: Camera, frame: Frame, dx: number, dy: number): Camera {
  const half = frame.height / 2;
  return { ...camera, panX: camera.panX + dx / half, panY: camera.panY + dy / half };
}

/** Turned and tilted a little: never so far that a plane is seen edge on. */
export function turned(camera: Camera, turn: number, tilt: number): Camera {
  return { ...camera, turn: clamp(camera.turn + turn, -1.2, 1.2), tilt: clamp(camera.tilt + tilt, 0.28, 0.95) };
}

/** The camera that brings a node to the middle. */
export function centred(camera: Camera, frame: Frame, px: number, py: number): Camera {
  return panned(camera, frame, frame.width / 2 - px, frame.height / 2 - py);
}

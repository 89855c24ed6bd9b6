/** From where the cube is seen: turned about its middle, nearer or farther, moved aside. */

export interface Camera {
  readonly turn: number; // radians about the upright axis
  readonly tilt: number; // radians above the horizon
  readonly far: number; // distance from the middle
  readonly panX: number;
  readonly panY: number;
}

export const START: Camera = { turn: 0.6, tilt: 0.24, far: 4.2, panX: 0, panY: 0.16 };

export interface Frame {
  readonly width: number; // CSS pixels
  readonly height: number;
}

export type Point = readonly [number, number, number];

/** 4 × 4, in the order of columns, as the graphics want it. */
export type Matrix = Float32Array;

const VIEW = 0.72; // radians, the whole height
const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

export function turned(camera: Camera, turn: number, tilt: number): Camera {
  return { ...camera, turn: camera.turn + turn, tilt: clamp(camera.tilt + tilt, -1.45, 1.45) };
}

export function zoomed(camera: Camera, factor: number): Camera {
  return { ...camera, far: clamp(camera.far / factor, 1.2, 14) };
}

/** How far away the eye is: a narrow frame is seen from farther. */
function distance(camera: Camera, frame: Frame): number {
  return camera.far * Math.max(1, 1.45 / Math.max(0.2, frame.width / Math.max(1, frame.height)));
}

/** Moved by pixels of the screen. */
export function panned(camera: Camera, frame: Frame, dx: number, dy: number): Camera {
  const unit = (2 * Math.tan(VIEW / 2) * distance(camera, frame)) / Math.max(1, frame.height);
  return { ...camera, panX: clamp(camera.panX + dx * unit, -3, 3), panY: clamp(camera.panY - dy * unit, -3, 3) };
}

/** What takes a point of the cube to the screen. */
export function view(camera: Camera, frame: Frame): Matrix {
  const aspect = frame.width / Math.max(1, frame.height);
  const far = distance(camera, frame);
  const focal = 1 / Math.tan(VIEW / 2);
  const [cy, sy] = [Math.cos(camera.turn), Math.sin(camera.turn)];
  const [cx, sx] = [Math.cos(camera.tilt), Math.sin(camera.tilt)];
  // Turn about y, tilt about x, then move away: rows of the view.
  const rows = [
    [cy, 0, -sy, camera.panX],
    [-sx * sy, cx, -sx * cy, camera.panY],
    [cx * sy, sx, cx * cy, -far],
  ] as const;
  const [near, end] = [0.1, 60];
  const matrix = new Float32Array(16);
  for (let column = 0; column < 4; column++) {
    const [x, y, z] = rows.map((row) => row[column] as number) as [number, number, number];
    const w = column === 3 ? 1 : 0;
    matrix[4 * column] = (focal / aspect) * x;
    matrix[4 * column + 1] = focal * y;
    matrix[4 * column + 2] = ((end + near) / (near - end)) * z + ((2 * end * near) / (near - end)) * w;
    matrix[4 * column + 3] = -z;
  }
  return matrix;
}

/** Pixels of a point, and whether it lies before the eye. */
export function project(matrix: Matrix, frame: Frame, [x, y, z]: Point): { x: number; y: number; seen: boolean } {
  const row = (i: number): number =>
    (matrix[i] as number) * x + (matrix[4 + i] as number) * y + (matrix[8 + i] as number) * z + (matrix[12 + i] as number);
  const w = row(3);
  return { x: ((row(0) / w + 1) / 2) * frame.width, y: ((1 - row(1) / w) / 2) * frame.height, seen: w > 0.1 };
}

/** Which node is under the pointer: a grid of cells for each plane, asked near one point. */

import { box, unproject, type Affine, type Box } from "./camera";
import { ARTIFACT, SEMANTIC, type Scene } from "./scene";

export interface Index {
  readonly around: Box;
  readonly cells: number; // along one side
  readonly start: Uint32Array; // two planes of cells × cells, and one more
  readonly nodes: Uint32Array; // by cell
}

/** Nodes by cell (counting sort); a cell holds a few nodes. */
export function index(scene: Scene): Index {
  const around = box(scene);
  const cells = Math.max(1, Math.min(512, Math.ceil(Math.sqrt(scene.nodes / 3))));
  const cellOf = (i: number): number => cell(around, cells, scene.layer[i] as number, scene.x[i] as number, scene.y[i] as number);
  const start = new Uint32Array(2 * cells * cells + 1);
  for (let i = 0; i < scene.nodes; i++) start[cellOf(i) + 1] = (start[cellOf(i) + 1] as number) + 1;
  for (let c = 0; c < 2 * cells * cells; c++) start[c + 1] = (start[c + 1] as number) + (start[c] as number);
  const next = start.slice();
  const nodes = new Uint32Array(scene.nodes);
  for (let i = 0; i < scene.nodes; i++) {
    const c = cellOf(i);
    const at = next[c] as number;
    nodes[at] = i;
    next[c] = at + 1;
  }
  return { around, cells, start, nodes };
}

function along(value: number, middle: number, half: number, cells: number): number {
  const at = Math.floor(((value - middle + half) / (2 * half)) * cells);
  return Math.max(0, Math.min(cells - 1, at));
}

function cell(around: Box, cells: number, layer: number, x: number, y: number): number {
  const [i, j] = [along(x, around.x, around.half, cells), along(y, around.y, around.half, cells)];
  return (layer * cells + j) * cells + i;
}

/** Calls `visit` with the nodes of one plane that may be within the square of side 2·r. */
function near(of: Index, layer: number, x: number, y: number, r: number, visit: (node: number) => void): void {
  const { around, cells } = of;
  const [i0, i1] = [along(x - r, around.x, around.half, cells), along(x + r, around.x, around.half, cells)];
  const [j0, j1] = [along(y - r, around.y, around.half, cells), along(y + r, around.y, around.half, cells)];
  for (let j = j0; j <= j1; j++) {
    const row = (layer * cells + j) * cells;
    const end = of.start[row + i1 + 1] as number;
    for (let at = of.start[row + i0] as number; at < end; at++) visit(of.nodes[at] as number);
  }
}

/** The nearest node within `reach` pixels of (px, py), -1: none. The upper plane wins a tie. */
export function pick(scene: Scene, of: Index, maps: readonly [Affine, Affine], px: number, py: number, reach: number): number {
  let best = -1;
  let least = reach * reach;
  for (const layer of [SEMANTIC, ARTIFACT] as const) {
    const map = maps[layer];
    const [x, y] = unproject(map, px, py);
    // A pixel of the flattened direction is the longest way on the plane.
    const size = Math.abs(map.a * map.d - map.b * map.c) / Math.hypot(map.a, map.b);
    near(of, layer, x, y, reach / size, (node) => {
      const dx = map.a * (scene.x[node] as number) + map.b * (scene.y[node] as number) + map.e - px;
      const dy = map.c * (scene.x[node] as number) + map.d * (scene.y[node] as number) + map.f - py;
      const distance = dx * dx + dy * dy;
      if (distance < least) [best, least] = [node, distance];
    });
  }
  return best;
}

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Nodes of one plane in a rectangle of the screen. */
export function within(scene: Scene, map: Affine, layer: number, area: Rectangle): number[] {
  const found: number[] = [];
  for (let i = 0; i < scene.nodes; i++) {
    if (scene.layer[i] !== layer) continue;
    const px = map.a * (scene.x[i] as number) + map.b * (scene.y[i] as number) + map.e;
    const py = map.c * (scene.x[i] as number) + map.d * (scene.y[i] as number) + map.f;
    if (px >= area.left && px <= area.right && py >= area.top && py <= area.bottom) found.push(i);
  }
  return found;
}

/** The plane that a pixel is over; the upper one where both are. */
export function planeAt(of: Index, maps: readonly [Affine, Affine], px: number, py: number): number {
  const inside = (layer: 0 | 1): boolean => {
    const [x, y] = unproject(maps[layer], px, py);
    return Math.abs(x - of.around.x) <= of.around.half * 1.06 && Math.abs(y - of.around.y) <= of.around.half * 1.06;
  };
  return inside(SEMANTIC) ? SEMANTIC : ARTIFACT;
}

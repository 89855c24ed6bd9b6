/** Which nodes get their name written, so that names do not lie on each other. */

import type { Affine, Frame } from "./camera";
import type { Scene } from "./scene";

export interface Label {
  readonly node: number;
  readonly x: number;
  readonly y: number;
}

const WIDE = 170; // pixels that a name takes
const TALL = 17;

/** The most important nodes in view whose names do not lie on another's, at most `most`; `first` are always among them. */
export function placed(
  scene: Scene, maps: readonly [Affine, Affine], frame: Frame, important: Uint32Array, first: readonly number[], most: number,
): Label[] {
  const found: Label[] = [];
  const put = (node: number, always: boolean): void => {
    const map = maps[scene.layer[node] === 1 ? 1 : 0];
    const x = map.a * (scene.x[node] as number) + map.b * (scene.y[node] as number) + map.e;
    const y = map.c * (scene.x[node] as number) + map.d * (scene.y[node] as number) + map.f;
    if (x < 0 || y < 12 || x > frame.width - 40 || y > frame.height - 12) return;
    if (!always && found.some((one) => Math.abs(one.x - x) < WIDE && Math.abs(one.y - y) < TALL)) return;
    found.push({ node, x, y });
  };
  for (const node of first) put(node, true);
  const chosen = new Set(first);
  for (let k = 0; k < important.length && k < 4000 && found.length < most; k++) {
    const node = important[k] as number;
    if (!chosen.has(node)) put(node, false);
  }
  return found;
}

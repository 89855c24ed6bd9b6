/** Which packet is under the pointer: those in flight are few enough to be asked one by one. */

import type { Ring } from "../replay/ring";
import { pointOf } from "./axes";
import { project, type Frame, type Matrix } from "./camera";

export interface Flight {
  readonly now: number;
  readonly flight: number;
  readonly glow: number;
  readonly shown: (slot: number) => boolean;
}

const REACH = 11; // pixels

/** The slot of the packet nearest to (px, py), -1 where none is near. */
export function pick(ring: Ring, matrix: Matrix, frame: Frame, at: Flight, px: number, py: number): number {
  let [best, least] = [-1, REACH * REACH];
  for (const [first, count] of ring.alive(at.now, at.flight + at.glow)) {
    for (let slot = first; slot < first + count; slot++) {
      const distance = away(ring, slot, matrix, frame, at, px, py);
      if (distance < least && at.shown(slot)) [best, least] = [slot, distance];
    }
  }
  return best;
}

/** Where a packet is at the moment, in pixels. */
export function placeOf(ring: Ring, slot: number, matrix: Matrix, frame: Frame, at: Flight): { x: number; y: number; seen: boolean } {
  const t = Math.max(0, Math.min(1, (at.now - ring.birth(slot)) / at.flight));
  const [a, b] = [pointOf("source", ring.end(slot, 0), ring.end(slot, 1)), pointOf("destination", ring.end(slot, 2), ring.end(slot, 3))];
  return project(matrix, frame, [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]);
}

function away(ring: Ring, slot: number, matrix: Matrix, frame: Frame, at: Flight, px: number, py: number): number {
  const { x, y, seen } = placeOf(ring, slot, matrix, frame, at);
  return seen ? (x - px) ** 2 + (y - py) ** 2 : Infinity;
}

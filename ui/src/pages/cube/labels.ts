/** What is written beside the planes, where there is room for it. */

import { point, portTicks, QUARTERS, SOURCE_TICKS, type Plane, type Scale, type Side, type Tick } from "./axes";
import { project, type Frame, type Matrix } from "./camera";

export interface Label {
  readonly key: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "middle" | "end";
  readonly title: boolean;
}

export interface Titles {
  readonly source: string;
  readonly destination: string;
  readonly unknown: string; // the band of ports that are not kept
}

const TALL = 14;
const WIDE = 74;
const HALF_TITLE = 88; // pixels

/** Labels of both planes; of those that would lie on each other the first stays. */
export function labels(matrix: Matrix, frame: Frame, scale: Scale, plane: Plane, destinations: readonly Tick[], titles: Titles): Label[] {
  const found: Label[] = [];
  const put = (key: string, text: string, side: Side, along: number, up: number, anchor: Label["anchor"], title = false): void => {
    const at = project(matrix, frame, point(side, along, up));
    if (!at.seen || at.x < 4 || at.y < 8 || at.x > frame.width - 4 || at.y > frame.height - 4) return;
    if (!title && found.some((one) => Math.abs(one.x - at.x) < WIDE && Math.abs(one.y - at.y) < TALL)) return;
    const x = title ? Math.max(HALF_TITLE, Math.min(frame.width - HALF_TITLE, at.x)) : at.x;
    found.push({ key, text, x, y: at.y, anchor, title });
  };
  for (const side of ["source", "destination"] as const) {
    const outer = outside(matrix, frame, side);
    put(`${side} title`, titles[side], side, 0.5, 1.09, "middle", true);
    if (side === "source" && plane === "map") {
      for (const one of QUARTERS) put(`map ${one.text}`, one.text, side, one.along, one.up, "middle");
      continue;
    }
    for (const tick of portTicks(scale)) put(`${side} ${tick.text}`, tick.text, side, outer.along, tick.at, outer.anchor);
    put(`${side} unknown`, titles.unknown, side, outer.along, -0.06, outer.anchor);
    for (const tick of side === "source" ? SOURCE_TICKS : destinations) put(`${side} ${tick.text}`, tick.text, side, tick.at, -0.19, "middle");
  }
  return found;
}

/** The upright edge of a plane that has more room beside it: the one farther from the middle of the screen. */
function outside(matrix: Matrix, frame: Frame, side: Side): { along: number; anchor: "start" | "end" } {
  const [near, far] = [0, 1].map((along) => project(matrix, frame, point(side, along, 0.5)).x) as [number, number];
  const along = Math.abs(near - frame.width / 2) > Math.abs(far - frame.width / 2) ? 0 : 1;
  const x = along === 0 ? near : far;
  return { along: along === 0 ? -0.03 : 1.03, anchor: x < frame.width / 2 ? "end" : "start" };
}

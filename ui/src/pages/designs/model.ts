/** What the pages of designs work out from the documents they are given. */

import type { Circuit, CircuitNode, Design, DesignPage, HardwareModel, RankedNet, Region } from "../../api/hardware";

/** A probability as text: what is not certain is never written as 0 or 1. */
export function chance(value: number): string {
  if (value < 0.001) return "<0.001";
  if (value >= 0.9995) return ">0.999";
  return value.toFixed(value >= 0.995 || value < 0.01 ? 3 : 2);
}

export const ORDERS = ["-ts", "-probability", "-flagged", "-cells", "name"] as const;

const keyed: Readonly<Record<string, (one: Design) => number | string>> = {
  ts: (one) => one.ts,
  name: (one) => one.name.toLowerCase(),
  cells: (one) => one.cells,
  probability: (one) => one.probability,
  flagged: (one) => one.flagged,
};

/** Designs in the order of a column; `-` turns it round. */
export function sorted(rows: DesignPage["items"], sort: string): Design[] {
  const of = keyed[sort.replace(/^-/, "")] ?? ((one: Design) => one.ts);
  const sign = sort.startsWith("-") ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [of(a), of(b)];
    return sign * (x < y ? -1 : x > y ? 1 : 0) || b.ts - a.ts;
  });
}

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly share: number; // height: by the logarithm, so that one cell is seen beside a million
}

export function bars(histogram: readonly number[]): Bar[] {
  const most = Math.log10(1 + Math.max(1, ...histogram));
  return histogram.map((count, i) => ({
    from: i / histogram.length,
    to: (i + 1) / histogram.length,
    count,
    share: Math.log10(1 + count) / most,
  }));
}

/** Between which numbers the cells at or above `threshold` are, as equal bins can tell. */
export function atLeast(histogram: readonly number[], threshold: number): { readonly least: number; readonly most: number } {
  const at = threshold * histogram.length;
  const sum = (from: number): number => histogram.slice(from).reduce((total, count) => total + count, 0);
  return { least: sum(Math.ceil(at - 1e-9)), most: sum(Math.min(histogram.length - 1, Math.floor(at + 1e-9))) };
}

/** Goals whose thresholds were set so that this share of cells without a Trojan passes them. */
const CLEAN_SHARES: Readonly<Record<string, number>> = { tnr_95: 0.05, tnr_99: 0.01, clean: 0.0002 };

export interface Alarms {
  readonly cells: number;
  readonly bound: "about" | "at_most" | "at_least";
}

/**
 * How many cells of a clean design of `cells` cells pass `threshold`; null where the model does
 * not say.
 *
 * The model's thresholds for its goals were measured on designs it had not seen; between two
 * of them the share is read off a straight line of its logarithm.
 */
export function falseAlarms(model: HardwareModel | undefined, threshold: number, cells: number): Alarms | null {
  const known = Object.entries(model?.thresholds ?? {})
    .flatMap(([goal, at]) => (CLEAN_SHARES[goal] === undefined ? [] : [{ at, share: CLEAN_SHARES[goal] }]))
    .sort((a, b) => a.at - b.at || b.share - a.share);
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return null;
  if (threshold <= first.at) return { cells: cells * first.share, bound: threshold < first.at ? "at_least" : "about" };
  if (threshold >= last.at) return { cells: cells * last.share, bound: "at_most" };
  const after = known.findIndex((one) => one.at > threshold);
  const [low, high] = [known[after - 1] ?? first, known[after] ?? last];
  const part = (threshold - low.at) / (high.at - low.at);
  return { cells: cells * Math.exp(Math.log(low.share) * (1 - part) + Math.log(high.share) * part), bound: "about" };
}

/** Sides of a path in the drawing: names that lead here, and names that it leads to. */
export interface Beside {
  readonly node: CircuitNode;
  readonly drivers: readonly CircuitNode[];
  readonly loads: readonly CircuitNode[];
}

/** The sub-circuit as a list, from the inputs to the outputs, for those who do not see it. */
export function listed(circuit: Circuit): Beside[] {
  const known = new Map(circuit.nodes.map((node) => [node.id, node]));
  const nodesOf = (ids: readonly number[]): CircuitNode[] => ids.flatMap((id) => known.get(id) ?? []);
  return [...circuit.nodes]
    .sort((a, b) => a.depth - b.depth || b.probability - a.probability)
    .map((node) => ({
      node,
      drivers: nodesOf(circuit.edges.filter(([, to]) => to === node.id).map(([from]) => from)),
      loads: nodesOf(circuit.edges.filter(([from]) => from === node.id).map(([, to]) => to)),
    }));
}

export interface Bubble {
  readonly region: Region;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/**
 * Regions as circles in a row of rows; their areas are as their cells, but none is too small to hit.
 *
 * `width` is that of the frame; what is returned lies from the top downwards.
 */
export function bubbles(regions: readonly Region[], width: number, most = 46): { readonly height: number; readonly items: Bubble[] } {
  const largest = Math.max(1, ...regions.map((region) => region.cells));
  const scale = Math.min(most, 14 * Math.sqrt(largest));
  const gap = 14;
  let [x, y, tall] = [0, 0, 0];
  const items = regions.map((region) => {
    const radius = Math.max(16, scale * Math.sqrt(region.cells / largest));
    if (x > 0 && x + 2 * radius > width) [x, y, tall] = [0, y + tall + gap, 0];
    const placed = { region, x: x + radius, y: y + radius, radius };
    x += 2 * radius + gap;
    tall = Math.max(tall, 2 * radius);
    return placed;
  });
  return { height: y + tall, items };
}

export interface Circle {
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

/** Circles moved as little as a few rounds of pushing need so that none hides another, inside the frame. */
export function apart(circles: readonly Circle[], width: number, height: number): Circle[] {
  const at = circles.map((one) => ({ ...one }));
  const inside = (value: number, r: number, end: number): number => Math.max(r, Math.min(end - r, value));
  for (let round = 0; round < 40; round++) {
    for (const [i, a] of at.entries()) {
      for (const b of at.slice(i + 1)) {
        const [dx, dy] = [b.x - a.x, b.y - a.y];
        const far = Math.hypot(dx, dy);
        const push = (a.r + b.r + 2 - far) / 2;
        if (push <= 0) continue;
        const [ux, uy] = far > 0.01 ? [dx / far, dy / far] : [1, 0];
        [a.x, a.y, b.x, b.y] = [a.x - ux * push, a.y - uy * push, b.x + ux * push, b.y + uy * push];
      }
    }
    for (const one of at) [one.x, one.y] = [inside(one.x, one.r, width), inside(one.y, one.r, height)];
  }
  return at;
}

/** The part of a name that fits under a gate. */
export function short(name: string, most = 15): string {
  return name.length <= most ? name : `${name.slice(0, most - 5)}…${name.slice(-4)}`;
}

/** A word as a POSIX shell takes it. */
function quote(text: string): string {
  return /^[\w.:/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The name of the file that a design was read from. */
export function fileOf(path: string): string {
  return path.split("/").at(-1) ?? path;
}

/** The command that judges the design again. */
export function scanCommand(design: Pick<Design, "path" | "name">): string {
  return `kaname hardware netlist scan ${quote(design.path || `${design.name}.v`)}`;
}

/** The command that says again why the nets down to this one are suspicious. */
export function explainCommand(design: Pick<Design, "path" | "name">, net: Pick<RankedNet, "rank">): string {
  return `${scanCommand(design)} --limit ${Math.max(1, net.rank)} --json`;
}

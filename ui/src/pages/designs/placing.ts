/** From layers to points: where each gate stands and how each wire runs. */

import { layered, type Gate, type Slot, type Wire } from "./layers";

export const GATE = { width: 52, height: 36 } as const;
const COLUMN = 132; // from the middle of a layer to the next
const ROW = 74; // between gates of a layer
const THIN = 26; // where only a wire passes
const MARGIN = 40;

export interface Placed {
  readonly id: string;
  readonly x: number; // middle
  readonly y: number;
}

export interface Drawn {
  readonly wire: Wire;
  readonly back: boolean;
  readonly path: string; // from the corner (x, y)
  readonly x: number;
  readonly y: number;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly gates: readonly Placed[];
  readonly wires: readonly Drawn[];
}

/**
 * The places nearest to the wished ones (least squares) that keep the order and the distances.
 *
 * Pool adjacent violators: `apart[i]` is the least distance of place i from the one before.
 */
export function spread(wished: readonly number[], apart: readonly number[]): number[] {
  let from = 0;
  const offsets = wished.map((_, i) => (from += i === 0 ? 0 : (apart[i] ?? 0)));
  const pools: { sum: number; count: number }[] = [];
  wished.forEach((wish, i) => {
    let pool = { sum: wish - (offsets[i] ?? 0), count: 1 };
    for (let last = pools.at(-1); last && last.sum / last.count > pool.sum / pool.count; last = pools.at(-1)) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
    }
    pools.push(pool);
  });
  const level = pools.flatMap((pool) => Array.from({ length: pool.count }, () => pool.sum / pool.count));
  return level.map((at, i) => at + (offsets[i] ?? 0));
}

const ROUNDS = 8;

/** Heights of all slots: each near the middle of what it is joined to. */
function heights(slots: readonly Slot[], order: readonly (readonly number[])[]): number[] {
  const y = slots.map(() => 0);
  const tall = (slot: number | undefined): number => (slots[slot ?? -1]?.gate === null ? THIN : ROW);
  const gaps = order.map((layer) => layer.map((slot, i) => (tall(slot) + tall(layer[i - 1])) / 2));
  order.forEach((layer, at) => {
    let down = 0;
    layer.forEach((slot, i) => (y[slot] = down += i === 0 ? 0 : (gaps[at]?.[i] ?? ROW)));
    for (const slot of layer) y[slot] = (y[slot] ?? 0) - down / 2;
  });
  for (let round = 0; round < ROUNDS; round++) {
    const path = order.map((_, i) => (round % 2 === 0 ? i : order.length - 1 - i));
    for (const at of path) {
      const layer = order[at] ?? [];
      const settled = spread(layer.map((slot) => wish(slots[slot], y, y[slot] ?? 0)), gaps[at] ?? []);
      layer.forEach((slot, i) => (y[slot] = settled[i] ?? 0));
    }
  }
  return y;
}

function wish(slot: Slot | undefined, y: readonly number[], now: number): number {
  const near = [...(slot?.left ?? []), ...(slot?.right ?? [])];
  return near.length === 0 ? now : near.reduce((sum, one) => sum + (y[one] ?? 0), 0) / near.length;
}

/** Where the inputs of a gate are, as distances from its middle. */
export function pins(count: number): number[] {
  const room = GATE.height - 10;
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : -room / 2 + (room * i) / (count - 1)));
}

type Point = readonly [x: number, y: number];

/** A smooth line from point to point that leaves and arrives level. */
export function curve(points: readonly Point[]): string {
  const [start, ...rest] = points.map(([x, y]) => [Math.round(x * 10) / 10, Math.round(y * 10) / 10] as Point);
  if (!start) return "";
  let [px, py] = start;
  const parts = rest.map(([x, y]) => {
    const middle = Math.round(((px + x) / 2) * 10) / 10;
    const part = py === y ? `H${x}` : `C${middle},${py} ${middle},${y} ${x},${y}`;
    [px, py] = [x, y];
    return part;
  });
  return `M${start[0]},${start[1]}${parts.join("")}`;
}

/** A line that leaves to the right, goes back over (or under) the gates, and arrives from the left. */
function around(from: Point, to: Point, ways: readonly Point[]): string {
  const [fx, fy] = from;
  const [tx, ty] = to;
  const rise = ways.length > 0 ? Math.min(...ways.map(([, y]) => y)) : Math.min(fy, ty) - ROW * 0.62;
  const level = Math.round(rise * 10) / 10;
  return `M${fx},${fy}C${fx + 44},${fy} ${fx + 44},${level} ${fx - 6},${level}H${tx + 6}C${tx - 44},${level} ${tx - 44},${ty} ${tx},${ty}`;
}

/** Gates that wires join, directly or not, each group in the given order. */
export function parts(gates: readonly Gate[], wires: readonly Wire[]): Gate[][] {
  const root = new Map(gates.map((gate) => [gate.id, gate.id]));
  const top = (id: string): string => {
    let at = id;
    while (root.get(at) !== at) at = root.get(at) ?? at;
    root.set(id, at);
    return at;
  };
  for (const [from, to] of wires) if (root.has(from) && root.has(to)) root.set(top(from), top(to));
  const found = new Map<string, Gate[]>();
  for (const gate of gates) found.set(top(gate.id), [...(found.get(top(gate.id)) ?? []), gate]);
  return [...found.values()];
}

interface Piece {
  readonly of: Drawing;
  readonly x: number;
  readonly y: number;
}

/** Drawings on shelves, the tallest first, so that the whole is about as wide as a screen. */
function shelved(drawings: readonly Drawing[]): readonly Piece[] {
  const sorted = [...drawings].sort((a, b) => b.height - a.height || b.width - a.width);
  const area = sorted.reduce((sum, one) => sum + one.width * one.height, 0);
  const room = Math.max(...sorted.map((one) => one.width), Math.sqrt(area * 2.2));
  let [x, y, tall] = [0, 0, 0];
  return sorted.map((of) => {
    if (x > 0 && x + of.width > room) [x, y, tall] = [0, y + tall, 0];
    const piece = { of, x, y };
    x += of.width;
    tall = Math.max(tall, of.height);
    return piece;
  });
}

/** A sub-circuit as a drawing in pixels, its upper left corner at the origin. */
export function drawing(gates: readonly Gate[], wires: readonly Wire[]): Drawing {
  const groups = parts(gates, wires);
  if (groups.length <= 1) return connected(gates, wires);
  const groupOf = new Map(groups.flatMap((group, i) => group.map((gate) => [gate.id, i] as const)));
  const own = groups.map((): Wire[] => []);
  for (const wire of wires) own[groupOf.get(wire[0]) ?? -1]?.push(wire);
  const pieces = shelved(groups.map((group, i) => connected(group, own[i] ?? [])));
  return {
    width: Math.max(...pieces.map(({ of, x }) => x + of.width)),
    height: Math.max(...pieces.map(({ of, y }) => y + of.height)),
    gates: pieces.flatMap(({ of, x, y }) => of.gates.map((gate) => ({ ...gate, x: gate.x + x, y: gate.y + y }))),
    wires: pieces.flatMap(({ of, x, y }) => of.wires.map((wire) => ({ ...wire, x: wire.x + x, y: wire.y + y }))),
  };
}

/** The same for gates that hang together. */
function connected(gates: readonly Gate[], wires: readonly Wire[]): Drawing {
  const { slots, order, strands } = layered(gates, wires);
  const y = heights(slots, order);
  const top = Math.min(0, ...y) - MARGIN - ROW / 2;
  const at = (slot: number): Point => [
    MARGIN + GATE.width / 2 + (slots[slot]?.layer ?? 0) * COLUMN,
    Math.round(((y[slot] ?? 0) - top) * 10) / 10,
  ];
  const input = inputs(strands.map((one) => ({ from: one.slots.at(-2) ?? 0, to: one.slots.at(-1) ?? 0 })), y);
  const drawn = strands.map((one, i): Drawn => {
    const points = one.slots.map(at);
    const [fx, fy] = points[0] as Point;
    const [tx, ty] = points.at(-1) as Point;
    const start: Point = [fx + GATE.width / 2, fy];
    const end: Point = [tx - GATE.width / 2, ty + (input[i] ?? 0)];
    const between = points.slice(1, -1);
    return { wire: one.wire, back: one.back, x: 0, y: 0, path: one.back ? around(start, end, between) : curve([start, ...between, end]) };
  });
  const placed = slots.flatMap((slot, i) => (slot.gate === null ? [] : [{ id: slot.gate, x: at(i)[0], y: at(i)[1] }]));
  return {
    width: 2 * MARGIN + GATE.width + Math.max(0, order.length - 1) * COLUMN,
    height: Math.max(0, ...y) - top + MARGIN + ROW / 2,
    gates: placed,
    wires: drawn,
  };
}

/** How far from the middle of its load each wire ends: those from above end above. */
function inputs(ends: readonly { readonly from: number; readonly to: number }[], y: readonly number[]): number[] {
  const found = ends.map(() => 0);
  const loads = new Map<number, number[]>();
  ends.forEach(({ to }, i) => loads.set(to, [...(loads.get(to) ?? []), i]));
  for (const wires of loads.values()) {
    const sorted = [...wires].sort((a, b) => (y[ends[a]?.from ?? 0] ?? 0) - (y[ends[b]?.from ?? 0] ?? 0));
    const places = pins(sorted.length);
    sorted.forEach((wire, i) => (found[wire] = places[i] ?? 0));
  }
  return found;
}

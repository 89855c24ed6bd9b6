/**
 * A sub-circuit in layers, signals from left to right (Sugiyama, Tagawa, Toda 1981).
 *
 * Loops are opened first, then every gate stands right of all that drive it, wires that pass
 * a layer get a place in it, and the order inside the layers is swept until few wires cross.
 */

export interface Gate {
  readonly id: string;
  readonly depth: number; // steps from the net that is looked at; negative: on its input side
}

export type Wire = readonly [from: string, to: string];

/** A place in a layer: a gate, or where a wire passes (`gate` is then null). */
export interface Slot {
  readonly gate: string | null;
  readonly layer: number;
  readonly left: number[]; // slots of the layer before that lead here
  readonly right: number[];
}

export interface Strand {
  readonly wire: Wire;
  readonly back: boolean; // closes a loop: drawn against the direction
  readonly slots: readonly number[]; // from the driver to the load
}

export interface Layers {
  readonly slots: readonly Slot[];
  readonly order: readonly (readonly number[])[]; // slots of each layer from top to bottom
  readonly strands: readonly Strand[];
}

/** Wires between two different known gates, each once. */
function proper(gates: readonly Gate[], wires: readonly Wire[]): Wire[] {
  const known = new Set(gates.map((gate) => gate.id));
  const seen = new Set<string>();
  return wires.filter(([from, to]) => {
    const key = `${from}\n${to}`;
    if (from === to || !known.has(from) || !known.has(to) || seen.has(key)) return false;
    return Boolean(seen.add(key));
  });
}

/** The wires that close a loop, when the gates are walked from the input side. */
export function loops(gates: readonly Gate[], wires: readonly Wire[]): Set<Wire> {
  const out = new Map<string, Wire[]>(gates.map((gate) => [gate.id, []]));
  for (const wire of wires) out.get(wire[0])?.push(wire);
  const state = new Map<string, "open" | "done">();
  const closing = new Set<Wire>();
  const walk = (start: string): void => {
    const path: { id: string; next: number }[] = [{ id: start, next: 0 }];
    state.set(start, "open");
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const wire = out.get(top.id)?.[top.next++];
      if (!wire) {
        state.set(top.id, "done");
        path.pop();
      } else if (state.get(wire[1]) === "open") closing.add(wire);
      else if (!state.has(wire[1])) {
        state.set(wire[1], "open");
        path.push({ id: wire[1], next: 0 });
      }
    }
  };
  const inward = [...gates].sort((a, b) => a.depth - b.depth);
  for (const gate of inward) if (!state.has(gate.id)) walk(gate.id);
  return closing;
}

/** How many layers lie before each gate: the longest way to it; sources stand close to their loads. */
export function ranks(gates: readonly Gate[], forward: readonly Wire[]): Map<string, number> {
  const out = new Map<string, string[]>(gates.map((gate) => [gate.id, []]));
  for (const [from, to] of forward) out.get(from)?.push(to);
  const rank = longest(gates, forward, out);
  const driven = new Set(forward.map(([, to]) => to));
  for (const { id } of gates) {
    const loads = (out.get(id) ?? []).map((to) => rank.get(to) ?? 1);
    if (!driven.has(id) && loads.length > 0) rank.set(id, Math.min(...loads) - 1);
  }
  return rank;
}

/** The longest way to each gate, in the order in which all their drivers are known. */
function longest(gates: readonly Gate[], forward: readonly Wire[], out: ReadonlyMap<string, string[]>): Map<string, number> {
  const rank = new Map(gates.map((gate) => [gate.id, 0]));
  const waiting = new Map(gates.map((gate) => [gate.id, 0]));
  const ready: string[] = [];
  const of = (map: ReadonlyMap<string, number>, id: string): number => map.get(id) ?? 0;
  for (const [, to] of forward) waiting.set(to, of(waiting, to) + 1);
  for (const { id } of gates) if (of(waiting, id) === 0) ready.push(id);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const to of out.get(id) ?? []) {
      rank.set(to, Math.max(of(rank, to), of(rank, id) + 1));
      waiting.set(to, of(waiting, to) - 1);
      if (of(waiting, to) === 0) ready.push(to);
    }
  }
  return rank;
}

/** How often the wires between two layers cross. */
export function crossings(slots: readonly Slot[], left: readonly number[], right: readonly number[]): number {
  const place = new Map(right.map((slot, i) => [slot, i]));
  const ends = left.flatMap((slot) => (slots[slot]?.right ?? []).map((to) => place.get(to) ?? 0).sort((a, b) => a - b));
  let found = 0;
  for (let i = 0; i < ends.length; i++) {
    for (let j = i + 1; j < ends.length; j++) if ((ends[i] as number) > (ends[j] as number)) found++;
  }
  return found;
}

const total = (slots: readonly Slot[], order: readonly (readonly number[])[]): number =>
  order.slice(1).reduce((sum, layer, i) => sum + crossings(slots, order[i] ?? [], layer), 0);

const SWEEPS = 10;

/** The layers' slots in the order with the fewest crossings of some sweeps by barycentre. */
function swept(slots: readonly Slot[], first: readonly (readonly number[])[]): (readonly number[])[] {
  const order = first.map((layer) => [...layer]);
  let best: (readonly number[])[] = first.map((layer) => [...layer]);
  let least = total(slots, best);
  for (let sweep = 0; sweep < SWEEPS && least > 0; sweep++) {
    const side = sweep % 2 === 0 ? "left" : "right";
    const path = order.map((_, i) => (side === "left" ? i : order.length - 1 - i)).slice(1);
    for (const at of path) sort(slots, order, at, side);
    const now = total(slots, order);
    if (now < least) [least, best] = [now, order.map((layer) => [...layer])];
  }
  return best;
}

function sort(slots: readonly Slot[], order: number[][], at: number, side: "left" | "right"): void {
  const beside = order[side === "left" ? at - 1 : at + 1] ?? [];
  const place = new Map(beside.map((slot, i) => [slot, i]));
  const layer = order[at] ?? [];
  const here = new Map(layer.map((slot, i) => [slot, i]));
  const weight = (slot: number): number => {
    const near = (slots[slot]?.[side] ?? []).map((one) => place.get(one) ?? 0);
    return near.length > 0 ? near.reduce((sum, one) => sum + one, 0) / near.length : (here.get(slot) ?? 0);
  };
  const weights = new Map(layer.map((slot) => [slot, weight(slot)]));
  layer.sort((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
}

/** The gates in layers, with the ways of the wires through them. */
export function layered(gates: readonly Gate[], wires: readonly Wire[]): Layers {
  const kept = proper(gates, wires);
  const closing = loops(gates, kept);
  const forward = kept.map((wire): Wire => (closing.has(wire) ? [wire[1], wire[0]] : wire));
  const rank = ranks(gates, forward.filter((_, i) => !closing.has(kept[i] as Wire)));
  const least = Math.min(0, ...rank.values());
  const slots: Slot[] = [];
  const add = (gate: string | null, layer: number): number => slots.push({ gate, layer, left: [], right: [] }) - 1;
  const slotOf = new Map(gates.map((gate) => [gate.id, add(gate.id, (rank.get(gate.id) ?? 0) - least)]));
  const join = (a: number, b: number): void => {
    slots[a]?.right.push(b);
    slots[b]?.left.push(a);
  };
  const strands = kept.map((wire): Strand => {
    const back = closing.has(wire);
    const [start, end] = (back ? [wire[1], wire[0]] : wire).map((id) => slotOf.get(id) ?? 0) as [number, number];
    const way = [start];
    for (let layer = (slots[start]?.layer ?? 0) + 1; layer < (slots[end]?.layer ?? 0); layer++) way.push(add(null, layer));
    way.push(end);
    way.slice(1).forEach((slot, i) => join(way[i] as number, slot));
    return { wire, back, slots: back ? way.reverse() : way };
  });
  const depth = slots.reduce((most, slot) => Math.max(most, slot.layer), 0);
  const first: number[][] = Array.from({ length: gates.length > 0 ? depth + 1 : 0 }, () => []);
  slots.forEach((slot, i) => first[slot.layer]?.push(i));
  return { slots, order: swept(slots, first), strands };
}

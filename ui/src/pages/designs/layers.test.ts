import { describe, expect, it } from "vitest";

import { crossings, layered, loops, ranks, type Gate, type Slot, type Wire } from "./layers";
import { curve, drawing, parts, pins, spread } from "./placing";

const gates = (...ids: string[]): Gate[] => ids.map((id, depth) => ({ id, depth }));

/** Every pair of wires of neighbouring layers, one by one. */
function byHand(slots: readonly Slot[], order: readonly (readonly number[])[]): number {
  let found = 0;
  order.slice(1).forEach((right, i) => {
    const left = order[i] ?? [];
    const wires = left.flatMap((a) => (slots[a]?.right ?? []).map((b) => [left.indexOf(a), right.indexOf(b)] as const));
    for (const [a, b] of wires) for (const [c, d] of wires) if (a < c && b > d) found++;
  });
  return found;
}

describe("the layers of a sub-circuit", () => {
  it("put every gate right of what drives it", () => {
    const wires: Wire[] = [["a", "b"], ["b", "d"], ["a", "c"], ["c", "d"], ["a", "d"]];
    const { slots, strands } = layered(gates("a", "b", "c", "d"), wires);
    const layer = new Map(slots.flatMap((slot) => (slot.gate ? [[slot.gate, slot.layer] as const] : [])));
    expect(Object.fromEntries(layer)).toEqual({ a: 0, b: 1, c: 1, d: 2 });
    // The direct wire has a place in the layer that it passes.
    expect(strands.map((one) => one.slots.length)).toEqual([2, 2, 2, 2, 3]);
  });

  it("set a source close to its load, not at the far left", () => {
    const wires: Wire[] = [["a", "b"], ["b", "c"], ["x", "c"]];
    expect(ranks(gates("a", "b", "c", "x"), wires).get("x")).toBe(1);
  });

  it("open a loop at the wire that leads back", () => {
    const ring: Wire[] = [["ff", "g"], ["g", "h"], ["h", "ff"]];
    const of: Gate[] = [{ id: "ff", depth: -1 }, { id: "g", depth: 0 }, { id: "h", depth: 1 }];
    expect([...loops(of, ring)]).toEqual([["h", "ff"]]);
    const { slots, strands } = layered(of, ring);
    expect(strands.find((one) => one.back)?.wire).toEqual(["h", "ff"]);
    expect(slots.filter((slot) => slot.gate).map((slot) => slot.layer)).toEqual([0, 1, 2]);
  });

  it("leave out wires to what is not shown, doubles and short circuits", () => {
    const { strands } = layered(gates("a", "b"), [["a", "b"], ["a", "b"], ["a", "a"], ["z", "b"]]);
    expect(strands).toHaveLength(1);
  });

  it("are swept until wires that need not cross do not", () => {
    // Three pairs written crosswise: without crossings when the right side is turned round.
    const of = gates("a", "b", "c", "z", "y", "x");
    const { slots, order } = layered(of, [["a", "x"], ["b", "y"], ["c", "z"]]);
    expect(order.slice(1).reduce((sum, layer, i) => sum + crossings(slots, order[i] ?? [], layer), 0)).toBe(0);
  });

  it("count crossings as pairs of wires do", () => {
    let seed = 7;
    const random = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n;
    for (let round = 0; round < 20; round++) {
      const of = gates(..."abcdefghijklmno");
      const wires = Array.from({ length: 28 }, (): Wire => [of[random(15)]?.id ?? "a", of[random(15)]?.id ?? "b"]);
      const { slots, order } = layered(of, wires);
      const counted = order.slice(1).reduce((sum, layer, i) => sum + crossings(slots, order[i] ?? [], layer), 0);
      expect(counted).toBe(byHand(slots, order));
      // Nothing is lost and every step leads one layer on.
      expect(order.flat().sort((a, b) => a - b)).toEqual(slots.map((_, i) => i));
      slots.forEach((slot) => slot.right.forEach((to) => expect(slots[to]?.layer).toBe(slot.layer + 1)));
    }
  });

  it("of nothing are nothing", () => {
    expect(layered([], []).order).toEqual([]);
    expect(drawing([], []).gates).toEqual([]);
    expect(drawing([{ id: "a", depth: 0 }], []).gates).toHaveLength(1);
  });
});

describe("the drawing", () => {
  it("moves places as little as their distances allow", () => {
    expect(spread([0, 10, 20], [0, 5, 5])).toEqual([0, 10, 20]);
    // Two that wish the same place stand evenly about it.
    expect(spread([10, 10], [0, 4])).toEqual([8, 12]);
    // The first was pushed down by the others: all three move together.
    expect(spread([6, 1, 2], [0, 1, 1])).toEqual([2, 3, 4]);
  });

  it("lets no two gates lie on each other", () => {
    const of = gates(..."abcdefghijkl");
    const wires: Wire[] = of.slice(1).map((gate) => [of[0]?.id ?? "", gate.id]);
    const placed = drawing(of, wires).gates;
    for (const a of placed) {
      for (const b of placed) {
        if (a !== b && a.x === b.x) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(73.9);
      }
    }
  });

  it("sets what hangs together apart from the rest, and loses nothing", () => {
    const of = gates(..."abcdefg");
    const wires: Wire[] = [["a", "b"], ["c", "d"], ["d", "e"]];
    expect(parts(of, wires).map((group) => group.map((gate) => gate.id).join(""))).toEqual(["ab", "cde", "f", "g"]);
    const whole = drawing(of, wires);
    expect(whole.gates.map((gate) => gate.id).sort().join("")).toBe("abcdefg");
    expect(whole.wires).toHaveLength(3);
    const places = whole.gates.map((gate) => `${gate.x} ${gate.y}`);
    expect(new Set(places).size).toBe(7);
  });

  it("lies inside its frame", () => {
    const of = gates(..."abcdef");
    const whole = drawing(of, [["a", "b"], ["b", "c"], ["c", "a"], ["a", "d"], ["d", "e"], ["d", "f"]]);
    for (const gate of whole.gates) {
      expect(gate.x).toBeGreaterThan(0);
      expect(gate.x).toBeLessThan(whole.width);
      expect(gate.y).toBeGreaterThan(0);
      expect(gate.y).toBeLessThan(whole.height);
    }
  });

  it("runs wires level out of a gate and into the next", () => {
    expect(curve([[0, 0], [10, 0]])).toBe("M0,0H10");
    expect(curve([[0, 0], [10, 4]])).toBe("M0,0C5,0 5,4 10,4");
    expect(pins(1)).toEqual([0]);
    expect(pins(3)).toEqual([-13, 0, 13]);
  });
});

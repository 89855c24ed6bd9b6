import { describe, expect, it } from "vitest";

import type { Design, HardwareModel, Region } from "../../api/hardware";
import { apart, atLeast, bars, bubbles, chance, explainCommand, falseAlarms, fileOf, listed, scanCommand, short, sorted } from "./model";
import { familyKey, symbol } from "./symbols";
import { centred, first, panned, whole, zoomed } from "./view";

const design = (name: string, more: Partial<Design>): Design => ({ name, ts: 0, ...more }) as Design;

describe("designs", () => {
  it("stand in the order of a column, the latest first among equals", () => {
    const rows = [design("b", { ts: 1, flagged: 3 }), design("A", { ts: 2, flagged: 3 }), design("c", { ts: 3, flagged: 0 })];
    expect(sorted(rows, "name").map((one) => one.name)).toEqual(["A", "b", "c"]);
    expect(sorted(rows, "-flagged").map((one) => one.name)).toEqual(["A", "b", "c"]);
    expect(sorted(rows, "-ts").map((one) => one.name)).toEqual(["c", "A", "b"]);
  });

  it("are never said to be certainly clean or certainly not", () => {
    expect([0, 0.0004, 0.004, 0.5, 0.997, 0.99999, 1].map(chance)).toEqual([
      "<0.001", "<0.001", "0.004", "0.50", "0.997", ">0.999", ">0.999",
    ]);
  });

  it("are judged again by a command that a shell takes", () => {
    expect(scanCommand({ path: "/tmp/my chip.v", name: "x" })).toBe("kaname hardware netlist scan '/tmp/my chip.v'");
    expect(scanCommand({ path: "", name: "top" })).toBe("kaname hardware netlist scan top.v");
    expect(fileOf("/tmp/a/chip.v.gz")).toBe("chip.v.gz");
    expect(explainCommand({ path: "a.v", name: "x" }, { rank: 7 })).toBe("kaname hardware netlist scan a.v --limit 7 --json");
  });
});

describe("the threshold", () => {
  it("has bars by logarithm: one cell is seen beside many", () => {
    const [many, one, none] = bars([9999, 1, 0]);
    expect(many?.share).toBe(1);
    expect(one?.share).toBeCloseTo(Math.log10(2) / 4);
    expect(none?.share).toBe(0);
  });

  it("counts what bins can tell, and leaves open what they cannot", () => {
    const bins = [100, 0, 0, 0, 0, 4, 0, 0, 2, 3];
    expect(atLeast(bins, 0.8)).toEqual({ least: 5, most: 5 });
    expect(atLeast(bins, 0.55)).toEqual({ least: 5, most: 9 });
    expect(atLeast(bins, 0)).toEqual({ least: 109, most: 109 });
    expect(atLeast(bins, 1)).toEqual({ least: 0, most: 3 });
  });

  it("reads false alarms off the thresholds that the model knows", () => {
    const model = { thresholds: { f1: 0.4, tnr_99: 0.2, tnr_95: 0.1, clean: 0.6 } } as unknown as HardwareModel;
    expect(falseAlarms(model, 0.2, 10_000)?.cells).toBeCloseTo(100);
    expect(falseAlarms(model, 0.4, 10_000)?.cells).toBeCloseTo(Math.sqrt(100 * 2)); // half way by logarithm
    expect(falseAlarms(model, 0.9, 10_000)).toEqual({ cells: 2, bound: "at_most" });
    expect(falseAlarms(model, 0.05, 10_000)).toEqual({ cells: 500, bound: "at_least" });
    expect(falseAlarms({ thresholds: {} } as unknown as HardwareModel, 0.5, 10_000)).toBeNull();
    expect(falseAlarms(undefined, 0.5, 10_000)).toBeNull();
  });
});

describe("pictures", () => {
  it("have regions as circles with areas as their cells, none outside", () => {
    const of = (number: number, cells: number): Region => ({ number, cells }) as Region;
    const { items, height } = bubbles([of(1, 100), of(2, 25), of(3, 1), of(4, 100)], 200, 40);
    expect(items.map((one) => one.radius)).toEqual([40, 20, 16, 40]);
    expect(items[3]?.y).toBeGreaterThan(80); // in the next row
    expect(Math.max(...items.map((one) => one.x + one.radius))).toBeLessThanOrEqual(200);
    expect(height).toBe((items[3]?.y ?? 0) + 40);
  });

  it("hide no region behind another", () => {
    const moved = apart([{ x: 50, y: 50, r: 10 }, { x: 52, y: 50, r: 10 }, { x: 51, y: 50, r: 10 }, { x: 2, y: 2, r: 10 }], 200, 100);
    for (const a of moved) {
      expect(a.x).toBeGreaterThanOrEqual(10);
      for (const b of moved) if (a !== b) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(20);
    }
    expect(apart([{ x: 50, y: 50, r: 10 }], 200, 100)).toEqual([{ x: 50, y: 50, r: 10 }]);
  });

  it("have symbols for what every table names, and one for what none does", () => {
    expect(symbol("and").outline).not.toBe(symbol("or").outline);
    expect(symbol("nonsense")).toBe(symbol("unknown"));
    expect(familyKey("and", true)).toBe("designs.inverted.and");
    expect(familyKey("flipflop", true)).toBe("designs.family.flipflop");
  });

  it("are also lists from the inputs to the outputs", () => {
    const node = (id: number, depth: number) => ({ id, depth, name: `n${id}`, cell: "", family: "and", probability: 0, flagged: false, more: 0, inverting: false });
    const rows = listed({ nodes: [node(1, 0), node(2, -1), node(3, 1)], edges: [[2, 1], [1, 3], [9, 1]] });
    expect(rows.map((one) => one.node.id)).toEqual([2, 1, 3]);
    expect(rows[1]?.drivers.map((one) => one.id)).toEqual([2]);
    expect(rows[1]?.loads.map((one) => one.id)).toEqual([3]);
  });

  it("shorten names in the middle", () => {
    expect(short("n12")).toBe("n12");
    expect(short("u_core/u_alu/add_17/n42")).toBe("u_core/u_a…/n42");
  });
});

describe("the view", () => {
  const frame = { width: 400, height: 300 };

  it("shows a small drawing whole and in the middle, a large one about its focus", () => {
    expect(whole({ width: 200, height: 100 }, frame)).toEqual({ scale: 1.5, x: (200 - 400 / 1.5) / 2, y: -50 });
    expect(first({ width: 4000, height: 300 }, frame, { x: 2000, y: 150 })).toEqual(centred({ scale: 0.75, x: 0, y: 0 }, frame, 2000, 150));
  });

  it("keeps the point under the pointer when it is enlarged", () => {
    const before = { x: 10, y: 20, scale: 1 };
    const after = zoomed(before, 2, 100, 50);
    expect([after.x + 100 / after.scale, after.y + 50 / after.scale]).toEqual([110, 70]);
    expect(zoomed(before, 1000, 0, 0).scale).toBe(4);
    expect(panned(before, 10, -10)).toEqual({ x: 0, y: 30, scale: 1 });
  });
});

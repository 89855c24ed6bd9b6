import { describe, expect, it } from "vitest";

import type { Device, Envelope, Measure, Segment } from "../../api/hardware";
import type { Scales } from "../../kit/plot";
import { KINDS, look, present } from "./kinds";
import { boxes, farthest, lanes, line, logarithmic, normal, range, runs, stateOf, strip, thinned } from "./model";

const segment = (place: string, more: Partial<Segment>): Segment =>
  ({ place, start: 0, duration_us: 1e6, mode: "active", application: "a", shape: [], anomaly: false, ...more }) as Segment;

const at: Scales = { x: (us) => us / 1e6, y: (mw) => 100 - mw, floor: 100, step: 1e6 };

describe("the trace", () => {
  it("has a lane for each application, with a colour that does not change with the numbers", () => {
    const few = lanes([segment("1", {}), segment("2", { application: "b" }), segment("3", { application: "b" }), segment("4", { mode: "sleep" })]);
    expect(few.map((one) => [one.application, one.segments.length])).toEqual([["b", 2], ["a", 1]]);
    const many = lanes([segment("1", {}), segment("2", {}), segment("3", { application: "b" })]);
    expect(many.map((one) => one.tone).reverse()).toEqual(few.map((one) => one.tone));
  });

  it("draws bursts that are closer than a pixel as one, and leaves out what is not in view", () => {
    const list = [0, 2e6, 2.5e6, 50e6, 200e6].map((start, i) => segment(String(i), { start, duration_us: 0.4e6 }));
    const found = boxes(list, at.x, 1, 100);
    expect(found.map((box) => [box.key, box.count])).toEqual([["1", 2], ["3", 1]]);
    expect(found[1]?.to).toBe(51); // never thinner than a pixel
  });

  it("leaves gaps where nothing was measured", () => {
    expect(runs([1, 2, null, null, 3, null])).toEqual([[0, 2], [4, 5]]);
    const of: Envelope = { start: 0, step_us: 1e6, low: [1, null, 3], mean: [2, null, 4], high: [5, null, 6] };
    expect(line(of, at)).toBe("M0.5,98.0M2.5,96.0");
    expect(range(of, at)).toBe("M0.0,95.0L1.0,95.0L1.0,99.0L0.0,99.0ZM2.0,94.0L3.0,94.0L3.0,97.0L2.0,97.0Z");
  });
});

describe("bursts beside each other", () => {
  it("stand on axes of powers of ten", () => {
    const axis = logarithmic([10, 100_000]);
    expect(axis.marks).toEqual([10, 100, 1000, 10_000, 100_000]);
    expect(axis.at(1000)).toBeCloseTo(0.5);
    expect(logarithmic([1, 8]).marks).toEqual([1, 2, 5]);
    expect(logarithmic([]).marks.length).toBeGreaterThan(0);
  });

  it("are compared with normal ones of the same application", () => {
    const odd = segment("x", { shape: [9, 9], anomaly: true });
    const like = [1, 2, 3].map((n) => segment(`n${n}`, { shape: [n, 10 * n] }));
    const others = [segment("b", { application: "b", shape: [7, 7] }), segment("y", { shape: [8, 8], anomaly: true })];
    const found = normal([odd, ...like, ...others], odd);
    expect(found?.count).toBe(3);
    expect(found?.middle).toEqual([2, 20]);
    expect(found?.low[0]).toBeCloseTo(1.2);
    expect(normal([odd, ...like.slice(1)], odd)).toBeNull();
  });

  it("are marked by different shapes", () => {
    expect(new Set([...KINDS, "new"].map((kind) => look(kind).path)).size).toBe(KINDS.length + 1);
    expect(present([{ fired: ["rate", "newer"] }, { fired: ["energy", "rate"] }])).toEqual(["energy", "rate", "newer"]);
  });
});

describe("a device beside its peers", () => {
  const measure = (more: Partial<Measure>): Measure => ({ name: "sleep_mw", value: 4, median: 2, percentile: 100, distance: 3, odd: true, ...more });

  it("is marked on the line from the least to the greatest", () => {
    const found = strip(measure({}), [{ device: "me", values: { sleep_mw: 4 } }, { device: "b", values: { sleep_mw: 0 } }, { device: "c", values: { sleep_mw: null } }], "me");
    expect(found).toEqual({ low: 0, high: 4, own: 1, median: 0.5, others: [{ device: "b", value: 0, at: 0 }] });
    expect(strip(measure({}), [], "me")).toBeNull();
    expect(strip(measure({ value: null }), [{ device: "b", values: { sleep_mw: 1 } }], "me")).toBeNull();
  });

  it("is told by the measure that is farthest off, whatever its sign", () => {
    const device = { measures: [measure({ distance: 2 }), measure({ name: "peak_mw", distance: -5 }), measure({ name: "energy_uj", distance: null })] } as unknown as Device;
    expect(farthest(device)?.name).toBe("peak_mw");
    expect(farthest({ measures: [] })).toBeNull();
  });

  it("did something new, or is odd, or neither", () => {
    expect([stateOf({ anomalies: 1, odd: 0 }), stateOf({ anomalies: 0, odd: 2 }), stateOf({ anomalies: 0, odd: 0 })]).toEqual(["anomalies", "odd", "normal"]);
  });

  it("is drawn with as many points as can be seen", () => {
    expect(thinned([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toEqual([0, 2, 4, 6, 8]);
    expect(thinned([1], 5)).toEqual([1]);
  });
});

import { describe, expect, it } from "vitest";

import { binned, moved, outline, stack, stepOf, summit, tones, whole, wider } from "./plot";

const series = (key: string, values: number[]) => ({ key, label: key, tone: "c0", values });

describe("charts along time", () => {
  it("stack series, and know the highest sum", () => {
    const bands = stack([series("a", [1, 2]), series("b", [3])], 2);
    expect(bands.map((band) => [band.low, band.high])).toEqual([[[0, 0], [1, 2]], [[1, 2], [4, 2]]]);
    expect(summit(bands)).toBe(4);
    expect(summit([])).toBe(0);
  });

  it("outline a band around its steps' middles", () => {
    const at = { x: (us: number) => us / 10, y: (value: number) => 10 - value, floor: 10, step: 10 };
    const [band] = stack([series("a", [1, 2])], 2);
    expect(band && outline(band, 0, at)).toBe("M0.5,9.0L1.5,8.0L1.5,10.0L0.5,10.0Z");
  });

  it("choose round steps, few enough", () => {
    expect(stepOf(3600e6, 60)).toBe(60e6);
    expect(stepOf(86_400e6, 100)).toBe(900e6);
    expect(stepOf(90 * 1e6, 100)).toBe(1e6);
    expect(stepOf(40 * 365 * 86_400e6, 20) % 31_536e9).toBe(0);
  });

  it("widen, move and round periods", () => {
    expect(whole({ since: 61, until: 119 }, 60)).toEqual({ since: 60, until: 120 });
    expect(whole({ since: 60, until: 60 }, 60)).toEqual({ since: 60, until: 120 });
    expect(wider({ since: 10e6, until: 12e6 })).toEqual({ since: 9e6, until: 13e6 });
    expect(moved({ since: 10, until: 14 }, -1)).toEqual({ since: 6, until: 10 });
  });

  it("count into steps, and nothing that lies outside", () => {
    const counts = [{ at: 0, value: 1 }, { at: 19, value: 2 }, { at: 20, value: 4 }, { at: -1, value: 8 }];
    expect(binned(counts, { since: 0, until: 20 }, 10)).toEqual([1, 2]);
  });

  it("give every name its own colour, again from the start after ten", () => {
    const names = Array.from({ length: 11 }, (_, i) => `t${i}`);
    expect([...tones(names).values()].slice(-2)).toEqual(["c9", "c0"]);
  });
});

import { describe, expect, it } from "vitest";

import { scale, stride, ticks } from "./bars";

const HOUR = 3600e6;

describe("the marks of a chart", () => {
  it("are round and reach over the highest bar", () => {
    expect(scale(7)).toEqual({ top: 10, marks: [0, 5, 10] });
    expect(scale(1234).marks).toEqual([0, 500, 1000, 1500]);
    expect(scale(1)).toEqual({ top: 1, marks: [0, 1] });
    expect(scale(0).top).toBe(1);
  });

  it("fall on full hours of the shown zone", () => {
    expect(ticks(0.5 * HOUR, 6 * HOUR, 7, 0)).toEqual([1, 2, 3, 4, 5, 6].map((h) => h * HOUR));
    // Midnight in Japan is 15:00 UTC.
    expect(ticks(0, 48 * HOUR, 3, 9 * HOUR)).toEqual([15 * HOUR, 39 * HOUR]);
    // Where bars are days, no mark stands inside one.
    expect(ticks(0, 48 * HOUR, 9, 0, 24 * HOUR)).toEqual([0, 24 * HOUR, 48 * HOUR]);
  });

  it("are seconds where steps are", () => {
    expect(ticks(0, 60e6, 6, 0, 1e6)).toEqual([0, 10, 20, 30, 40, 50, 60].map((s) => s * 1e6));
    expect(ticks(0, 60e6, 6, 0)).toEqual([0, 60e6]); // never below a minute where steps are longer
  });

  it("stay few over years", () => {
    const span = 12 * 365 * 24 * HOUR;
    expect(ticks(0, span, 4, 0).length).toBeLessThanOrEqual(5);
  });

  it("take the least gap as the width of a bar", () => {
    expect(stride([0, 3 * HOUR, 4 * HOUR])).toBe(HOUR);
    expect(stride([5])).toBe(60e6);
  });
});

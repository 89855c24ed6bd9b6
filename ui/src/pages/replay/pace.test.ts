import { describe, expect, it } from "vitest";

import { Pace } from "./pace";

const pictures = (pace: Pace, n: number, ms: number, drawn = 50_000): void => {
  for (let i = 0; i < n; i++) pace.took(ms, drawn);
};

describe("the pace", () => {
  it("draws all where the machine is quick", () => {
    const pace = new Pace();
    pictures(pace, 500, 16);
    expect(pace.step).toBe(1);
    expect(pace.perSecond).toBeCloseTo(62.5, 0);
  });

  it("draws fewer until the picture moves again, and more when there is room", () => {
    const pace = new Pace();
    pictures(pace, 60, 120);
    expect(pace.step).toBeGreaterThan(1);
    pictures(pace, 400, 16);
    expect(pace.step).toBe(1);
  });

  it("does not blame the points where there are few, nor a page that slept", () => {
    const pace = new Pace();
    pictures(pace, 200, 120, 100);
    pictures(pace, 50, 5000);
    expect(pace.step).toBe(1);
  });
});

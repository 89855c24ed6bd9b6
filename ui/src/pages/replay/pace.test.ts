import { describe, expect, it } from "vitest";

import { Pace } from "./pace";

const seconds = (pace: Pace, long: number, ms: number, drawn = 50_000): void => {
  for (let at = 0; at < long * 1000; at += ms) pace.took(ms, drawn);
};

describe("the pace", () => {
  it("draws all where the machine is quick", () => {
    const pace = new Pace();
    seconds(pace, 10, 16);
    expect(pace.step).toBe(1);
    expect(pace.perSecond).toBeCloseTo(62.5, 0);
  });

  it("draws fewer until the picture moves again, and more when there is room", () => {
    const pace = new Pace();
    seconds(pace, 2, 120);
    expect(pace.step).toBe(2);
    seconds(pace, 60, 16);
    expect(pace.step).toBe(1);
  });

  it("finds out within seconds that a machine is very slow", () => {
    const pace = new Pace();
    seconds(pace, 6, 400);
    expect(pace.step).toBe(16);
    seconds(pace, 60, 400);
    expect(pace.step).toBe(64);
  });

  it("does not blame the points where there are few, nor a page that slept", () => {
    const pace = new Pace();
    seconds(pace, 20, 120, 100);
    for (let i = 0; i < 50; i++) pace.took(5000, 50_000);
    expect(pace.step).toBe(1);
  });
});

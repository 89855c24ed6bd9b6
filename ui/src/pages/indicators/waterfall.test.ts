import { describe, expect, it } from "vitest";

import { bars, extent, logit, signed } from "./waterfall";

const term = (name: string, now: number) => ({
  name, now, value: now, text: { en: name, ja: name }, observed: 0, evidence: [], count: 1, digest: "",
});

describe("the waterfall of a score", () => {
  it("ends at the sum of the base and all terms", () => {
    const all = bars(-2, [term("against", -0.5), term("small", 0.5), term("large", 2)]);
    expect(all.map((bar) => bar.term?.name ?? "base")).toEqual(["base", "large", "small", "against"]);
    expect(all.map((bar) => bar.to)).toEqual([-2, 0, 0.5, 0]);
  });

  it("shows zero and the threshold whatever the terms are", () => {
    const { low, high } = extent(bars(1, []), -3);
    expect(low).toBeLessThan(-3);
    expect(high).toBeGreaterThan(1);
  });

  it("knows the logit of a score, and stays finite at the ends", () => {
    expect(logit(50)).toBe(0);
    expect(logit(80)).toBeCloseTo(1.386, 3); // ln 4
    expect(Number.isFinite(logit(0)) && Number.isFinite(logit(100))).toBe(true);
  });

  it("always writes the sign", () => {
    expect([signed(0.605), signed(-1.2), signed(0)]).toEqual(["+0.60", "−1.20", "+0.00"]);
  });
});

import { describe, expect, it } from "vitest";

import { around, centre, facing, project, radius, START, zoomed } from "./view";

const frame = { width: 1000, height: 800 };

describe("rings around the sphere", () => {
  it("stand at distance one, and do not touch", () => {
    for (const count of [2, 12, 300]) {
      const all = Array.from({ length: count }, (_, i) => centre(i, count));
      for (const [x, y, z] of all) expect(Math.hypot(x, y, z)).toBeCloseTo(1);
      let least = Infinity;
      all.forEach((a, i) =>
        all.slice(i + 1).forEach((b) => (least = Math.min(least, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])))),
      );
      expect(least).toBeGreaterThan(radius(count));
    }
  });

  it("are circles of their radius", () => {
    const middle = centre(3, 10);
    for (const share of [0, 0.2, 0.7]) {
      const at = around(middle, 0.3, share);
      expect(Math.hypot(at[0] - middle[0], at[1] - middle[1], at[2] - middle[2])).toBeCloseTo(0.3);
    }
  });

  it("can be brought to the front", () => {
    for (const middle of [centre(0, 7), centre(3, 7), centre(6, 7)]) {
      const seen = project(middle, facing(START, middle), frame);
      expect([seen.x, seen.y]).toEqual([expect.closeTo(500), expect.closeTo(400)]);
      expect(seen.near).toBeGreaterThan(0.8);
    }
  });

  it("are not lost by zooming", () => {
    expect(zoomed({ ...START, zoom: 10 }, 9).zoom).toBe(12);
    expect(zoomed(START, 0.01).zoom).toBe(0.5);
  });
});

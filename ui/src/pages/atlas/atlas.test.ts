import { describe, expect, it } from "vitest";

import { Ring } from "../replay/ring";
import { unwrapped } from "./outlines";
import { middle, placing } from "./placing";
import { BY_ID, COUNTRIES, nameOf } from "./places";
import { equalEarth, HALF_WIDTH, onMap, panned, sheet, WHOLE, zoomed } from "./projection";

const two = (code: string): number => code.charCodeAt(0) * 256 + code.charCodeAt(1);

describe("the projection", () => {
  it("has the measures that its paper gives", () => {
    // Table of the paper and of PROJ's eqearth test: the equator's half is 2.70663, the pole's height 1.31736.
    expect(equalEarth(180, 0)[0]).toBeCloseTo(2.70663, 4);
    expect(equalEarth(0, 90)[1]).toBeCloseTo(1.31736, 4);
    expect(equalEarth(0, 0)).toEqual([0, 0]);
    // The pole's line is 0.59247 of the equator.
    expect(equalEarth(180, 90)[0] / HALF_WIDTH).toBeCloseTo(0.59247, 3);
  });

  it("keeps areas: a degree square at 60 degrees north is half of one at the equator", () => {
    const area = (lat: number): number => {
      const [x0, y0] = equalEarth(0, lat - 0.5);
      const [x1, y1] = equalEarth(1, lat + 0.5);
      const [x2] = equalEarth(1, lat - 0.5);
      return (y1 - y0) * ((x2 - x0 + x1 - x0) / 2);
    };
    expect(area(60) / area(0)).toBeCloseTo(0.5, 2);
  });

  it("keeps what is under the pointer there when zoomed", () => {
    const frame = { width: 800, height: 400 };
    const share = (look: typeof WHOLE): number => {
      const at = sheet(look, frame);
      return (300 - at.left) / at.width;
    };
    expect(share(zoomed(WHOLE, frame, 3, 300, 150))).toBeCloseTo(share(WHOLE), 6);
    expect(zoomed(WHOLE, frame, 1e9).zoom).toBe(24);
    expect(panned(WHOLE, frame, 1e9, 0).x).toBe(0);
  });
});

describe("an outline across the 180th meridian", () => {
  it("has no leap to the other side of the map", () => {
    const ring = [[170, 60], [179, 65], [-179, 66], [-170, 64], [179, 62], [170, 60]];
    expect(unwrapped(ring).map(([lon]) => lon)).toEqual([170, 179, 181, 190, 179, 170]);
    expect(unwrapped([[-179, 1], [179, 1], [-179, 1]]).map(([lon]) => lon)).toEqual([-179, -181, -179]);
  });
});

describe("countries", () => {
  it("have two letters, a number and a place", () => {
    expect(COUNTRIES.size).toBe(250);
    expect(BY_ID.get("392")).toBe("JP");
    for (const { lon, lat, id } of COUNTRIES.values()) {
      expect(Math.abs(lon) <= 180 && Math.abs(lat) <= 90 && /^\d{3}$/.test(id)).toBe(true);
    }
  });

  it("are named in the language of the page", () => {
    expect([nameOf("DE", "en"), nameOf("DE", "ja"), nameOf("", "en"), nameOf("1!", "en")]).toEqual(["Germany", "ドイツ", "", "1!"]);
  });

  it("lie where they lie", () => {
    const [x, y] = middle(two("JP"));
    const [east] = onMap(150, 36);
    const [west] = onMap(125, 36);
    expect(x > west && x < east && y < 0.5).toBe(true);
    expect(middle(0)).toEqual(middle(two("ZZ")));
  });
});

describe("a packet", () => {
  it("begins at the same place each time, near its country's middle", () => {
    const ring = new Ring(3);
    ring.country.fill(two("JP"));
    ring.src.set([0x01020304, 0x01020304, 0x01020305]);
    const at = [0, 1, 2].map((slot) => {
      const to = new Uint16Array(4);
      placing(ring, slot, to, 0);
      return [(to[0] as number) / 65_535, (to[1] as number) / 65_535] as const;
    });
    expect(at[0]).toEqual(at[1]);
    expect(at[0]).not.toEqual(at[2]);
    const [x, y] = middle(two("JP"));
    for (const [a, b] of at) expect(Math.hypot(a - x, (b - y) / 2.2)).toBeLessThan(0.012);
  });
});

import { describe, expect, it } from "vitest";

import type { Frame } from "./frame";
import { lengthOf, sliceAt, Slices } from "./slices";

const MINUTE = 60e6;

describe("slices", () => {
  it("last a few seconds of watching, in whole minutes", () => {
    expect([1, 10, 60, 600].map((speed) => lengthOf(speed) / MINUTE)).toEqual([1, 1, 4, 40]);
    expect(lengthOf(1e9) / 3600e6).toBe(6);
  });

  it("begin at multiples of their length", () => {
    expect(sliceAt(7 * MINUTE, 4 * MINUTE)).toEqual({ since: 4 * MINUTE, until: 8 * MINUTE });
    expect(sliceAt(8 * MINUTE, 4 * MINUTE).since).toBe(8 * MINUTE);
  });

  it("are fetched once, and let go of when others are wanted", async () => {
    const asked: number[] = [];
    const aborted: number[] = [];
    const slices = new Slices((slice, signal) => {
      asked.push(slice.since);
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => aborted.push(slice.since));
        if (slice.since < 5) resolve({ base: slice.since } as Frame);
      });
    });
    await slices.want({ since: 1, until: 2 });
    await slices.want({ since: 1, until: 2 });
    expect(asked).toEqual([1]);
    expect(slices.get({ since: 1, until: 2 })?.base).toBe(1);
    void slices.want({ since: 9, until: 10 });
    await slices.want({ since: 2, until: 3 });
    expect(aborted).toEqual([9]);
    expect(slices.get({ since: 9, until: 10 })).toBeUndefined();
  });

  it("say when they cannot be had, and can be wanted again", async () => {
    let fails = true;
    const slices = new Slices(() => (fails ? Promise.reject(new Error("no")) : Promise.resolve({ base: 1 } as Frame)));
    await expect(slices.want({ since: 1, until: 2 })).rejects.toThrow("no");
    fails = false;
    await slices.want({ since: 1, until: 2 });
    expect(slices.get({ since: 1, until: 2 })).toBeDefined();
  });
});

import { describe, expect, it } from "vitest";

import { binSeconds, named, picture, type Bin, type Part } from "./hitters";

const part = (source: string, destination: string, octets: number): Part => ({
  family: 4, source, destination, proto: null, sport: null, dport: null, octets, packets: 1,
});
const bin = (start: number, octets: number, ...parts: Part[]): Bin => ({
  start, end: start + 60e6, octets, packets: 10, pairs: 2,
  aggregates: parts.map((one) => ({ part: one, octets_share: 0, packets_share: 0, parts: [] })),
});

describe("heavy hitters", () => {
  it("are named by prefixes or by service", () => {
    expect(named(part("10.0.0.0/8", "*", 1))).toBe("10.0.0.0/8 → *");
    expect(named({ ...part("", "", 1), family: 0, proto: 6, dport: 443 })).toBe("tcp * → 443");
  });

  it("add up to the whole of each bin, what is not heavy in one series", () => {
    const bins = [
      bin(0, 100, part("a", "b", 60), part("c", "d", 30), part("*", "*", 10)),
      bin(60e6, 50, part("c", "d", 20), part("*", "*", 30)),
    ];
    const drawn = picture(bins, { since: 0, until: 120e6 }, 60e6, "octets", 1);
    expect(drawn.series.map((one) => one.values)).toEqual([[60, 0], [40, 50]]);
    expect(drawn.hitters.map((one) => [one.key, one.octets, one.bins])).toEqual([["a → b", 60, 1], ["c → d", 50, 2], ["", 40, 2]]);
  });

  it("come in bins that the API takes", () => {
    expect([binSeconds(3600e6), binSeconds(1e6), binSeconds(400 * 86_400e6)]).toEqual([30, 1, 86_400]);
  });
});

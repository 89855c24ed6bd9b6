import { describe, expect, it } from "vitest";

import { decode, kindOf, moved, place, portPlace } from "./points";

const words = (...values: number[]): string =>
  btoa(String.fromCharCode(...values.flatMap((value) => [value & 255, value >> 8])));
const bytes = (...values: number[]): string => btoa(String.fromCharCode(...values));

const POINTS = {
  count: 3,
  tile: words(0, 2, 2),
  time: words(0, 65_535, 258),
  dst: words(0, 65_535, 1),
  port: words(23, 65_535, 1024),
  ptype: bytes(13, 15, 0),
};

describe("decode", () => {
  it("reads little-endian columns and where each tile begins", () => {
    const columns = decode(POINTS, 3);
    expect([...columns.time]).toEqual([0, 65_535, 258]);
    expect([...columns.ptype]).toEqual([13, 15, 0]);
    expect([...columns.from]).toEqual([0, 1, 1, 3]);
  });

  it("takes an empty slot", () => {
    const nothing = { count: 0, tile: "", time: "", dst: "", port: "", ptype: "" };
    expect([...decode(nothing, 0).from]).toEqual([0]);
  });
});

describe("place", () => {
  const box = { width: 102, height: 42, gap: 4 };

  it("puts the first moment left and the last right, low addresses and ports at the bottom", () => {
    const columns = decode(POINTS, 3);
    expect(place(columns, 0, box)).toEqual([0, 40, 46 + Math.round((1 - 23 / 2048) * 40)]);
    expect(place(columns, 1, box)).toEqual([100, 0, 46]);
  });

  it("gives the ports below 1024 the lower half", () => {
    expect(portPlace(0)).toBe(0);
    expect(portPlace(1024)).toBe(0.5);
    expect(portPlace(65_535)).toBe(1);
  });
});

describe("moved", () => {
  it("goes by rows and stays inside", () => {
    expect(moved("ArrowDown", 1, 10, 4)).toBe(5);
    expect(moved("ArrowDown", 8, 10, 4)).toBe(9);
    expect(moved("ArrowUp", 1, 10, 4)).toBe(0);
    expect(moved("End", 3, 10, 4)).toBe(9);
    expect(moved("Home", 3, 10, 4)).toBe(0);
    expect(moved("x", 3, 10, 4)).toBe(3);
  });
});

describe("kindOf", () => {
  it("tells questions from answers", () => {
    expect(["tcp_syn", "tcp_rst", "udp", "icmp_echo_request", "fragment"].map(kindOf)).toEqual([
      "tcp",
      "answer",
      "udp",
      "icmp",
      "other",
    ]);
  });
});

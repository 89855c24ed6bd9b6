import { describe, expect, it } from "vitest";

import { arcs, place, value } from "./ring";

describe("addresses", () => {
  it("are numbers of 128 bits, IPv4 mapped", () => {
    expect(value("192.0.2.1")).toBe(0xffff_c000_0201n);
    expect(value("2001:db8::1")).toBe(0x2001_0db8_0000_0000_0000_0000_0000_0001n);
    expect(value("::")).toBe(0n);
    for (const wrong of ["", "256.0.0.1", "1.2.3", "2001:db8", "g::1", "1::2::3x"]) expect([wrong, value(wrong)]).toEqual([wrong, null]);
  });
});

describe("arcs", () => {
  it("fill the circle in the order of addresses", () => {
    const found = arcs(["198.51.100.0/24"], ["192.0.2.0/24"]);
    expect(found.map((arc) => [arc.prefix, arc.dark, arc.from, arc.to])).toEqual([
      ["192.0.2.0/24", true, 0, 0.5],
      ["198.51.100.0/24", false, 0.5, 1],
    ]);
  });

  it("give the more specific prefix its own piece", () => {
    const found = arcs(["192.0.2.0/24"], ["192.0.2.128/25"]);
    expect(found.map((arc) => [arc.dark, arc.last - arc.first + 1n])).toEqual([
      [false, 128n],
      [true, 128n],
    ]);
  });

  it("say where a host stands", () => {
    const found = arcs(["192.0.2.0/24"], ["198.51.100.0/24"]);
    expect(place(found, "192.0.2.0")).toBeCloseTo(0.5 / 512);
    expect(place(found, "192.0.2.128")).toBeCloseTo(0.25 + 0.5 / 512);
    expect(place(found, "198.51.100.255")).toBeCloseTo(1 - 0.5 / 512);
    expect(place(found, "203.0.113.1")).toBeNull();
    expect(place(arcs(["2001:db8::/32"], []), "2001:db8:8000::")).toBeCloseTo(0.5);
  });
});

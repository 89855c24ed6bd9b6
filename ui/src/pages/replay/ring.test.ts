import { describe, expect, it } from "vitest";

import { NO_SPORT, type Frame } from "./frame";
import { Ring, type Place } from "./ring";

function frame(sources: readonly number[]): Frame {
  const n = sources.length;
  return {
    count: n, base: 0, until: 1, unit_us: 1, packets: n, at: 0, live: true, missed: 0, folded: 0, sensors: [], ptypes: ["tcp_syn"], credits: [],
    after: Uint32Array.from(sources), src: Uint32Array.from(sources), dst: new Uint32Array(n), sport: new Uint16Array(n),
    dport: new Uint16Array(n).fill(23), marks: new Uint16Array(n).fill(NO_SPORT | 1), country: new Uint16Array(n).fill(0x4a50), ptype: new Uint8Array(n),
  };
}

const place: Place = (ring, slot, to, at) => to.set([ring.src[slot] as number, 2, 3, 4], at);
const slots = (runs: readonly [number, number][]): number[] => runs.flatMap(([first, count]) => Array.from({ length: count }, (_, i) => first + i));

describe("the ring", () => {
  it("keeps the newest, and tells what the graphics lack", () => {
    const ring = new Ring(4);
    ring.put(frame([10, 11, 12]), 0, 3, 1, (i) => i, place);
    expect(ring.taken()).toEqual([[0, 3]]);
    expect(ring.taken()).toEqual([]);
    ring.put(frame([13, 14]), 0, 2, 1, (i) => 3 + i, place);
    expect(ring.taken()).toEqual([[3, 1], [0, 1]]);
    expect([...ring.src]).toEqual([14, 11, 12, 13]);
    expect(ring.end(0, 0)).toBe(14);
  });

  it("finds those that live, over the seam too", () => {
    const ring = new Ring(4);
    ring.put(frame([1, 2, 3, 4, 5, 6]), 0, 6, 1, (i) => i, place);
    expect(slots(ring.alive(5, 2.5)).map((slot) => ring.src[slot])).toEqual([4, 5, 6]);
    expect(slots(ring.alive(5, 100))).toHaveLength(4);
    expect(ring.alive(100, 2)).toEqual([]);
  });

  it("takes each second one where it must be thin", () => {
    const ring = new Ring(8);
    expect(ring.put(frame([1, 2, 3, 4, 5]), 0, 5, 2, () => 0, place)).toBe(3);
    expect([...ring.src.subarray(0, 3)]).toEqual([1, 3, 5]);
  });

  it("tells a packet as it came", () => {
    const ring = new Ring(2);
    ring.put(frame([0x01020304]), 0, 1, 1, () => 0, place);
    expect(ring.packet(0)).toEqual({ src: 0x01020304, dst: 0, sport: null, dport: 23, folded: false, type: 0, tool: 0, country: "JP" });
  });

  it("writes what the shader reads: ends, birth, kinds", () => {
    const ring = new Ring(2);
    ring.put(frame([7]), 0, 1, 1, () => 1.5, place);
    const view = new DataView(ring.bytes);
    expect([0, 2, 4, 6].map((at) => view.getUint16(at, true))).toEqual([7, 2, 3, 4]);
    expect(view.getFloat32(8, true)).toBe(1.5);
    expect([view.getUint8(12), view.getUint8(13)]).toEqual([0, 0]);
  });
});

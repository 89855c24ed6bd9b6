import { describe, expect, it } from "vitest";

import { decode, dotted, firstAt, letters, Malformed } from "./frame";

/** A frame put together by hand, byte by byte, from the description in telescope/feed.py. */
function bytes(header: object, packets: number, columns: readonly number[]): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = text.length + ((4 - (text.length % 4)) % 4);
  const whole = new Uint8Array(8 + length + 21 * packets).fill(32, 8, 8 + length);
  whole.set([0x4b, 0x4e, 0x50, 0x31, length, 0, 0, 0]);
  whole.set(text, 8);
  whole.set(columns, 8 + length);
  return whole.buffer;
}

const TOLD = { count: 2, base: 1_700_000_000_000_000, until: 1_700_000_000_500_000, unit_us: 1, packets: 10, at: 1, ptypes: ["tcp_syn", "udp"] };
const TWO = [
  0, 0, 0, 0, 0x10, 0x27, 0, 0, // after: 0, 10000
  4, 3, 2, 1, 255, 255, 255, 255, // src: 1.2.3.4, 255.255.255.255
  1, 100, 51, 198, 2, 100, 51, 198, // dst: 198.51.100.1 and .2
  0, 4, 53, 0, // sport: 1024, 53
  23, 0, 0xff, 0xff, // dport: 23, 65535
  1, 0, 0, 0x80, // marks: 1, folded
  0x50, 0x4a, 0, 0, // country: JP, unknown
  0, 1, // ptype
];

describe("a frame", () => {
  it("is read where it lies", () => {
    const frame = decode(bytes(TOLD, 2, TWO));
    expect([...frame.after]).toEqual([0, 10_000]);
    expect([...frame.src].map(dotted)).toEqual(["1.2.3.4", "255.255.255.255"]);
    expect([...frame.dst].map(dotted)).toEqual(["198.51.100.1", "198.51.100.2"]);
    expect([...frame.sport]).toEqual([1024, 53]);
    expect([...frame.dport]).toEqual([23, 65_535]);
    expect([...frame.marks]).toEqual([1, 0x8000]);
    expect([...frame.country].map(letters)).toEqual(["JP", ""]);
    expect([...frame.ptype].map((kind) => frame.ptypes[kind])).toEqual(["tcp_syn", "udp"]);
    expect(frame.packets).toBe(10);
    expect(frame.missed).toBe(0); // left out where nothing was missed
  });

  it("may hold nothing", () => {
    expect(decode(bytes({ ...TOLD, count: 0 }, 0, [])).count).toBe(0);
  });

  it.each([
    ["nothing", new ArrayBuffer(0)],
    ["something else", new TextEncoder().encode("KNL1aaaaaaaa").buffer as ArrayBuffer],
    ["columns cut off", bytes(TOLD, 2, TWO).slice(0, -1)],
    ["a header cut off", bytes(TOLD, 2, TWO).slice(0, 20)],
    ["more packets than there are", bytes({ ...TOLD, count: 1e9 }, 2, TWO)],
    ["a number that is none", bytes({ ...TOLD, count: -1 }, 2, TWO)],
  ])("refuses %s", (_, buffer) => {
    expect(() => decode(buffer)).toThrow(Malformed);
  });

  it("finds the packets of a time", () => {
    const frame = decode(bytes(TOLD, 2, TWO));
    expect([0, 1, 10_000, 10_001].map((after) => firstAt(frame, after))).toEqual([0, 1, 1, 2]);
  });
});

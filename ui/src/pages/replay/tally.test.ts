import { describe, expect, it } from "vitest";

import { FOLDED, NO_DPORT, NO_SPORT, type Frame } from "./frame";
import { TOOLS, toolOf, TYPES, typesOf } from "./groups";
import { Tally } from "./tally";

const PTYPES = ["tcp_syn", "tcp_synack", "udp", "icmp_echo_request"];

function frame(rows: readonly (readonly number[])[], packets = rows.length): Frame {
  const column = (i: number): number[] => rows.map((row) => row[i] as number);
  return {
    count: rows.length, base: 0, until: 1, unit_us: 1, packets, at: 0, live: false, missed: 0, folded: 0, sensors: [], ptypes: PTYPES, credits: [],
    after: Uint32Array.from(column(0)), src: Uint32Array.from(column(0)), dst: Uint32Array.from(column(0)),
    sport: Uint16Array.from(column(1)), dport: Uint16Array.from(column(2)), marks: Uint16Array.from(column(3)),
    country: Uint16Array.from(column(4)), ptype: Uint8Array.from(column(5)),
  };
}

const JP = 0x4a50;
const ROWS = [
  [1, 0, 23, NO_SPORT, JP, 0],
  [1, 0, 23, NO_SPORT, JP, 0],
  [2, 443, 0, NO_DPORT, JP, 1],
  [3, 0, 53, NO_SPORT, 0, 2],
  [4, 0, 2048, NO_SPORT | NO_DPORT, 0, 3],
  [5, 0, 23, NO_SPORT | FOLDED, 0, 0],
];

describe("what was shown", () => {
  it("is counted by source, port and country", () => {
    const tally = new Tally();
    tally.add(frame(ROWS), 0, 6, 100);
    expect(tally.sources(100, 2)).toEqual([{ key: 1, packets: 2 }, { key: 2, packets: 1 }]);
    expect(tally.ports(100, 9)).toEqual([
      { key: 6 * 65_536 + 23, packets: 3 },
      { key: 6 * 65_536 + 443, packets: 1 },
      { key: 17 * 65_536 + 53, packets: 1 },
    ]);
    expect(tally.countries(100)).toEqual([{ key: 0, packets: 3, hosts: 2 }, { key: JP, packets: 3, hosts: 2 }]);
    expect(tally.sums(100)).toMatchObject({ packets: 6, points: 6, folded: 1 });
  });

  it("is counted as the packets that points stand for", () => {
    const tally = new Tally();
    tally.add(frame(ROWS, 60), 0, 1, 5);
    expect(tally.sources(5, 1)).toEqual([{ key: 1, packets: 10 }]);
    expect(tally.sums(5)).toMatchObject({ packets: 10, points: 1 });
  });

  it("is forgotten after ten seconds", () => {
    const tally = new Tally();
    tally.add(frame(ROWS), 0, 6, 100);
    tally.add(frame(ROWS), 0, 1, 108);
    expect(tally.sums(108).points).toBe(7);
    expect(tally.sums(112).points).toBe(1);
  });
});

describe("colours", () => {
  it("follow the type", () => {
    expect([...typesOf([...PTYPES, "other_ip", "fragment"])].map((i) => TYPES[i]?.key)).toEqual(["syn", "answer", "udp", "icmp", "other", "other"]);
  });

  it("follow the tool, the surest first", () => {
    expect([1, 2 | 32, 8, 16, 4, 32, 64 | 1024, 0].map((marks) => TOOLS[toolOf(marks)]?.key)).toEqual([
      "mirai", "masscan", "zmap", "zmap", "zmap", "nmap", "none", "none",
    ]);
  });
});

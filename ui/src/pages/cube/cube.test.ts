import { describe, expect, it } from "vitest";

import { NO_SPORT } from "../replay/frame";
import { Ring } from "../replay/ring";
import { Blocks, height, placing, point, pointOf, portTicks } from "./axes";
import { hilbert } from "./hilbert";
import { pick, placeOf } from "./pick";
import { panned, project, START, turned, view, zoomed } from "./camera";

const FRAME = { width: 800, height: 600 };
const ip = (a: number, b: number, c: number, d: number): number => ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;

describe("the axis of destinations", () => {
  it("sets blocks side by side, whatever lies between them", () => {
    const blocks = new Blocks();
    expect(blocks.learn(Uint32Array.of(ip(203, 0, 113, 7), ip(10, 0, 0, 0)), 0, 2)).toBe(true);
    expect(blocks.learn(Uint32Array.of(ip(203, 0, 113, 9)), 0, 1)).toBe(false);
    expect(blocks.at(ip(10, 0, 0, 128))).toBeCloseTo(0.25);
    expect(blocks.at(ip(203, 0, 113, 0))).toBeCloseTo(0.5);
    expect(blocks.ticks().map((tick) => tick.text)).toEqual(["10.0.0.0/24", "203.0.113.0/24"]);
  });

  it("is not widened by a stray packet", () => {
    const blocks = new Blocks();
    blocks.learn(new Uint32Array(50).fill(ip(10, 0, 0, 1)), 0, 50);
    expect(blocks.learn(Uint32Array.of(ip(97, 1, 1, 1)), 0, 1)).toBe(false);
    expect([blocks.size, blocks.at(ip(97, 1, 1, 1)), blocks.at(ip(9, 0, 0, 0))]).toEqual([1, 1, 0]);
    expect(blocks.learn(new Uint32Array(3).fill(ip(97, 1, 1, 1)), 0, 3)).toBe(true);
  });

  it("takes larger blocks where there are very many", () => {
    const blocks = new Blocks();
    blocks.learn(Uint32Array.from({ length: 20_000 }, (_, i) => ((i >> 2) * 256) >>> 0), 0, 20_000);
    expect(blocks.size).toBeLessThanOrEqual(1024);
    expect(blocks.at(4999 * 256)).toBeLessThan(1);
  });
});

describe("ports", () => {
  it("have room where most happens, or lie evenly", () => {
    expect([0, 65_535].map((port) => height(port, "log"))).toEqual([0, 1]);
    expect(height(255, "log")).toBeCloseTo(0.5);
    expect(height(65_535 / 5, "linear")).toBeCloseTo(0.2);
    expect(portTicks("log").at(1)).toEqual({ at: Math.log2(24) / 16, text: "23" });
  });

  it("that are not kept lie in a band below", () => {
    const ring = new Ring(1);
    [ring.src[0], ring.dst[0], ring.dport[0], ring.marks[0]] = [2 ** 31, ip(10, 0, 0, 0), 65_535, NO_SPORT];
    const to = new Uint16Array(4);
    const blocks = new Blocks();
    blocks.learn(ring.dst, 0, 1);
    placing(blocks, "log", "ports")(ring, 0, to, 0);
    const [x, y, z] = pointOf("source", to[0] as number, to[1] as number);
    expect([x, z]).toEqual([-1.25, expect.closeTo(0, 3)]);
    expect(y).toBeLessThan(point("source", 0, 0)[1]);
    expect(pointOf("destination", to[2] as number, to[3] as number)).toEqual([1.25, expect.closeTo(0.8, 3), -1]);
  });
});

describe("the map of addresses", () => {
  it("is Hilbert's curve", () => {
    // The first sixteen steps of the curve, as drawn in D. Hilbert, 1891, figure 2.
    const first = Array.from({ length: 16 }, (_, i) => hilbert(i).join());
    expect(first).toEqual([
      "0,0", "1,0", "1,1", "0,1", "0,2", "0,3", "1,3", "1,2", "2,2", "2,3", "3,3", "3,2", "3,1", "2,1", "2,0", "3,0",
    ]);
  });

  it("gives each address a place of its own beside its neighbour's", () => {
    for (const address of [0x7fffffff, 0x80000000, 0xc0a80000, 0xfffffffe, 0x01020304]) {
      const [[a, b], [c, d]] = [hilbert(address), hilbert((address + 1) >>> 0)];
      expect(Math.abs(a - c) + Math.abs(b - d)).toBe(1);
    }
    expect(Math.max(...hilbert(0xffffffff))).toBe(65_535);
  });
});

type Seen = ReturnType<typeof placeOf>;

describe("a packet under the pointer", () => {
  it("is found where it is drawn, and only while it is", () => {
    const ring = new Ring(8);
    const one = Uint32Array.of(ip(192, 0, 2, 1));
    const blocks = new Blocks();
    blocks.learn(Uint32Array.of(ip(10, 0, 0, 9)), 0, 1);
    const frame = {
      count: 1, base: 0, until: 1, unit_us: 1, packets: 1, at: 0, live: true, missed: 0, folded: 0, sensors: [], ptypes: ["tcp_syn"], credits: [],
      after: Uint32Array.of(0), src: one, dst: Uint32Array.of(ip(10, 0, 0, 9)), sport: Uint16Array.of(40_000), dport: Uint16Array.of(23),
      marks: Uint16Array.of(0), country: Uint16Array.of(0), ptype: Uint8Array.of(0),
    };
    ring.put(frame, 0, 1, 1, () => 10, placing(blocks, "log", "ports"));
    const matrix = view(START, FRAME);
    const at = (now: number, shown = true) => ({ now, flight: 1.5, glow: 0.9, shown: () => shown });
    const [begin, { x, y }, end] = [10, 10.75, 11.5].map((now) => placeOf(ring, 0, matrix, FRAME, at(now))) as [Seen, Seen, Seen];
    expect(begin.x).toBeLessThan(x);
    expect(x).toBeLessThan(end.x);
    expect(pick(ring, matrix, FRAME, at(10.75), x + 3, y - 3)).toBe(0);
    expect(pick(ring, matrix, FRAME, at(10.75), x + 40, y)).toBe(-1);
    expect(pick(ring, matrix, FRAME, at(10.75, false), x, y)).toBe(-1);
    expect(pick(ring, matrix, FRAME, at(13), end.x, end.y)).toBe(-1);
  });
});

describe("the camera", () => {
  it("has the middle in the middle", () => {
    const seen = project(view(START, FRAME), FRAME, [0, 0, 0]);
    expect([seen.x, seen.seen]).toEqual([expect.closeTo(400), true]);
    expect(Math.abs(seen.y - 300)).toBeLessThan(60); // a little above: labels stand below
  });

  it("has sources on the left, destinations on the right, high ports above, in every frame", () => {
    for (const frame of [FRAME, { width: 340, height: 420 }, { width: 1500, height: 500 }]) {
      const matrix = view(START, frame);
      const at = (side: "source" | "destination", along: number, up: number): { x: number; y: number } => project(matrix, frame, point(side, along, up));
      expect(at("source", 0.5, 0.5).x).toBeLessThan(at("destination", 0.5, 0.5).x);
      expect(at("source", 0.5, 1).y).toBeLessThan(at("source", 0.5, 0).y);
      for (const side of ["source", "destination"] as const) {
        for (const [along, up] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
          const { x, y } = at(side, along, up);
          expect(x > 0 && x < frame.width && y > 0 && y < frame.height).toBe(true);
        }
      }
    }
  });

  it("does as it is told, and not more", () => {
    expect(zoomed(START, 1e9).far).toBe(1.2);
    expect(turned(START, 0, 99).tilt).toBe(1.45);
    const before = project(view(START, FRAME), FRAME, [0, 0, 0]);
    const moved = project(view(panned(START, FRAME, 30, 20), FRAME), FRAME, [0, 0, 0]);
    expect([moved.x, moved.y]).toEqual([expect.closeTo(before.x + 30, 0), expect.closeTo(before.y + 20, 0)]);
  });
});

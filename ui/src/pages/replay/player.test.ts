import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Frame } from "./frame";
import type { Batch, Player } from "./player.svelte";

const MINUTE = 60e6;
const START = 1000 * 4 * MINUTE; // a multiple of a slice at speed 60
const asked: { since: number; until: number }[] = [];
const sockets: { onmessage: ((event: { data: unknown }) => void) | null; onopen: (() => void) | null; close: () => void }[] = [];

/** A frame of `KNP1` with a packet each second of the slice. */
function bytes(header: Record<string, unknown>, after: readonly number[]): ArrayBuffer {
  const n = after.length;
  const told = { count: n, until: 0, packets: n, at: 0, ptypes: ["tcp_syn"], ...header };
  const text = new TextEncoder().encode(JSON.stringify(told));
  const length = Math.ceil(text.length / 4) * 4;
  const whole = new Uint8Array(8 + length + 21 * n).fill(32, 8, 8 + length);
  whole.set([0x4b, 0x4e, 0x50, 0x31]);
  new DataView(whole.buffer).setUint32(4, length, true);
  whole.set(text, 8);
  whole.fill(0, 8 + length);
  after.forEach((value, i) => new DataView(whole.buffer).setUint32(8 + length + 4 * i, value, true));
  return whole.buffer;
}

vi.mock("../../api/client", () => ({
  Failure: class extends Error {},
  fetchBytes: (_: string, { since, until }: { since: number; until: number }) => {
    asked.push({ since, until });
    const seconds = (until - since) / 1e6;
    return Promise.resolve(bytes({ base: since, until, unit_us: 1000 }, Array.from({ length: seconds }, (__, i) => 1000 * i)));
  },
}));

async function made(): Promise<{ player: Player; shown: { frame: Frame; from: number; to: number; born: number[] }[]; run: (ticks: number, ms: number) => void }> {
  const { Player: Made } = await import("./player.svelte");
  const shown: { frame: Frame; from: number; to: number; born: number[] }[] = [];
  const player = new Made("", ({ frame, from, to, born }: Batch) =>
    shown.push({ frame, from, to, born: Array.from({ length: to - from }, (_, i) => born(from + i)) }),
  );
  let now = 1000;
  player.tick(now);
  return {
    player,
    shown,
    run: (ticks, ms) => {
      for (let i = 0; i < ticks; i++) player.tick((now += ms));
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

beforeEach(() => {
  vi.stubGlobal("location", { protocol: "http:", host: "here" });
  vi.stubGlobal("WebSocket", function Fake(this: (typeof sockets)[number]) {
    Object.assign(this, { onmessage: null, onopen: null, close: () => undefined });
    sockets.push(this);
  });
  asked.length = sockets.length = 0;
});
afterEach(() => vi.unstubAllGlobals());

describe("a replay", () => {
  it("shows each packet once, in its order, at the chosen speed", async () => {
    const { player, shown, run } = await made();
    player.replay(START, START + 8 * MINUTE);
    await settled();
    run(50, 20); // one second at 60 times: a minute
    const times = shown.flatMap(({ frame, from, to }) => [...frame.after.subarray(from, to)].map((after) => frame.base + after * 1000));
    expect(times).toEqual(Array.from({ length: 60 }, (_, i) => START + i * 1e6));
    expect(player.now).toBeCloseTo(1, 6);
  });

  it("lets packets set off when they would have", async () => {
    const { player, shown, run } = await made();
    player.replay(START, START + 8 * MINUTE);
    await settled();
    run(50, 20);
    const born = shown.flatMap((one) => one.born);
    born.forEach((at, i) => expect(at).toBeCloseTo(i / 60, 4));
  });

  it("goes on into the next slice, which it had fetched before", async () => {
    const { player, shown, run } = await made();
    player.replay(START, START + 8 * MINUTE);
    await settled();
    expect(asked.map((one) => one.since)).toEqual([START, START + 4 * MINUTE]);
    run(250, 20);
    expect(new Set(shown.map(({ frame }) => frame.base))).toEqual(new Set([START, START + 4 * MINUTE]));
    expect(shown.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(300);
  });

  it("waits for what is not here, and time with it", async () => {
    const { player, run } = await made();
    player.replay(START, START + 8 * MINUTE);
    run(10, 20);
    expect([player.waiting, player.now]).toEqual([true, 0]);
    await settled();
    run(10, 20);
    expect(player.waiting).toBe(false);
    expect(player.now).toBeCloseTo(0.2);
  });

  it("stands still while it is paused, and stops at the end", async () => {
    const { player, run } = await made();
    player.replay(START, START + MINUTE);
    await settled();
    player.toggle();
    run(10, 20);
    expect(player.now).toBe(0);
    player.toggle();
    run(60, 20);
    expect([player.playing, player.at]).toEqual([false, START + MINUTE]);
    player.toggle(); // once more from the beginning
    expect([player.playing, player.at]).toEqual([true, START]);
  });

  it("does not leave the time that was chosen", async () => {
    const { player } = await made();
    player.replay(START, START + MINUTE);
    player.seek(START - 5);
    expect(player.at).toBe(START);
    player.seek(START + 99 * MINUTE);
    expect(player.at).toBe(START + MINUTE);
  });
});

describe("live", () => {
  it("shows what arrives at once, and counts what was missed", async () => {
    const { player, shown, run } = await made();
    player.goLive();
    const socket = sockets[0];
    socket?.onmessage?.({ data: bytes({ base: START, until: START + 50_001, unit_us: 1, packets: 6, missed: 4 }, [0, 25_000, 50_000]) });
    run(1, 20);
    expect(shown).toHaveLength(1);
    expect((shown[0]?.born ?? []).map((at) => Math.round((player.now - at) * 1000))).toEqual([50, 25, 0]);
    expect([player.missed, player.sampled, player.newest]).toEqual([4, 2, START + 50_001]);
    run(1, 20);
    expect([shown.length, player.newest]).toEqual([1, 0]);
  });

  it("takes a sign of life for no packet", async () => {
    const { player, shown, run } = await made();
    player.goLive();
    sockets[0]?.onmessage?.({ data: bytes({ base: START, until: START, unit_us: 1, credits: [["them", ""]] }, []) });
    run(20, 20);
    expect([shown.length, player.at, player.credits]).toEqual([0, 0, [["them", ""]]]);
  });

  it("keeps a few seconds only for a page that draws nothing", async () => {
    const { player, shown, run } = await made();
    player.goLive();
    for (let i = 0; i < 100; i++) {
      sockets[0]?.onmessage?.({ data: bytes({ base: START, until: START + 1, unit_us: 1, packets: 3 }, [0]) });
    }
    run(1, 20);
    expect([shown.length, player.missed]).toEqual([60, 40 * 3]);
  });

  it("does not show later what came while it was paused", async () => {
    const { player, shown, run } = await made();
    player.goLive();
    player.toggle();
    sockets[0]?.onmessage?.({ data: bytes({ base: START, until: START + 1, unit_us: 1 }, [0]) });
    run(1, 20);
    player.toggle();
    run(5, 20);
    expect(shown).toHaveLength(0);
  });
});

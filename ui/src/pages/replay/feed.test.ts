import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Feed, feedUrl, type FeedState, type Socket } from "./feed";

class Fake implements Socket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  close(): void {
    this.closed = true;
  }
}

function empty(): ArrayBuffer {
  const text = new TextEncoder().encode('{"count":0,"base":1,"until":1,"unit_us":1,"packets":0,"at":1}'.padEnd(64));
  const whole = new Uint8Array(8 + text.length);
  whole.set([0x4b, 0x4e, 0x50, 0x31, text.length, 0, 0, 0]);
  whole.set(text, 8);
  return whole.buffer;
}

function scene(): { feed: Feed; sockets: Fake[]; states: FeedState[]; frames: number[] } {
  const sockets: Fake[] = [];
  const states: FeedState[] = [];
  const frames: number[] = [];
  const told = { frame: (frame: { count: number }) => frames.push(frame.count), state: (state: FeedState) => states.push(state) };
  const feed = new Feed("ws://here/", told, () => {
    const made = new Fake();
    sockets.push(made);
    return made;
  });
  return { feed, sockets, states, frames };
}

describe("a feed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("hands frames over as they come", () => {
    const { feed, sockets, states, frames } = scene();
    feed.open();
    sockets[0]?.onopen?.();
    sockets[0]?.onmessage?.({ data: empty() });
    expect(sockets[0]?.binaryType).toBe("arraybuffer");
    expect(frames).toEqual([0]);
    expect(states).toEqual(["opening", "open"]);
  });

  it("opens again when it breaks, each time a little later", () => {
    const { feed, sockets, states } = scene();
    feed.open();
    sockets[0]?.onclose?.();
    expect(states.at(-1)).toBe("waiting");
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    sockets[1]?.onclose?.();
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(3);
  });

  it("gives a silent connection up", () => {
    const { feed, sockets } = scene();
    feed.open();
    sockets[0]?.onopen?.();
    vi.advanceTimersByTime(5000);
    sockets[0]?.onmessage?.({ data: empty() });
    vi.advanceTimersByTime(5000);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(1500);
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets).toHaveLength(2);
  });

  it("stays closed when it was closed, whatever the old connection still says", () => {
    const { feed, sockets, states, frames } = scene();
    feed.open();
    feed.close();
    sockets[0]?.onmessage?.({ data: empty() });
    sockets[0]?.onclose?.();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(frames).toEqual([]);
    expect(states.at(-1)).toBe("closed");
  });
});

describe("its address", () => {
  it("is at the same server, as safe as the page", () => {
    expect(feedUrl("", { protocol: "https:", host: "a:1" })).toBe("wss://a:1/api/v1/telescope/live");
    expect(feedUrl("x y", { protocol: "http:", host: "a" })).toBe("ws://a/api/v1/telescope/live?sensor=x+y");
  });
});

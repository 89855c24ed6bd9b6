/** What is shown when: packets as they arrive, or those of the past at a chosen speed.
 *
 * Time runs by `tick`, which a picture calls before it draws; while it is paused nothing
 * moves, also what is in flight. The clock of the picture, `now`, counts seconds of watching.
 */

import { fetchBytes, Failure } from "../../api/client";
import { Feed, feedUrl, type FeedState } from "./feed";
import { decode, firstAt, type Frame } from "./frame";
import { lengthOf, sliceAt, Slices } from "./slices";

export const SPEEDS = [1, 10, 60, 300, 600] as const;
export type Mode = "live" | "replay";

/** Packets to show: `from` until `to` of a frame; packet i set off at second `born(i)`. */
export interface Batch {
  readonly frame: Frame;
  readonly from: number;
  readonly to: number;
  readonly born: (i: number) => number;
}

const TELL_S = 0.1; // how often the page is told the time
const LONGEST_TICK_S = 0.25; // a page that slept does not catch up in one leap
const WAITING = 60; // frames, some seconds
const OLDEST_S = 1; // what arrives is never drawn older than this

export class Player {
  mode = $state<Mode>("replay");
  playing = $state(true);
  speed = $state(60);
  at = $state(0); // the instant that is shown, microseconds
  since = $state(0);
  until = $state(0);
  feed = $state<FeedState>("closed");
  failure = $state("");
  waiting = $state(false); // for stored packets
  missed = $state(0);
  credits = $state.raw<Frame["credits"]>([]); // whom to name where countries are shown
  sampled = $state(1); // packets that a point stands for
  now = 0; // seconds of watching
  newest = 0; // instant of the newest packet that the last tick brought, 0: none came
  readonly #show: (batch: Batch) => void;
  readonly #slices: Slices;
  readonly #live: Feed;
  #frames: Frame[] = []; // that arrived since the last tick
  #place = 0; // as `at`, each tick
  #told = 0;
  #last = 0;

  constructor(sensor: string, show: (batch: Batch) => void) {
    this.#show = show;
    this.#slices = new Slices(async (slice, signal) => decode(await fetchBytes("/telescope/replay", { ...slice, sensor }, signal)));
    this.#live = new Feed(feedUrl(sensor), { frame: (frame) => this.#arrived(frame), state: (state) => (this.feed = state) });
  }

  /** Show what arrives. */
  goLive(): void {
    this.mode = "live";
    this.#slices.clear();
    this.failure = "";
    this.missed = 0;
    this.#place = this.at = 0;
    this.#live.open();
  }

  /** Show what is stored of [since, until), from `at` on. */
  replay(since: number, until: number, at = since): void {
    this.mode = "replay";
    this.#live.close();
    [this.since, this.until] = [since, until];
    this.seek(at);
  }

  seek(at: number): void {
    this.#place = Math.max(this.since, Math.min(this.until, at));
    this.at = this.#place;
    this.failure = "";
    this.#ahead();
  }

  toggle(): void {
    if (!this.playing && this.mode === "replay" && this.#place >= this.until) this.seek(this.since);
    this.playing = !this.playing;
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.#ahead();
  }

  close(): void {
    this.#live.close();
    this.#slices.clear();
  }

  /** Let time pass until `ms` (of the page) and show what falls into it. */
  tick(ms: number): void {
    const passed = Math.min(LONGEST_TICK_S, Math.max(0, (ms - this.#last) / 1000));
    this.#last = ms;
    this.newest = 0;
    if (!this.playing) {
      this.#frames = []; // what arrives meanwhile is not shown later
      return;
    }
    if (this.mode === "live") {
      this.now += passed;
      this.#flow();
    } else this.#step(passed);
    if (this.now - this.#told >= TELL_S) this.#tell();
  }

  #tell(): void {
    this.#told = this.now;
    this.at = this.#place;
  }

  #arrived(frame: Frame): void {
    this.missed += frame.missed;
    this.#credit(frame);
    this.#frames.push(frame);
    // A page in the background draws nothing: what waits for it must not grow.
    if (this.#frames.length > WAITING) this.missed += this.#frames.shift()?.packets ?? 0;
  }

  #credit(frame: Frame): void {
    if (frame.credits.length > 0 && this.credits.length === 0) this.credits = frame.credits;
  }

  #flow(): void {
    for (const frame of this.#frames) {
      if (frame.count === 0) continue; // it says that the connection lives, no more
      this.#place = frame.until;
      this.newest = frame.until;
      this.sampled = frame.packets / frame.count;
      const newest = (frame.until - frame.base) / frame.unit_us;
      const born = (i: number): number =>
        this.now - Math.min(OLDEST_S, ((newest - (frame.after[i] as number)) * frame.unit_us) / 1e6);
      this.#show({ frame, from: 0, to: frame.count, born });
    }
    this.#frames = [];
  }

  /** Show the next `passed` seconds of watching; where packets are not here yet, time waits. */
  #step(passed: number): void {
    const length = lengthOf(this.speed);
    const slice = sliceAt(this.#place, length);
    const frame = this.#slices.get(slice);
    this.waiting = !frame;
    if (!frame) return;
    this.now += passed;
    this.#credit(frame);
    const next = Math.min(slice.until, this.until, this.#place + passed * this.speed * 1e6);
    const index = (us: number): number => firstAt(frame, (us - frame.base) / frame.unit_us);
    const [from, to] = [index(this.#place), index(next)];
    if (to > from) this.#show({ frame, from, to, born: this.#bornOf(frame, next) });
    this.sampled = frame.count > 0 ? frame.packets / frame.count : 1;
    this.#place = next;
    if (next >= this.until) this.#end();
    else if (next >= slice.until) this.#ahead();
  }

  #bornOf(frame: Frame, next: number): (i: number) => number {
    const [now, speed] = [this.now, this.speed * 1e6];
    return (i) => now - (next - frame.base - (frame.after[i] as number) * frame.unit_us) / speed;
  }

  #end(): void {
    this.playing = false;
    this.#tell();
  }

  /** Have the slice of this instant, and the one after it. */
  #ahead(): void {
    if (this.mode !== "replay" || this.until <= this.since) return;
    const length = lengthOf(this.speed);
    const slice = sliceAt(this.#place, length);
    const after = { since: slice.until, until: slice.until + length };
    const wanted = after.since < this.until ? [slice, after] : [slice];
    this.#slices.want(...wanted).catch((error: unknown) => {
      this.failure = error instanceof Failure ? error.message : String(error);
      this.playing = false;
    });
  }
}

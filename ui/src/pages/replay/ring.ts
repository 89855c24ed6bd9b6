/** The packets in flight: the newest take the place of the oldest. No state of the page in here. */

import { FOLDED, letters, NO_DPORT, NO_SPORT, type Frame } from "./frame";
import { toolOf, typesOf } from "./groups";

export const BYTES = 16; // of a point: four uint16, float32, four uint8

/** Where a packet begins and ends, each coordinate 0 to 1; written to `to` at `at`. */
export type Place = (ring: Ring, slot: number, to: Uint16Array, at: number) => void;

export interface Packet {
  readonly src: number;
  readonly dst: number;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly folded: boolean;
  readonly type: number; // place in TYPES
  readonly tool: number; // place in TOOLS
  readonly country: string;
}

export class Ring {
  readonly capacity: number;
  readonly src: Uint32Array;
  readonly dst: Uint32Array;
  readonly sport: Uint16Array;
  readonly dport: Uint16Array;
  readonly marks: Uint16Array;
  readonly country: Uint16Array;
  readonly bytes: ArrayBuffer; // what the graphics take
  readonly #ends: Uint16Array;
  readonly #births: Float32Array;
  readonly #kinds: Uint8Array;
  #head = 0; // the next slot
  #filled = 0;
  #seen = 0;
  #fresh = 0; // points since they were last taken for the graphics

  constructor(capacity: number) {
    this.capacity = capacity;
    [this.src, this.dst] = [new Uint32Array(capacity), new Uint32Array(capacity)];
    [this.sport, this.dport] = [new Uint16Array(capacity), new Uint16Array(capacity)];
    [this.marks, this.country] = [new Uint16Array(capacity), new Uint16Array(capacity)];
    this.bytes = new ArrayBuffer(capacity * BYTES);
    this.#ends = new Uint16Array(this.bytes);
    this.#births = new Float32Array(this.bytes);
    this.#kinds = new Uint8Array(this.bytes);
  }

  get filled(): number {
    return this.#filled;
  }

  birth(slot: number): number {
    return this.#births[slot * 4 + 2] as number;
  }

  end(slot: number, i: number): number {
    return this.#ends[slot * 8 + i] as number;
  }

  /** Put packets `from` until `to` of a frame, each `step`-th of all that come; `born` says when, in seconds. */
  put(frame: Frame, from: number, to: number, step: number, born: (i: number) => number, place: Place): number {
    const types = typesOf(frame.ptypes);
    let put = 0;
    for (let i = from; i < to; i++) {
      if (this.#seen++ % step !== 0) continue;
      this.#one(frame, i, born(i), types[frame.ptype[i] as number] ?? 0, place);
      put += 1;
    }
    return put;
  }

  #one(frame: Frame, i: number, born: number, type: number, place: Place): void {
    const slot = this.#head;
    const marks = frame.marks[i] as number;
    this.src[slot] = frame.src[i] as number;
    this.dst[slot] = frame.dst[i] as number;
    this.sport[slot] = frame.sport[i] as number;
    this.dport[slot] = frame.dport[i] as number;
    this.marks[slot] = marks;
    this.country[slot] = frame.country[i] as number;
    this.#births[slot * 4 + 2] = born;
    this.#kinds.set([type, toolOf(marks), (slot * 151) & 255, 0], slot * BYTES + 12);
    place(this, slot, this.#ends, slot * 8);
    this.#head = (slot + 1) % this.capacity;
    this.#filled = Math.min(this.capacity, this.#filled + 1);
    this.#fresh = Math.min(this.capacity, this.#fresh + 1);
  }

  /** Place all anew: an axis has changed. */
  again(place: Place): void {
    for (let slot = 0; slot < this.#filled; slot++) place(this, slot, this.#ends, slot * 8);
    this.#fresh = this.#filled;
  }

  clear(): void {
    this.#head = this.#filled = this.#fresh = 0;
  }

  /** Slots that the graphics have not taken yet, as [first, count]: one run, or two. */
  taken(): [number, number][] {
    const fresh = this.#fresh;
    this.#fresh = 0;
    return this.#runs(fresh);
  }

  /** Slots of points that live `seconds` at `now`; they lie together, the youngest last. */
  alive(now: number, seconds: number): [number, number][] {
    let [low, high] = [0, this.#filled]; // how many of the youngest live
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.birth(this.#back(middle)) > now - seconds) low = middle;
      else high = middle - 1;
    }
    return this.#runs(low);
  }

  packet(slot: number): Packet {
    const marks = this.marks[slot] as number;
    return {
      src: this.src[slot] as number,
      dst: this.dst[slot] as number,
      sport: marks & NO_SPORT ? null : (this.sport[slot] as number),
      dport: marks & NO_DPORT ? null : (this.dport[slot] as number),
      folded: (marks & FOLDED) !== 0,
      type: this.type(slot),
      tool: this.tool(slot),
      country: letters(this.country[slot] as number),
    };
  }

  type(slot: number): number {
    return this.#kinds[slot * BYTES + 12] as number;
  }

  tool(slot: number): number {
    return this.#kinds[slot * BYTES + 13] as number;
  }

  /** The slot of the `n`-th youngest, from 1. */
  #back(n: number): number {
    return (this.#head - n + this.capacity) % this.capacity;
  }

  #runs(count: number): [number, number][] {
    if (count === 0) return [];
    const first = this.#back(count);
    if (first + count <= this.capacity) return [[first, count]];
    return [[first, this.capacity - first], [0, count - (this.capacity - first)]];
  }
}

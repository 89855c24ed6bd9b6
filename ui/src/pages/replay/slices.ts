/** Stored packets, fetched a slice of time at once and ahead of when they are shown. */

import type { Frame } from "./frame";

export interface Slice {
  readonly since: number;
  readonly until: number;
}

const MINUTE = 60e6;
const AHEAD_S = 4; // of watching, that one slice lasts
const LONGEST = 6 * 3600e6;
const KEPT = 6;

/** How long a slice is for a speed (seconds of data a second): whole minutes. */
export function lengthOf(speed: number): number {
  return Math.min(LONGEST, Math.max(MINUTE, Math.ceil((speed * AHEAD_S * 1e6) / MINUTE) * MINUTE));
}

/** The slice of that length that holds an instant; slices begin at multiples of it. */
export function sliceAt(at: number, length: number): Slice {
  const since = Math.floor(at / length) * length;
  return { since, until: since + length };
}

type Fetch = (slice: Slice, signal: AbortSignal) => Promise<Frame>;

export class Slices {
  readonly #fetch: Fetch;
  readonly #known = new Map<string, Frame>();
  #coming = new Map<string, AbortController>();

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** The frame of a slice if it is here. */
  get(slice: Slice): Frame | undefined {
    return this.#known.get(key(slice));
  }

  /** Fetch what is not here; what comes for other slices is given up. Fails as the fetch does. */
  async want(...slices: readonly Slice[]): Promise<void> {
    const keys = new Set(slices.map(key));
    for (const [other, abort] of this.#coming) if (!keys.has(other)) abort.abort();
    await Promise.all(slices.map((slice) => this.#load(slice)));
  }

  clear(): void {
    for (const abort of this.#coming.values()) abort.abort();
    this.#coming = new Map();
    this.#known.clear();
  }

  async #load(slice: Slice): Promise<void> {
    const name = key(slice);
    if (this.#known.has(name) || this.#coming.has(name)) return;
    const abort = new AbortController();
    this.#coming.set(name, abort);
    try {
      const frame = await this.#fetch(slice, abort.signal);
      if (abort.signal.aborted) return;
      this.#known.set(name, frame);
      while (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value as string);
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      if (this.#coming.get(name) === abort) this.#coming.delete(name);
    }
  }
}

const key = (slice: Slice): string => `${slice.since}-${slice.until}`;

/** Something that is being fetched: the last good answer stays while the next one comes. */

import { untrack } from "svelte";

import { Failure } from "../api/client";

type Fetch<T> = (signal: AbortSignal) => Promise<T>;

export class Resource<T> {
  value = $state.raw<T | null>(null);
  failure = $state.raw<Failure | null>(null);
  busy = $state(false);
  #fetch: Fetch<T> | null = null;
  #abort: AbortController | null = null;
  #again = 0;

  /**
   * Fetch, and forget a fetch that is still under way. Reads in `fetch` are tracked.
   *
   * What an effect loads ends with that effect: nothing is fetched for a page that is gone.
   */
  load(fetch: Fetch<T>): void {
    if ($effect.tracking()) $effect(() => () => this.#end());
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#fetch = fetch;
    const coming = fetch(abort.signal);
    untrack(() => void this.#settle(coming, abort.signal));
  }

  /** Fetch the same anew, at most once a second: live events may come in hundreds. */
  again(): void {
    if (this.#again || !this.#fetch) return;
    this.#again = window.setTimeout(() => {
      this.#again = 0;
      if (this.#fetch) this.load(this.#fetch);
    }, 1000);
  }

  #end(): void {
    this.#abort?.abort();
    this.#fetch = null;
    clearTimeout(this.#again);
    this.#again = 0;
  }

  async #settle(coming: Promise<T>, signal: AbortSignal): Promise<void> {
    this.busy = true;
    try {
      const value = await coming;
      if (signal.aborted) return;
      this.value = value;
      this.failure = null;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.failure = error;
    } finally {
      if (!signal.aborted) this.busy = false;
    }
  }
}

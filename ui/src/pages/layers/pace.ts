/** How many links are drawn at a time, so that a picture never stands still for long. */

const SLOW_MS = 90;
const FAST_MS = 30;
const LEAST = 1000;

export class Pace {
  links: number;
  readonly #most: number;

  constructor(edges: number, first = 8000) {
    this.#most = Math.max(LEAST, edges);
    this.links = Math.min(first, this.#most);
  }

  /** Learn from a picture that took `ms` with as many links. */
  took(ms: number): void {
    if (ms > SLOW_MS) this.links = Math.max(LEAST, Math.round(this.links / 2));
    else if (ms < FAST_MS) this.links = Math.min(this.#most, this.links * 2);
  }
}

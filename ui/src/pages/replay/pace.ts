/** How many packets are drawn, so that a slow machine still shows them move. */

const SLOW_MS = 55; // below some 18 pictures a second
const FAST_MS = 24;
const MOST = 64;
const PATIENCE_MS = 800; // before it is decided again
const LANDING_MS = 2400; // what is in flight must land before a change shows

export class Pace {
  step = 1; // each step-th packet is drawn
  mean = 16; // milliseconds between pictures
  #since = 0;

  /** Learn of a picture that came `ms` after the one before, with `drawn` points. */
  took(ms: number, drawn: number): void {
    if (ms > 1000) return; // the page slept
    this.mean += (ms - this.mean) * Math.min(0.5, 0.08 + ms / 600); // of slow pictures there are few to learn from
    this.#since += ms;
    if (this.#since < PATIENCE_MS) return;
    if (this.mean > SLOW_MS && this.step < MOST && drawn > 1500) this.#to(this.step * (this.mean > 3 * SLOW_MS ? 4 : 2));
    else if (this.mean < FAST_MS && this.step > 1) this.#to(this.step / 2);
  }

  get perSecond(): number {
    return 1000 / this.mean;
  }

  #to(step: number): void {
    this.step = Math.min(MOST, step);
    this.#since = -LANDING_MS;
  }
}

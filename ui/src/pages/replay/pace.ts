/** How many packets are drawn, so that a slow machine still shows them move. */

const SLOW_MS = 55; // below some 18 pictures a second
const FAST_MS = 24;
const MOST = 64;
const PATIENCE = 12; // pictures before it is decided again

export class Pace {
  step = 1; // each step-th packet is drawn
  mean = 16; // milliseconds between pictures
  #since = 0;

  /** Learn of a picture that came `ms` after the one before, with `drawn` points. */
  took(ms: number, drawn: number): void {
    if (ms > 1000) return; // the page slept
    this.mean += (ms - this.mean) * 0.12;
    this.#since += 1;
    if (this.#since < PATIENCE) return;
    if (this.mean > SLOW_MS && this.step < MOST && drawn > 1500) this.#to(this.step * 2);
    else if (this.mean < FAST_MS && this.step > 1) this.#to(this.step / 2);
  }

  get perSecond(): number {
    return 1000 / this.mean;
  }

  #to(step: number): void {
    this.step = step;
    this.#since = -PATIENCE; // what is in flight must land first
  }
}

/** Pointers that are down on a picture: one drags it, two pinch it, none that moved clicks. */

export type Point = readonly [x: number, y: number];

export interface Drag {
  readonly by: Point; // pixels since the pointer was last seen
  readonly pinch: { readonly factor: number; readonly about: Point } | null; // with a second pointer
}

const STILL = 4; // pixels that a click may move

const apart = (a: Point, b: Point): number => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));

export class Fingers {
  #held: readonly { readonly id: number; readonly at: Point }[] = [];
  #moved = 0;

  get any(): boolean {
    return this.#held.length > 0;
  }

  down(id: number, at: Point): void {
    this.drop(id);
    this.#held = [...this.#held, { id, at }];
    this.#moved = 0;
  }

  /** What the movement of a pointer does; null where it only passes over. */
  move(id: number, at: Point): Drag | null {
    const before = this.#held.find((one) => one.id === id)?.at;
    if (!before) return null;
    const by: Point = [at[0] - before[0], at[1] - before[1]];
    this.#moved += Math.hypot(...by);
    this.#held = this.#held.map((one) => (one.id === id ? { id, at } : one));
    const other = this.#held.find((one) => one.id !== id)?.at;
    return { by, pinch: other ? { factor: apart(at, other) / apart(before, other), about: other } : null };
  }

  /** Let a pointer go; whether that was a click. */
  up(id: number): boolean {
    const click = this.#held.length === 1 && this.#held[0]?.id === id && this.#moved <= STILL;
    this.drop(id);
    return click;
  }

  /** Forget a pointer. */
  drop(id: number): void {
    this.#held = this.#held.filter((one) => one.id !== id);
  }
}

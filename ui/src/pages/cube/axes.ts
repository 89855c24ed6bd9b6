/** Where addresses and ports lie on the two planes. */

import { dotted, NO_DPORT, NO_SPORT } from "../replay/frame";
import type { Place } from "../replay/ring";
import type { Point } from "./camera";
import { hilbert } from "./hilbert";

export const APART = 1.25; // of the planes from the middle
export const WIDE = 1; // half of the address axis
export const HIGH = 0.8; // half of the port axis

export type Scale = "log" | "linear";
export type Plane = "ports" | "map"; // what the plane of sources is of
export type Side = "source" | "destination";

export interface Tick {
  readonly at: number; // 0 to 1
  readonly text: string;
}

const FOOT = 0.1; // of the height, below port 0: for ports that are not kept
const WORD = 2 ** 32;
const LOG_TICKS = [0, 23, 80, 445, 1024, 3389, 8080, 65_535];
const LINEAR_TICKS = [0, 8080, 16_384, 32_768, 49_152, 65_535];

/** Height of a port, 0 to 1. The logarithm gives room to the low ports, where most happens. */
export function height(port: number, scale: Scale): number {
  return scale === "log" ? Math.log2(1 + port) / 16 : port / 65_535;
}

export function portTicks(scale: Scale): Tick[] {
  return (scale === "log" ? LOG_TICKS : LINEAR_TICKS).map((port) => ({ at: height(port, scale), text: String(port) }));
}

export const SOURCE_TICKS: readonly Tick[] = [0, 64, 128, 192].map((first) => ({ at: first / 256, text: `${first}.0.0.0` }));

const MOST_BLOCKS = 1024;
const SURE = 4; // packets that a block needs to be on the axis, after the first
const FIRST = 40;

/** The axis of the telescope's own addresses: blocks that packets went to, side by side.
 *
 * A stray packet to an address elsewhere does not widen it: it is drawn at the end of the
 * block before its own.
 */
export class Blocks {
  #shift = 8; // blocks are /24, larger ones where there are very many
  #index = new Map<number, number>(); // place of each block, in order of addresses
  #strays = new Map<number, number>(); // packets to blocks that are not on it
  #seen = 0;

  get size(): number {
    return this.#index.size;
  }

  /** Take note of destinations; true: the axis has changed. */
  learn(dst: Uint32Array, from: number, to: number): boolean {
    let changed = false;
    for (let i = from; i < to; i++) {
      const block = (dst[i] as number) >>> this.#shift;
      this.#seen += 1;
      if (!this.#index.has(block) && this.#isSure(block)) {
        this.#index.set(block, 0);
        changed = true;
      }
    }
    if (changed) this.#order();
    return changed;
  }

  #isSure(block: number): boolean {
    const packets = (this.#strays.get(block) ?? 0) + 1;
    if (this.#strays.size > MOST_BLOCKS) this.#strays.clear();
    this.#strays.set(block, packets);
    return this.#seen <= FIRST || packets >= SURE;
  }

  /** Place on the axis, 0 to 1. */
  at(dst: number): number {
    const block = dst >>> this.#shift;
    const index = this.#index.get(block);
    const many = Math.max(1, this.#index.size);
    if (index === undefined) return this.#before(block) / many;
    return (index + (dst % 2 ** this.#shift) / 2 ** this.#shift) / many;
  }

  ticks(): Tick[] {
    const blocks = [...this.#index.keys()];
    const step = Math.max(1, Math.ceil(blocks.length / 4));
    const first = blocks.filter((_, i) => i % step === 0);
    return first.map((block) => ({ at: this.at(this.#first(block)), text: `${dotted(this.#first(block))}/${32 - this.#shift}` }));
  }

  #before(block: number): number {
    let before = 0;
    for (const one of this.#index.keys()) if (one < block) before += 1;
    return before;
  }

  #first(block: number): number {
    return (block * 2 ** this.#shift) >>> 0;
  }

  #order(): void {
    let blocks = [...this.#index.keys()];
    while (blocks.length > MOST_BLOCKS) {
      this.#shift += 4;
      blocks = [...new Set(blocks.map((block) => block >>> 4))];
    }
    this.#index = new Map(blocks.sort((a, b) => a - b).map((block, i) => [block, i]));
  }
}

const sixteen = (share: number): number => Math.round(Math.max(0, Math.min(1, share)) * 65_535);
const raised = (share: number): number => sixteen((share + FOOT) / (1 + FOOT));

/** Where each quarter of all addresses lies on the map, its first address as the text. */
export const QUARTERS: readonly { readonly along: number; readonly up: number; readonly text: string }[] = [0, 64, 128, 192].map((first) => {
  const [x, y] = hilbert((first * 2 ** 24) >>> 0);
  return { along: x < 32_768 ? 0.25 : 0.75, up: y < 32_768 ? 0.25 : 0.75, text: `${first}.0.0.0/2` };
});

/** How a packet is put between the planes. */
export function placing(blocks: Blocks, scale: Scale, plane: Plane): Place {
  return (ring, slot, to, at) => {
    const marks = ring.marks[slot] as number;
    const source = ring.src[slot] as number;
    const foot = -FOOT * (0.25 + 0.5 * ((source % 251) / 251)); // a band, not a line
    if (plane === "map") {
      const [x, y] = hilbert(source);
      [to[at], to[at + 1]] = [x, raised(y / 65_535)];
    } else {
      to[at] = sixteen(source / WORD);
      to[at + 1] = raised(marks & NO_SPORT ? foot : height(ring.sport[slot] as number, scale));
    }
    to[at + 2] = sixteen(blocks.at(ring.dst[slot] as number));
    to[at + 3] = raised(marks & NO_DPORT ? foot : height(ring.dport[slot] as number, scale));
  };
}

/** The point of the cube for shares of a plane; `up` below 0 is the band of unknown ports. */
export function point(side: Side, along: number, up: number): Point {
  return [side === "source" ? -APART : APART, (2 * up - 1) * HIGH, (2 * along - 1) * WIDE];
}

/** The same for the two numbers that `placing` wrote. */
export function pointOf(side: Side, along: number, raisedUp: number): Point {
  return point(side, along / 65_535, (raisedUp / 65_535) * (1 + FOOT) - FOOT);
}

/** GLSL of the way of a packet; the same arithmetic as `pointOf`. */
export const WAY = `
uniform mat4 view;
vec4 place(float t) {
  float up = mix(ends.y, ends.w, t) * ${(1 + FOOT).toFixed(3)} - ${FOOT.toFixed(3)};
  float along = mix(ends.x, ends.z, t);
  float across = mix(${(-APART).toFixed(3)}, ${APART.toFixed(3)}, t);
  return view * vec4(across, (2.0 * up - 1.0) * ${HIGH.toFixed(3)}, (2.0 * along - 1.0) * ${WIDE.toFixed(3)}, 1.0);
}`;

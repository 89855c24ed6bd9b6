/** A moving picture and what is told beside it: packets in flight, counts of the last seconds. */

import type { Frame } from "./frame";
import { NONE, TOOLS, TYPES, type Group } from "./groups";
import { Pace } from "./pace";
import { Player, type Batch } from "./player.svelte";
import { Ring, type Place } from "./ring";
import { Tally, type Counted, type Origin } from "./tally";

export const CAPACITY = 100_000;
export const FLIGHT_S = 1.5;
export const GLOW_S = 0.9;
const TABLE = 12;

export type By = "type" | "tool";

export interface Stats {
  readonly perSecond: number; // packets of the data that went by in a second of watching
  readonly pictures: number; // a second
  readonly folded: number;
  readonly step: number; // each step-th packet is drawn
  readonly delay: number | null; // milliseconds from packet to picture, the longest of a second
}

const NOTHING: Stats = { perSecond: 0, pictures: 0, folded: 0, step: 1, delay: null };

export class Show {
  readonly ring = new Ring(CAPACITY);
  readonly player: Player;
  by = $state<By>("type");
  off = $state.raw<ReadonlySet<string>>(NONE);
  stats = $state.raw<Stats>(NOTHING);
  sources = $state.raw<readonly Counted[]>([]);
  ports = $state.raw<readonly Counted[]>([]);
  countries = $state.raw<readonly Origin[]>([]);
  drawn = $state(0); // packets in the picture
  frames = $state(0); // pictures so far
  #place: Place = () => undefined;
  readonly #learn: (frame: Frame, from: number, to: number) => void;
  readonly #pace = new Pace();
  readonly #tally = new Tally();
  #last = 0;
  #counted = 0;
  #pictures = 0;
  #delay: number | null = null;
  readonly #every: boolean;

  /** `learn` sees packets before they are placed: axes may grow by them. With `every` none is left out, however slow that is. */
  constructor(sensor: string, every: boolean, learn: (frame: Frame, from: number, to: number) => void = () => undefined) {
    this.#every = every;
    this.#learn = learn;
    this.player = new Player(sensor, (batch) => this.#add(batch));
  }

  get groups(): readonly Group[] {
    return this.by === "type" ? TYPES : TOOLS;
  }

  get shown(): readonly boolean[] {
    return this.groups.map((group) => !this.off.has(group.key));
  }

  isShown(slot: number): boolean {
    const place = this.by === "type" ? this.ring.type(slot) : this.ring.tool(slot);
    return !this.off.has(this.groups[place]?.key ?? "");
  }

  colourBy(by: By): void {
    this.by = by;
    this.off = NONE;
  }

  /** Another way to place packets, from now on and for those in flight. */
  placeBy(place: Place): void {
    this.#place = place;
    this.ring.again(place);
  }

  /** Nothing is in flight any more, nothing counted. */
  clear(): void {
    this.ring.clear();
    this.#tally.clear();
    this.#count();
  }

  /** Let time pass before a picture is drawn at `ms`. */
  tick(ms: number): void {
    this.player.tick(ms);
  }

  /** Learn of a picture that was drawn at `ms` with `drawn` packets. */
  drew(ms: number, drawn: number): void {
    if (this.#last > 0) this.#pace.took(ms - this.#last, drawn);
    this.#last = ms;
    this.#pictures += 1;
    if (this.player.newest > 0) this.#delay = Math.max(this.#delay ?? 0, Date.now() - this.player.newest / 1000);
    if (ms - this.#counted < 1000) return;
    this.#counted = ms;
    this.drawn = drawn;
    this.frames = this.#pictures;
    this.#count();
  }

  #add({ frame, from, to, born }: Batch): void {
    this.#learn(frame, from, to);
    this.ring.put(frame, from, to, this.#every ? 1 : this.#pace.step, born, this.#place);
    this.#tally.add(frame, from, to, this.player.now);
  }

  #count(): void {
    const now = this.player.now;
    const sums = this.#tally.sums(now);
    this.stats = {
      perSecond: sums.packets / sums.seconds,
      pictures: this.#pace.perSecond,
      folded: sums.folded,
      step: this.#every ? 1 : this.#pace.step,
      delay: this.#delay,
    };
    this.#delay = null;
    this.sources = this.#tally.sources(now, TABLE);
    this.ports = this.#tally.ports(now, TABLE);
    this.countries = this.#tally.countries(now);
  }
}

/** What was shown in the last seconds, counted: the picture for those who read. */

import { FOLDED, NO_DPORT, NO_SPORT, type Frame } from "./frame";
import { typesOf } from "./groups";

export interface Counted {
  readonly key: number;
  readonly packets: number;
}

export interface Origin extends Counted {
  readonly hosts: number;
}

const SECONDS = 10;
const UDP = [3, 4]; // places in TYPES

interface Bucket {
  second: number;
  packets: number;
  points: number;
  folded: number;
  readonly sources: Map<number, number>;
  readonly ports: Map<number, number>; // protocol * 65536 + the port that the packet is about
  readonly countries: Map<number, number>;
  readonly country: Map<number, number>; // of each source
}

const fresh = (second: number): Bucket => ({
  second, packets: 0, points: 0, folded: 0,
  sources: new Map(), ports: new Map(), countries: new Map(), country: new Map(),
});

function add(to: Map<number, number>, key: number, packets: number): void {
  to.set(key, (to.get(key) ?? 0) + packets);
}

/** Counts of the last `SECONDS` seconds of watching, one bucket a second. */
export class Tally {
  #buckets: Bucket[] = [];

  /** Count the packets `from` until `to` of a frame, seen at `now` (seconds). */
  add(frame: Frame, from: number, to: number, now: number): void {
    const bucket = this.#at(Math.floor(now));
    const weight = frame.packets / Math.max(1, frame.count);
    const types = typesOf(frame.ptypes);
    for (let i = from; i < to; i++) count(bucket, frame, i, weight, types[frame.ptype[i] as number] ?? 0);
    bucket.points += to - from;
    bucket.packets += (to - from) * weight;
  }

  clear(): void {
    this.#buckets = [];
  }

  /** Packets that the points of the last seconds stand for, and how many points those were. */
  sums(now: number): { packets: number; points: number; folded: number; seconds: number } {
    const kept = this.#kept(now);
    const of = (name: "packets" | "points" | "folded"): number => kept.reduce((sum, one) => sum + one[name], 0);
    const begun = kept[0]?.second ?? Math.floor(now);
    return { packets: of("packets"), points: of("points"), folded: of("folded"), seconds: Math.max(1, now - begun) };
  }

  sources(now: number, most: number): Counted[] {
    return top(this.#merged(now, "sources"), most);
  }

  ports(now: number, most: number): Counted[] {
    return top(this.#merged(now, "ports"), most);
  }

  /** Packets and distinct sources by country (two letters as a number, 0: unknown). */
  countries(now: number): Origin[] {
    const packets = this.#merged(now, "countries");
    const hosts = new Map<number, number>();
    for (const country of this.#of(now).values()) add(hosts, country, 1);
    return top(packets, packets.size).map((one) => ({ ...one, hosts: hosts.get(one.key) ?? 0 }));
  }

  #of(now: number): Map<number, number> {
    const all = new Map<number, number>();
    for (const bucket of this.#kept(now)) for (const [source, country] of bucket.country) all.set(source, country);
    return all;
  }

  #merged(now: number, name: "sources" | "ports" | "countries"): Map<number, number> {
    const all = new Map<number, number>();
    for (const bucket of this.#kept(now)) for (const [key, packets] of bucket[name]) add(all, key, packets);
    return all;
  }

  #kept(now: number): Bucket[] {
    this.#buckets = this.#buckets.filter((one) => one.second > now - SECONDS - 1);
    return this.#buckets;
  }

  #at(second: number): Bucket {
    const last = this.#buckets.at(-1);
    if (last && last.second >= second) return last;
    const made = fresh(second);
    this.#buckets.push(made);
    return made;
  }
}

function count(bucket: Bucket, frame: Frame, i: number, weight: number, type: number): void {
  const marks = frame.marks[i] as number;
  const country = frame.country[i] as number;
  add(bucket.countries, country, weight);
  if (marks & FOLDED) bucket.folded += 1;
  else {
    add(bucket.sources, frame.src[i] as number, weight);
    bucket.country.set(frame.src[i] as number, country);
  }
  const port = aboutPort(marks, frame.sport[i] as number, frame.dport[i] as number);
  if (port >= 0) add(bucket.ports, (UDP.includes(type) ? 17 : 6) * 65_536 + port, weight);
}

/** The port that a packet is about: where it goes, or of an answer where it comes from. */
function aboutPort(marks: number, sport: number, dport: number): number {
  if (!(marks & NO_DPORT)) return dport;
  return marks & NO_SPORT ? -1 : sport;
}

function top(of: Map<number, number>, most: number): Counted[] {
  return [...of]
    .map(([key, packets]) => ({ key, packets }))
    .sort((a, b) => b.packets - a.packets || a.key - b.key)
    .slice(0, most);
}

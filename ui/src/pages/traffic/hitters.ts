/** Heavy hitters, bin by bin as the API gives them, made into series along time and a list. */

import { binned, stepOf, whole, type Series, type Span } from "../../kit/plot";

/** The answer of GET /traffic/heavy-hitters is a list of these (`kaname.traffic.heavy_hitters`). */
export interface Part {
  readonly family: number; // 4, 6; 0 for a service
  readonly source: string;
  readonly destination: string;
  readonly proto: number | null;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly octets: number;
  readonly packets: number;
}

export interface Aggregate {
  readonly part: Part;
  readonly octets_share: number;
  readonly packets_share: number;
  readonly parts: readonly Part[];
}

export interface Bin {
  readonly start: number;
  readonly end: number;
  readonly octets: number;
  readonly packets: number;
  readonly pairs: number;
  readonly aggregates: readonly Aggregate[];
}

export type Weight = "octets" | "packets";

export interface Hitter {
  readonly key: string; // "" is all the rest
  readonly part: Part;
  readonly octets: number;
  readonly packets: number;
  readonly bins: number; // in how many it is among the heavy ones
  readonly inside: readonly (readonly [string, number])[]; // what it consists of, heaviest first
}

export interface Picture extends Span {
  readonly step: number;
  readonly hitters: readonly Hitter[];
  readonly series: readonly Series[];
}

const SERVICES: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "icmpv6" };
const any = (port: number | null): string => (port === null ? "*" : String(port));

/** `10.0.0.0/8 → *`, or `tcp * → 443`. */
export function named(part: Part): string {
  if (part.family !== 0) return `${part.source} → ${part.destination}`;
  const proto = part.proto === null ? "*" : (SERVICES[part.proto] ?? String(part.proto));
  return `${proto} ${any(part.sport)} → ${any(part.dport)}`;
}

const REST = new Set(["* → *", "* * → *"]);

/** Whole seconds, so that a period has about `most` bins, within what the API takes. */
export function binSeconds(span: number, most = 120): number {
  return Math.max(1, Math.min(86_400, Math.round(stepOf(span, most) / 1e6)));
}

/** The heaviest `most` of all bins with their course; everything else in one series more. */
export function picture(bins: readonly Bin[], asked: Span, step: number, weight: Weight, most: number): Picture {
  const period = whole(asked, step);
  const all = gathered(bins).sort((a, b) => b[weight] - a[weight]);
  const heavy = all.filter((one) => one.key !== "").slice(0, most);
  const kept = new Map(heavy.map((one, i) => [one.key, i]));
  const courses = [...heavy, null].map((): { at: number; value: number }[] => []);
  for (const bin of bins) {
    let rest = bin[weight];
    for (const { part } of bin.aggregates) {
      const place = kept.get(keyOf(part));
      if (place === undefined) continue;
      rest -= part[weight];
      courses[place]?.push({ at: bin.start, value: part[weight] });
    }
    courses[heavy.length]?.push({ at: bin.start, value: Math.max(0, rest) });
  }
  const series = courses.map((course, i) => ({
    key: heavy[i]?.key ?? "",
    label: heavy[i] ? named(heavy[i].part) : "",
    tone: i < heavy.length ? `c${i % 9}` : "c9",
    values: binned(course, period, step),
  }));
  return { ...period, step, hitters: all, series };
}

function keyOf(part: Part): string {
  const name = named(part);
  return REST.has(name) ? "" : name;
}

function gathered(bins: readonly Bin[]): Hitter[] {
  const found = new Map<string, { part: Part; octets: number; packets: number; bins: number; inside: Map<string, number> }>();
  for (const { part, parts } of bins.flatMap((bin) => bin.aggregates)) {
    const key = keyOf(part);
    const one = found.get(key) ?? { part, octets: 0, packets: 0, bins: 0, inside: new Map<string, number>() };
    one.octets += part.octets;
    one.packets += part.packets;
    one.bins += 1;
    for (const inner of parts) one.inside.set(named(inner), (one.inside.get(named(inner)) ?? 0) + inner.octets);
    found.set(key, one);
  }
  return [...found].map(([key, one]) => ({
    ...one, key, inside: [...one.inside].sort((a, b) => b[1] - a[1]).slice(0, 4),
  }));
}

/** Which pictures the rows behind a finding can be drawn as, judged by their columns. */

import type { Value } from "../../api/shapes";
import { asInstant, isNumeric, plain, type Readable } from "../../format/cells";

export interface Mark {
  readonly at: number;
  readonly value: number;
}

export interface Dot {
  readonly x: string;
  readonly y: string;
  readonly value: number;
}

export interface Name {
  readonly text: string;
  readonly count: number;
  readonly failed: boolean; // nobody has the name: NXDOMAIN
}

const VOLUMES = ["octets", "bytes", "packets", "pps", "n", "queries", "flows", "messages", "count", "hits", "rows"];
const NAMES = ["qname", "name", "regdom", "domain", "url"];
const PORTS = ["dport", "port", "vic_port"];
const TARGETS = ["dst", "net", "target", "src"];
const NXDOMAIN = 3; // RFC 1035, 4.1.1

const at = (data: Readable, wanted: readonly string[]): number =>
  wanted.map((name) => data.columns.indexOf(name)).find((i) => i >= 0) ?? -1;

const number = (value: Value | undefined): number => {
  const n = Number(value ?? 0);
  return Number.isFinite(n) ? n : 0;
};

/** The column of instants: the first one. */
export function timeColumn(data: Readable): number {
  return data.kinds.findIndex((kind) => kind.startsWith("timestamp"));
}

/** The column of a volume along time; -1 where rows themselves are what is counted. */
export function volumeColumn(data: Readable): number {
  const known = VOLUMES.map((name) => data.columns.indexOf(name)).find((i) => i >= 0 && isNumeric(data.kinds[i] ?? ""));
  return known ?? -1;
}

/** Instants with what was seen then, in order of time; a row without a volume counts one. */
export function marks(data: Readable): readonly Mark[] {
  const [when, volume] = [timeColumn(data), volumeColumn(data)];
  if (when < 0) return [];
  return data.rows
    .flatMap((row) => {
      const instant = asInstant(row[when] ?? null, "timestamp");
      return instant === null ? [] : [{ at: instant, value: volume < 0 ? 1 : number(row[volume]) }];
    })
    .sort((a, b) => a.at - b.at);
}

/** The gaps between contacts, microseconds. */
export function gaps(contacts: readonly Mark[]): readonly number[] {
  return contacts.slice(1).map((mark, i) => mark.at - (contacts[i]?.at ?? mark.at)).filter((gap) => gap > 0);
}

/** The middle one of an unsorted list; 0 of an empty one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** How often each gap occurs: `bars` equal classes up to four times the usual gap, then the rest. */
export function intervals(contacts: readonly Mark[], bars: number): { readonly width: number; readonly counts: number[] } {
  const all = gaps(contacts);
  const width = Math.max(1e6, Math.ceil((median(all) * 4) / bars / 1e6) * 1e6);
  const counts = Array.from({ length: bars }, () => 0);
  for (const gap of all) {
    const i = Math.min(bars - 1, Math.floor(gap / width));
    counts[i] = (counts[i] ?? 0) + 1;
  }
  return { width, counts };
}

/** Which host was asked on which port. */
export function matrix(data: Readable): readonly Dot[] {
  const [target, port, volume] = [at(data, TARGETS), at(data, PORTS), volumeColumn(data)];
  if (target < 0 || port < 0) return [];
  const dots = new Map<string, Dot>();
  for (const row of data.rows) {
    const [x, y] = [plain(row[port] ?? null), plain(row[target] ?? null)];
    const key = `${x} ${y}`;
    const value = (dots.get(key)?.value ?? 0) + (volume < 0 ? 1 : number(row[volume]));
    dots.set(key, { x, y, value });
  }
  return [...dots.values()];
}

/** The names that were asked for, those that nobody has first, then by how often. */
export function names(data: Readable): readonly Name[] {
  const [name, rcode, volume] = [at(data, NAMES), data.columns.indexOf("rcode"), volumeColumn(data)];
  if (name < 0) return [];
  const found = new Map<string, Name>();
  for (const row of data.rows) {
    const text = plain(row[name] ?? null);
    const known = found.get(text) ?? { text, count: 0, failed: false };
    const count = known.count + (volume < 0 ? 1 : Math.max(1, number(row[volume])));
    found.set(text, { text, count, failed: known.failed || (rcode >= 0 && number(row[rcode]) === NXDOMAIN) });
  }
  found.delete("");
  return [...found.values()].sort((a, b) => Number(b.failed) - Number(a.failed) || b.count - a.count);
}

export type Kind = "curve" | "contacts" | "matrix" | "names";

const FIRST: Readonly<Record<string, readonly Kind[]>> = {
  "dns.dga": ["names", "curve"],
  "dns.tunnels": ["names", "curve"],
  "dns.lookalikes": ["names"],
  "flow.beacons": ["contacts"],
  "flow.ddos": ["curve"],
  "flow.scans": ["matrix"],
  "mail.campaigns": ["names", "curve"],
};

/** The pictures that say most about a finding of an analysis, of those its rows allow. */
export function choose(analysis: string, data: Readable): readonly Kind[] {
  const possible: Record<Kind, boolean> = {
    curve: marks(data).length > 1,
    contacts: marks(data).length > 2,
    matrix: new Set(matrix(data).map((dot) => dot.y)).size > 1,
    names: names(data).length > 1,
  };
  const wanted = FIRST[analysis] ?? (["names", "matrix", "curve"] as const);
  return wanted.filter((kind) => possible[kind]).slice(0, 2);
}

/** What the pages of devices work out from the documents they are given. No markup. */

import type { Device, Envelope, Measure, Peer, Segment } from "../../api/hardware";
import type { Scales } from "../../kit/plot";

/** A parameter of the page, in microseconds, as the API takes an instant. */
export function iso(us: string | undefined): string {
  const at = Number(us);
  return us && Number.isFinite(at) ? new Date(at / 1000).toISOString() : "";
}

const TONES = ["c0", "c2", "c3", "c5", "c7"]; // the others are for kinds of anomalies

export interface Lane {
  readonly application: string;
  readonly tone: string;
  readonly segments: readonly Segment[];
}

/** Bursts by application, the commonest first, each with a colour of its own that it keeps. */
export function lanes(segments: readonly Segment[]): Lane[] {
  const found = new Map<string, Segment[]>();
  for (const one of segments) {
    if (one.mode !== "active") continue;
    const list = found.get(one.application);
    if (list) list.push(one);
    else found.set(one.application, [one]);
  }
  const names = [...found.keys()].sort();
  return [...found]
    .map(([application, list]) => ({
      application,
      segments: list,
      tone: TONES[names.indexOf(application) % TONES.length] ?? "c9",
    }))
    .sort((a, b) => b.segments.length - a.segments.length || (a.application < b.application ? -1 : 1));
}

export interface Box {
  readonly key: string;
  readonly from: number; // pixels
  readonly to: number;
  readonly count: number;
}

/** Segments as boxes on the axis; those closer than a pixel are one, so that a day can be drawn. */
export function boxes(segments: readonly Segment[], x: (us: number) => number, low: number, high: number): Box[] {
  const found: { key: string; from: number; to: number; count: number }[] = [];
  for (const one of [...segments].sort((a, b) => a.start - b.start)) {
    const [from, to] = [x(one.start), x(one.start + one.duration_us)];
    if (to < low || from > high) continue;
    const last = found.at(-1);
    if (last && from - last.to < 1) {
      last.to = Math.max(last.to, to);
      last.count++;
    } else found.push({ key: one.place, from: Math.max(low, from), to, count: 1 });
  }
  return found.map((box) => ({ ...box, to: Math.min(high, Math.max(box.to, box.from + 1)) }));
}

/** Runs of steps that were measured: from the first to behind the last. */
export function runs(values: readonly (number | null)[]): [from: number, to: number][] {
  const found: [number, number][] = [];
  values.forEach((value, i) => {
    if (value === null) return;
    const last = found.at(-1);
    if (last && last[1] === i) last[1] = i + 1;
    else found.push([i, i + 1]);
  });
  return found;
}

const spot = (x: number, y: number): string => `${x.toFixed(1)},${y.toFixed(1)}`;

/** From the lowest to the highest power of each step, as a path; gaps stay gaps. */
export function range(of: Envelope, at: Scales): string {
  return runs(of.mean)
    .map(([from, to]) => {
      const edge = (values: readonly (number | null)[]): string[] =>
        values.slice(from, to).flatMap((value, i) => {
          const us = of.start + (from + i) * of.step_us;
          const y = at.y(value ?? 0);
          return [spot(at.x(us), y), spot(at.x(us + of.step_us), y)];
        });
      return `M${[...edge(of.high), ...edge(of.low).reverse()].join("L")}Z`;
    })
    .join("");
}

/** The mean power as a line of steps. */
export function line(of: Envelope, at: Scales): string {
  return runs(of.mean)
    .map(([from, to]) => {
      const points = of.mean.slice(from, to).map((value, i) => spot(at.x(of.start + (from + i + 0.5) * of.step_us), at.y(value ?? 0)));
      return `M${points.join("L")}`;
    })
    .join("");
}

export interface Log {
  readonly at: (value: number) => number; // 0 to 1
  readonly marks: readonly number[];
}

/** A logarithmic axis over positive values, with marks at powers of ten, or 1-2-5 where few. */
export function logarithmic(values: readonly number[]): Log {
  const known = values.filter((value) => value > 0);
  const low = Math.log10(known.length > 0 ? Math.min(...known) : 1) - 0.08;
  const high = Math.max(low + 0.3, Math.log10(known.length > 0 ? Math.max(...known) : 10) + 0.08);
  const steps = high - low > 3 ? [1] : [1, 2, 5];
  const marks: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const step of steps) {
      const mark = step * 10 ** power;
      if (Math.log10(mark) >= low && Math.log10(mark) <= high) marks.push(mark);
    }
  }
  return { at: (value) => (Math.log10(Math.max(value, 1e-12)) - low) / (high - low), marks };
}

/** The value below which `share` of them lie; values must be sorted. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? low) - low);
}

export interface Normal {
  readonly count: number;
  readonly low: readonly number[]; // a tenth lies below
  readonly middle: readonly number[];
  readonly high: readonly number[];
}

/** How bursts of the same application usually look; null without at least three of them. */
export function normal(segments: readonly Segment[], of: Segment): Normal | null {
  const points = of.shape.length;
  const like = segments.filter(
    (one) => one.mode === "active" && !one.anomaly && one.application === of.application && one.place !== of.place && one.shape.length === points,
  );
  if (like.length < 3 || points === 0) return null;
  const columns = Array.from({ length: points }, (_, i) => like.map((one) => one.shape[i] ?? 0).sort((a, b) => a - b));
  const at = (share: number): number[] => columns.map((column) => quantile(column, share));
  return { count: like.length, low: at(0.1), middle: at(0.5), high: at(0.9) };
}

export type State = "anomalies" | "odd" | "normal";

/** What stands out of a device: it did something new, or it is unlike its peers, or nothing. */
export function stateOf(device: Pick<Device, "anomalies" | "odd">): State {
  if (device.anomalies > 0) return "anomalies";
  return device.odd > 0 ? "odd" : "normal";
}

/** The measure in which a device is farthest from its peers; null where it cannot be compared. */
export function farthest(device: Pick<Device, "measures">): Measure | null {
  const known = device.measures.filter((one) => one.distance !== null);
  return known.reduce<Measure | null>((most, one) => (Math.abs(one.distance ?? 0) > Math.abs(most?.distance ?? 0) ? one : most), null);
}

export interface Strip {
  readonly low: number;
  readonly high: number;
  readonly others: readonly { readonly device: string; readonly value: number; readonly at: number }[];
  readonly own: number; // 0 to 1
  readonly median: number | null;
}

/** A device beside its peers on one line from the least to the greatest; null without two values. */
export function strip(measure: Measure, peers: readonly Peer[], device: string): Strip | null {
  const own = measure.value;
  const known = peers.flatMap((one) => {
    const value = one.values[measure.name];
    return value === null || value === undefined || one.device === device ? [] : [{ device: one.device, value }];
  });
  if (own === null || known.length === 0) return null;
  const all = [own, ...known.map((one) => one.value)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const at = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
  return {
    low,
    high,
    others: known.map((one) => ({ ...one, at: at(one.value) })),
    own: at(own),
    median: measure.median === null ? null : Math.max(0, Math.min(1, at(measure.median))),
  };
}

/** Every `n`th of a list, so that at most `most` are drawn. */
export function thinned<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  const step = list.length / most;
  return Array.from({ length: most }, (_, i) => list[Math.floor(i * step)] as T);
}

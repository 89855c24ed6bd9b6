/** What the board shows of campaigns: their course by hour, and where alerts lie in time. */

import type { Campaign, DetectorAlert, Moment, State } from "../../api/scan-campaigns";

const HOUR = 3600e6;

export interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * The course by hour. The analysis that counts whole services sees every day of a campaign;
 * where it saw none, the members that act take its place.
 */
export function course(moments: readonly Moment[]): Point[] {
  const whole = moments.filter((one) => one.analysis === "telescope.growth");
  const values = new Map<number, number>();
  for (const one of whole.length > 0 ? whole : moments) {
    one.course.forEach((value, hour) => {
      const at = one.window_start + hour * HOUR;
      values.set(at, Math.max(values.get(at) ?? 0, value));
    });
  }
  const hours = [...values.keys()].sort((a, b) => a - b);
  const first = hours[0];
  const last = hours.at(-1);
  if (first === undefined || last === undefined) return [];
  const points: Point[] = [];
  for (let at = first; at <= last; at += HOUR) points.push({ at, value: values.get(at) ?? 0 });
  return points;
}

/** At most `most` values of a course, each the greatest of its stretch. */
export function short(points: readonly Point[], most: number): number[] {
  const each = Math.max(1, Math.ceil(points.length / most));
  const values: number[] = [];
  for (let at = 0; at < points.length; at += each) {
    values.push(Math.max(...points.slice(at, at + each).map((point) => point.value)));
  }
  return values;
}

/** Campaigns of one state, in the order of the board. */
export function inState(campaigns: readonly Campaign[], state: State): Campaign[] {
  return campaigns.filter((one) => one.state === state);
}

export interface Lane {
  readonly analysis: string;
  readonly alerts: readonly DetectorAlert[];
}

/** Alerts by detector, by name. */
export function lanes(alerts: readonly DetectorAlert[]): Lane[] {
  const found = new Map<string, DetectorAlert[]>();
  for (const one of alerts) found.set(one.analysis, [...(found.get(one.analysis) ?? []), one]);
  return [...found.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([analysis, list]) => ({ analysis, alerts: list }));
}

/** The name of a detector as its field writes it. */
export function detector(analysis: string): string {
  const names: Record<string, string> = {
    "telescope.changefinder": "ChangeFinder",
    "telescope.glasso": "Dark-GLASSO",
    "telescope.nmf": "Dark-NMF",
    "telescope.ntd": "Dark-NTD",
  };
  return names[analysis] ?? analysis;
}

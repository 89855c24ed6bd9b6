/** Findings by day and severity, as the API counts them, made ready for charts. */

import type { DayCount, Severity } from "../../api/shapes";
import { binned, whole, type Series, type Span } from "../../kit/plot";

export const DAY = 86_400e6;
export const SEVERITIES: readonly Severity[] = ["info", "low", "medium", "high", "critical"];

/** The days that hold findings, at least `least` and at most `most` of them, the newest last. */
export function daysOf(counts: readonly DayCount[], least: number, most: number): Span {
  const days = counts.map((one) => one.at);
  const last = days.reduce((a, b) => Math.max(a, b), 0);
  const first = days.reduce((a, b) => Math.min(a, b), last);
  const since = Math.max(Math.min(first, last - (least - 1) * DAY), last - (most - 1) * DAY);
  return whole({ since: Math.max(0, since), until: last + DAY }, DAY);
}

/** One series a severity, the least severe at the bottom. */
export function bySeverity(
  counts: readonly DayCount[],
  span: Span,
  say: (severity: Severity) => string,
): Series[] {
  return SEVERITIES.map((severity) => ({
    key: severity,
    label: say(severity),
    tone: `severity-${severity}`,
    values: binned(
      counts.filter((one) => one.severity === severity).map((one) => ({ at: one.at, value: one.count })),
      span,
      DAY,
    ),
  })).filter((series) => series.values.some((value) => value > 0));
}

/** All severities together, a number a day. */
export function perDay(counts: readonly DayCount[], span: Span): number[] {
  return binned(counts.map((one) => ({ at: one.at, value: one.count })), span, DAY);
}

export function total(counts: readonly DayCount[]): number {
  return counts.reduce((sum, one) => sum + one.count, 0);
}

/** The highest severity among them; null where there is none. */
export function worst(counts: readonly DayCount[]): Severity | null {
  return SEVERITIES.findLast((severity) => counts.some((one) => one.severity === severity)) ?? null;
}

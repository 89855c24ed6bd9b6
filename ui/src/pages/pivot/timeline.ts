/** A pivot's answer made ready for its pictures: sums, steps, groups of rows. */

import type { PivotOut, PivotRow } from "../../api/shapes";
import type { Key } from "../../i18n/index.svelte";
import { binned, stepOf, tones, whole, type Series, type Span } from "../../kit/plot";

const DAY = 86_400e6;
const BARS = 120;

export interface Sum {
  readonly kind: string;
  readonly rows: number;
  readonly tables: readonly string[];
  readonly first: number | null;
  readonly last: number | null;
}

/** All tables together. */
export function summed(pivot: PivotOut): Sum {
  const held = pivot.tables.filter((one) => one.rows > 0);
  const pick = (all: readonly (number | null)[], least: boolean): number | null => {
    const known = all.filter((one) => one !== null);
    return known.length === 0 ? null : known.reduce((a, b) => (least ? Math.min(a, b) : Math.max(a, b)));
  };
  return {
    kind: pivot.kind,
    rows: held.reduce((sum, one) => sum + one.rows, 0),
    tables: held.map((one) => one.table),
    first: pick(held.map((one) => one.first_us), true),
    last: pick(held.map((one) => one.last_us), false),
  };
}

const KINDS: Readonly<Record<string, Key>> = {
  ip: "pivot.kind_ip", net: "pivot.kind_net", domain: "pivot.kind_domain",
  subdomains: "pivot.kind_subdomains", url: "pivot.kind_url", email: "pivot.kind_email",
  hash: "pivot.kind_hash", asn: "pivot.kind_asn", name: "pivot.kind_name",
};

/** What the value was taken for, in words. */
export function kindKey(kind: string): Key {
  return KINDS[kind] ?? "pivot.kind_name";
}

export interface Timeline extends Span {
  readonly step: number;
  readonly series: readonly Series[];
}

/**
 * Rows a step, one series a table. The API counts by day; where all rows are at hand, and they
 * are of a few days, they are counted finer.
 */
export function timeline(pivot: PivotOut, rows: readonly PivotRow[]): Timeline | null {
  const sum = summed(pivot);
  const since = pivot.since ?? sum.first;
  const until = pivot.until ?? (sum.last === null ? null : sum.last + 1);
  if (since === null || until === null || sum.rows === 0) return null;
  const complete = rows.length >= sum.rows;
  const step = complete ? stepOf(Math.max(60e6, until - since), BARS) : Math.max(DAY, stepOf(until - since, BARS));
  const period = whole({ since, until }, step);
  const counted = complete
    ? rows.map((row) => ({ at: row.ts, table: row.table, rows: 1 }))
    : pivot.histogram;
  const colours = tones(sum.tables);
  const series = sum.tables.map((table) => ({
    key: table,
    label: table,
    tone: colours.get(table) ?? "c0",
    values: binned(
      counted.filter((one) => one.table === table).map((one) => ({ at: Math.max(one.at, period.since), value: one.rows })),
      period,
      step,
    ),
  }));
  return { ...period, step, series };
}

export interface Group {
  readonly at: number; // begin of the hour or day
  readonly rows: readonly PivotRow[];
}

/** Rows in the order given, under the hour (or the day, where they are far apart) they belong to. */
export function grouped(rows: readonly PivotRow[], offset: number): readonly Group[] {
  const span = Math.abs((rows[0]?.ts ?? 0) - (rows.at(-1)?.ts ?? 0));
  const unit = span > 3 * DAY ? DAY : 3600e6;
  const groups: { at: number; rows: PivotRow[] }[] = [];
  for (const row of rows) {
    const at = Math.floor((row.ts + offset) / unit) * unit - offset;
    const last = groups.at(-1);
    if (last?.at === at) last.rows.push(row);
    else groups.push({ at, rows: [row] });
  }
  return groups;
}

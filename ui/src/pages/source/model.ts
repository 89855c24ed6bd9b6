/** What the pages of sources work out from the documents they are given. */

import type { Dossier, LabelShare, Service, SourceRow } from "../../api/sources";
import { stamp } from "../../format/sql";
import type { Series } from "../../kit/plot";

/** Below this an activity is unsure; see `kaname.telescope.labels`. */
export const SURE = 0.6;

export const ORDERS = ["packets", "last", "ports", "confidence"] as const;
export type Order = (typeof ORDERS)[number];

const TONES = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"];

/** Packets along time, a series for each packet type, the commonest first. */
export function course(of: Dossier): { readonly since: number; readonly until: number; readonly step: number; readonly series: Series[] } {
  const { start, step, series } = of.course;
  const entries = Object.entries(series);
  const bins = Math.max(1, ...entries.map(([, values]) => values.length));
  return {
    since: start,
    until: start + bins * step,
    step,
    series: entries.map(([key, values], i) => ({ key, label: key, tone: TONES[i % TONES.length] ?? "c9", values })),
  };
}

/** Good: as sure as can be; warn: sure enough to be said; bad: not said. */
export function tone(of: Pick<LabelShare, "label" | "probability">): "good" | "warn" | "bad" {
  if (of.label === "unsure" || of.probability < SURE) return "bad";
  return of.probability >= 0.9 ? "good" : "warn";
}

/** A probability as text: what is not certain is never written as 1. */
export function chance(value: number): string {
  return Math.min(value, 0.999).toFixed(value >= 0.995 ? 3 : 2);
}

/** `12 s`, `3 min`, `2.5 h`, `4 d`: how long from first to last. */
export function lasting(first: number, last: number): string {
  const seconds = Math.max(0, Math.round((last - first) / 1e6));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** The rows of a source that belong to one service. */
export function rowsOf(sql: string, of: Pick<Service, "ptype" | "port">): string {
  return sql.replace("\nORDER BY", `\n  AND ptype = '${of.ptype}' AND port = ${of.port}\nORDER BY`);
}

/** The rows of a source within a span of time, minutes being what rows tell apart. */
export function rowsDuring(sql: string, first: number, last: number): string {
  const minute = 60e6;
  const from = Math.floor(first / minute) * minute;
  const until = Math.floor(last / minute) * minute + minute;
  return sql.replace("\nORDER BY", `\n  AND ts >= ${stamp(from)} AND ts < ${stamp(until)}\nORDER BY`);
}

/** The command that lists the same. */
export function command(params: Readonly<Record<string, string | undefined>>): string {
  const flags = (["label", "network", "sensor", "since", "until"] as const)
    .filter((name) => params[name])
    .map((name) => `--${name} '${(params[name] ?? "").replaceAll("'", "'\\''")}'`);
  if (params["unsure"]) flags.push("--unsure");
  if (params["order"] && params["order"] !== "packets") flags.push(`--sort ${params["order"]}`);
  return ["kaname telescope sources", ...flags].join(" ");
}

/** Several labels: many hosts may stand behind one translated address. */
export function several(row: Pick<SourceRow, "labels">): boolean {
  return row.labels.length > 1;
}

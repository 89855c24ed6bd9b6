/** Rows of the lake as a person reads them: word pairs become addresses, instants become times. */

import type { QueryOut, Row, Value } from "../api/shapes";
import { ip, isAddress } from "./ip";

export interface Readable {
  readonly columns: readonly string[];
  readonly kinds: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** `src_hi` and `src_lo` become one column `src`; the rest stays as it is. */
export function readable(data: Pick<QueryOut, "columns" | "kinds" | "rows">): Readable {
  const at = new Map(data.columns.map((name, i) => [name, i]));
  const plan = data.columns.flatMap((name, i) => {
    const pair = partner(name, at);
    if (pair === "low") return [];
    if (pair) return [{ name: name.slice(0, -3), kind: "address", take: joined(i, pair.low) }];
    const kind = data.kinds[i] ?? "";
    return [{ name, kind: kind === "string" ? "" : kind, take: (row: readonly Value[]) => row[i] ?? null }];
  });
  const rows = data.rows.map((row) => plan.map((column) => column.take(row)));
  return {
    columns: plan.map((column) => column.name),
    kinds: plan.map((column, i) => column.kind || spoken(rows, i)),
    rows,
  };
}

/** The kind of a column of texts, by what is written in its first rows. */
function spoken(rows: readonly (readonly Value[])[], i: number): string {
  const values = rows.slice(0, 20).map((row) => row[i] ?? null).filter((value) => value !== null);
  if (values.length === 0) return "";
  if (values.every((value) => typeof value === "number")) return "int64";
  const texts = values.filter((value) => typeof value === "string");
  if (texts.length < values.length) return "";
  if (texts.every((text) => ISO.test(text))) return "timestamp";
  return texts.every(isAddress) ? "address" : "";
}

const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

function partner(name: string, at: Map<string, number>): { low: number } | "low" | null {
  const stem = name.slice(0, -3);
  if (name.endsWith("_lo") && at.has(`${stem}_hi`)) return "low";
  const low = name.endsWith("_hi") ? at.get(`${stem}_lo`) : undefined;
  return low === undefined ? null : { low };
}

function joined(high: number, low: number): (row: readonly Value[]) => Value {
  return (row) => {
    const [hi, lo] = [row[high], row[low]];
    if (hi === null || lo === null || hi === undefined || lo === undefined) return null;
    return ip(hi as string | number, lo as string | number);
  };
}

/** Sample rows come as objects; give them the shape of a query's answer. */
export function tabular(columns: readonly string[], sample: readonly Row[]): Readable {
  return readable({
    columns,
    kinds: columns.map((name) => (name === "ts" ? "timestamp" : "")),
    rows: sample.map((row) => columns.map((name) => row[name] ?? null)),
  });
}

/** An instant out of a cell: microseconds, or ISO 8601 text. */
export function asInstant(value: Value, kind: string): number | null {
  if (!kind.startsWith("timestamp")) return null;
  if (typeof value === "number") return value;
  if (typeof value !== "string") return null;
  if (/^-?\d+$/.test(value)) return Number(value);
  const iso = /([zZ]|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`;
  const ms = Date.parse(iso.replace(" ", "T"));
  return Number.isNaN(ms) ? null : ms * 1000;
}

export function isNumeric(kind: string): boolean {
  return /^(u?int|float|double|decimal|bigint|hugeint|integer)/i.test(kind) && !kind.includes("list");
}

/** Plain text of a cell, for files and for cells of no special kind. */
export function plain(value: Value): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** RFC 4180, with a leading quote mark where a spreadsheet would run the text as a formula. */
export function csv(data: Readable): string {
  const cell = (value: Value): string => {
    const text = plain(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [data.columns, ...data.rows].map((row) => row.map(cell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

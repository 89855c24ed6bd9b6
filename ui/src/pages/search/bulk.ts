/** Answers for a pasted list: columns as they came, and an order of rows over them. */

import type { LookupColumns } from "../../api/intelligence";
import { csv } from "../../format/cells";

export type Show = "all" | "known" | "unknown" | "suppressed";

export interface Counts {
  readonly known: number;
  readonly unknown: number;
  readonly suppressed: number;
  readonly indicators: number;
}

export function counted(of: LookupColumns): Counts {
  const many = (column: readonly unknown[]): number => column.reduce<number>((sum, one) => sum + (one ? 1 : 0), 0);
  const known = many(of.known);
  return { known, unknown: of.value.length - known, suppressed: many(of.suppressed), indicators: many(of.indicator) };
}

type Field = keyof LookupColumns;

/** Row numbers that fit, in the order asked: `-score` is from the highest. What is unknown comes last. */
export function order(of: LookupColumns, show: Show, text: string, sort: string): Uint32Array {
  const wanted = text.trim().toLowerCase();
  const fits = (i: number): boolean =>
    (show === "all" || (show === "suppressed" ? of.suppressed[i] === true : of.known[i] === (show === "known"))) &&
    (!wanted || (of.value[i] ?? "").toLowerCase().includes(wanted) || of.kind[i] === wanted);
  const rows = Uint32Array.from(of.value.keys()).filter(fits);
  if (!sort) return rows;
  const down = sort.startsWith("-") ? -1 : 1;
  const column = of[sort.replace("-", "") as Field];
  return rows.sort((a, b) => compare(column[a] ?? null, column[b] ?? null, down) || a - b);
}

type Cell = string | number | boolean | null;

function compare(a: Cell, b: Cell, down: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return down * (a < b ? -1 : a > b ? 1 : 0);
}

const COLUMNS: readonly Field[] = ["kind", "value", "known", "first_seen", "last_seen", "observations", "sources", "score", "indicator", "suppressed"];
const TIMES = new Set<Field>(["first_seen", "last_seen"]);

/** The rows as a file: times in ISO 8601, nothing that a spreadsheet would run. */
export function table(of: LookupColumns, rows: Iterable<number>): string {
  const cell = (name: Field, i: number): Cell => {
    const value = of[name][i] ?? null;
    return TIMES.has(name) && typeof value === "number" ? new Date(value / 1000).toISOString() : value;
  };
  return csv({ columns: COLUMNS, kinds: [], rows: Array.from(rows, (i) => COLUMNS.map((name) => cell(name, i))) });
}

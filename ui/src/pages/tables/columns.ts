/** Which columns of a table are shown: a few to begin with, others by choice, in the URL. */

import type { Readable } from "../../format/cells";
import { chosen } from "../../format/summary";

/** The columns named in the URL (`a,b`), or those that the table begins with. */
export function shownColumns(table: string, columns: readonly string[], wanted = ""): readonly string[] {
  const named = wanted.split(",").filter((name) => columns.includes(name));
  return named.length > 0 ? named : chosen(table, columns);
}

/** The rows with the shown columns only, each of them once. */
export function tabularBy(data: Readable, table: string, wanted = ""): Readable {
  const places = shownColumns(table, data.columns, wanted).map((name) => data.columns.indexOf(name));
  return {
    columns: places.map((i) => data.columns[i] ?? ""),
    kinds: places.map((i) => data.kinds[i] ?? ""),
    rows: data.rows.map((row) => places.map((i) => row[i] ?? null)),
  };
}

import { describe, expect, it } from "vitest";

import type { PivotOut, PivotRow } from "../../api/shapes";
import { grouped, summed, timeline } from "./timeline";

const DAY = 86_400e6;
const row = (ts: number, table = "dns"): PivotRow => ({
  ts, table, role: "src", sensor: "s", tlp: "green", batch: "1", place: "0", cells: {},
});
const pivot: PivotOut = {
  value: "192.0.2.1", kind: "ip", since: null, until: null, next_cursor: null, truncated: false, missing: [], seconds: 0,
  tables: [
    { table: "dns", rows: 3, first_us: DAY, last_us: 3 * DAY },
    { table: "flows", rows: 1, first_us: 2 * DAY, last_us: 2 * DAY },
    { table: "mail", rows: 0, first_us: null, last_us: null },
  ],
  histogram: [
    { at: DAY, table: "dns", rows: 2 }, { at: 3 * DAY, table: "dns", rows: 1 }, { at: 2 * DAY, table: "flows", rows: 1 },
  ],
  items: [],
};

describe("a pivot", () => {
  it("adds up over the tables that hold something", () => {
    expect(summed(pivot)).toEqual({ kind: "ip", rows: 4, tables: ["dns", "flows"], first: DAY, last: 3 * DAY });
  });

  it("is counted by days where not all rows are at hand", () => {
    const drawn = timeline(pivot, [row(DAY)]);
    expect(drawn).toMatchObject({ since: DAY, until: 4 * DAY, step: DAY });
    expect(drawn?.series.map((series) => series.values)).toEqual([[2, 0, 1], [0, 1, 0]]);
  });

  it("is counted finer where they are", () => {
    const near = { ...pivot, tables: [{ table: "dns", rows: 2, first_us: 0, last_us: 3600e6 }] };
    const drawn = timeline(near, [row(3600e6), row(0)]);
    expect(drawn?.step).toBe(60e6);
    expect(drawn?.series[0]?.values.reduce((a, b) => a + b)).toBe(2);
    expect(timeline({ ...pivot, tables: [] }, [])).toBeNull();
  });

  it("groups its rows by hour of the shown zone, by day where they are far apart", () => {
    const hours = grouped([row(2 * 3600e6), row(3600e6 + 5), row(3600e6)], 0);
    expect(hours.map((group) => [group.at / 3600e6, group.rows.length])).toEqual([[2, 1], [1, 2]]);
    // 15:00 UTC is midnight in Japan.
    const days = grouped([row(9 * DAY), row(0)], 9 * 3600e6);
    expect(days.map((group) => group.at)).toEqual([9 * DAY - 9 * 3600e6, -9 * 3600e6]);
  });
});

import { describe, expect, it } from "vitest";

import type { DayCount } from "../../api/shapes";
import { bySeverity, DAY, daysOf, perDay, total, worst } from "./days";

const counts: DayCount[] = [
  { at: 10 * DAY, analysis: "a", severity: "low", count: 2 },
  { at: 12 * DAY, analysis: "a", severity: "high", count: 1 },
];

describe("findings by day", () => {
  it("cover the days that hold some, at least and at most so many", () => {
    expect(daysOf(counts, 1, 30)).toEqual({ since: 10 * DAY, until: 13 * DAY });
    expect(daysOf(counts, 5, 30).since).toBe(8 * DAY);
    expect(daysOf(counts, 1, 2).since).toBe(11 * DAY);
    expect(daysOf([], 1, 30)).toEqual({ since: 0, until: DAY });
  });

  it("are stacked by severity, the least severe first, absent ones left out", () => {
    const series = bySeverity(counts, daysOf(counts, 1, 30), (severity) => severity);
    expect(series.map((one) => [one.key, one.values])).toEqual([["low", [2, 0, 0]], ["high", [0, 0, 1]]]);
  });

  it("add up", () => {
    expect(perDay(counts, daysOf(counts, 1, 30))).toEqual([2, 0, 1]);
    expect([total(counts), worst(counts), worst([])]).toEqual([3, "high", null]);
  });
});

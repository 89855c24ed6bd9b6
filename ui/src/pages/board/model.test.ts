import { expect, test } from "vitest";

import type { DetectorAlert, Moment } from "../../api/scan-campaigns";
import { course, lanes, short } from "./model";

const HOUR = 3600e6;

function moment(analysis: string, window_start: number, values: number[]): Moment {
  const title = { en: "", ja: "" };
  return { finding: "f", analysis, title, window_start, window_end: window_start + 24 * HOUR, level: 1, course: values };
}

test("hours between two findings are shown as nothing", () => {
  const points = course([moment("telescope.growth", 0, [1, 2]), moment("telescope.growth", 4 * HOUR, [5])]);
  expect(points.map((point) => point.value)).toEqual([1, 2, 0, 0, 5]);
});

test("counts of the whole service are not mixed with counts of members", () => {
  const both = [moment("telescope.campaigns", 0, [90, 90]), moment("telescope.growth", 0, [3, 4])];
  expect(course(both).map((point) => point.value)).toEqual([3, 4]);
  expect(course([moment("telescope.campaigns", 0, [90, 90])]).map((point) => point.value)).toEqual([90, 90]);
});

test("nothing is drawn of a campaign without a course", () => {
  expect(course([])).toEqual([]);
  expect(short([], 10)).toEqual([]);
});

test("a peak stays when a course is shortened", () => {
  const points = Array.from({ length: 100 }, (_, i) => ({ at: i * HOUR, value: i === 57 ? 9 : 1 }));
  const values = short(points, 20);
  expect(values).toHaveLength(20);
  expect(Math.max(...values)).toBe(9);
});

test("each detector has a lane of its own", () => {
  const alert = (analysis: string): DetectorAlert => ({ finding: analysis, analysis, title: { en: "", ja: "" }, start: 0, end: 1 });
  const found = lanes([alert("telescope.nmf"), alert("telescope.glasso"), alert("telescope.nmf")]);
  expect(found.map((lane) => [lane.analysis, lane.alerts.length])).toEqual([["telescope.glasso", 1], ["telescope.nmf", 2]]);
});

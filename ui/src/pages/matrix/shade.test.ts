import { describe, expect, it } from "vitest";

import { filtered, most, shade } from "./shade";

const technique = (id: string, name: string, count: number, sub: { id: string; name: string; count: number }[] = []) => ({
  id, name, count, indicators: count, reports: 0, sub: sub.map((one) => ({ ...one, indicators: 0, reports: 0 })),
});
const matrix = {
  version: "18.1", total: 9,
  tactics: [{ id: "TA0043", name: "Reconnaissance", techniques: [
    technique("T1595", "Active Scanning", 0, [{ id: "T1595.001", name: "Scanning IP Blocks", count: 9 }]),
    technique("T1592", "Gather Victim Host Information", 0),
  ] }],
};

describe("the matrix", () => {
  it("keeps a technique whose sub-technique fits or was seen", () => {
    expect(filtered(matrix, { text: "ip blocks", seen: true })[0]?.techniques.map((one) => one.id)).toEqual(["T1595"]);
    expect(filtered(matrix, { text: "", seen: true })[0]?.techniques).toHaveLength(1);
    expect(filtered(matrix, { text: "t1592", seen: false })[0]?.techniques).toHaveLength(1);
  });

  it("is darkest where most was seen, and white only where nothing was", () => {
    expect(most(matrix.tactics, "count")).toBe(9);
    expect([shade(0, 9), shade(9, 9)]).toEqual([0, 1]);
    expect(shade(1, 9)).toBeGreaterThan(0.2);
  });
});

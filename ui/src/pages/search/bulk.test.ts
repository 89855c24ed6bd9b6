import { describe, expect, it } from "vitest";

import { counted, order, table } from "./bulk";
import { lines } from "./lines";

const of = {
  kind: ["ip", "domain", null, "url"],
  value: ["192.0.2.1", "a.example", "=cmd()", "https://a.example/x"],
  known: [true, true, false, false],
  first_seen: [1e15, 1e15, null, null],
  last_seen: [1_700_000_000_000_000, 1e15, null, null],
  observations: [5, 70, 0, 0],
  sources: [1, 3, 0, 0],
  score: [40, 90, null, null],
  indicator: [null, "in_1", null, null],
  suppressed: [true, false, false, false],
};

describe("a looked-up list", () => {
  it("is counted", () => {
    expect(counted(of)).toEqual({ known: 2, unknown: 2, suppressed: 1, indicators: 1 });
  });

  it("is filtered by state, text and kind", () => {
    expect([...order(of, "unknown", "", "")]).toEqual([2, 3]);
    expect([...order(of, "suppressed", "", "")]).toEqual([0]);
    expect([...order(of, "all", "A.EXAMPLE", "")]).toEqual([1, 3]);
    expect([...order(of, "all", "ip", "")]).toEqual([0]);
  });

  it("puts what has no value last, whichever way it is sorted", () => {
    expect([...order(of, "all", "", "-score")]).toEqual([1, 0, 2, 3]);
    expect([...order(of, "all", "", "score")]).toEqual([0, 1, 2, 3]);
  });

  it("sorts numbers as numbers", () => {
    expect([...order(of, "known", "", "-observations")]).toEqual([1, 0]);
  });

  it("becomes a file that a spreadsheet may open", () => {
    const text = table(of, [2, 0]).split("\r\n");
    expect(text[1]).toBe(",'=cmd(),false,,,0,0,,,false");
    expect(text[2]).toContain("2023-11-14T22:13:20.000Z");
  });
});

describe("a pasted text", () => {
  it("gives each value once, from lines and from fields", () => {
    expect(lines("a.example\r\n192.0.2.1, a.example;b\n\n\t c ")).toEqual(["a.example", "192.0.2.1", "b", "c"]);
  });

  it("stops at the limit", () => {
    expect(lines("a b c d", 3)).toEqual(["a", "b", "c"]);
  });
});

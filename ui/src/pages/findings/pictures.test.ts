import { describe, expect, it } from "vitest";

import type { Value } from "../../api/shapes";
import type { Readable } from "../../format/cells";
import { choose, gaps, intervals, marks, matrix, median, names } from "./pictures";

const table = (columns: Record<string, string>, ...rows: Value[][]): Readable => ({
  columns: Object.keys(columns), kinds: Object.values(columns), rows,
});

describe("the pictures of evidence", () => {
  const contacts = table({ ts: "timestamp", dst: "address" }, [60e6, "a"], [0, "a"], [120e6, "a"], [240e6, "a"]);

  it("contacts are sorted, and their gaps measured", () => {
    expect(marks(contacts).map((mark) => mark.at / 1e6)).toEqual([0, 60, 120, 240]);
    expect(gaps(marks(contacts)).map((gap) => gap / 1e6)).toEqual([60, 60, 120]);
    expect([median([3, 1, 2]), median([])]).toEqual([2, 0]);
    expect(intervals(marks(contacts), 4)).toEqual({ width: 60e6, counts: [0, 2, 1, 0] });
  });

  it("a volume is what is drawn along time where there is one", () => {
    const flood = table({ minute: "timestamp", packets: "int64" }, [0, 5], [60e6, "7"]);
    expect(marks(flood).map((mark) => mark.value)).toEqual([5, 7]);
    expect(choose("flow.ddos", flood)).toEqual(["curve"]);
  });

  it("a scan is hosts by ports", () => {
    const scan = table({ dst: "address", dport: "int32", flows: "int64" }, ["a", 22, 1], ["b", 22, 2], ["b", 22, 3]);
    expect(matrix(scan)).toEqual([{ x: "22", y: "a", value: 1 }, { x: "22", y: "b", value: 5 }]);
    expect(choose("flow.scans", scan)).toEqual(["matrix"]);
  });

  it("names that nobody has come first", () => {
    const dga = table({ qname: "", rcode: "int16" }, ["a.example", 0], ["a.example", 0], ["q9.example", 3]);
    expect(names(dga)).toEqual([
      { text: "q9.example", count: 1, failed: true },
      { text: "a.example", count: 2, failed: false },
    ]);
    expect(choose("dns.dga", dga)).toEqual(["names"]);
  });

  it("rows that no picture fits have none", () => {
    expect(choose("somebody.else", table({ x: "" }, ["1"]))).toEqual([]);
  });
});

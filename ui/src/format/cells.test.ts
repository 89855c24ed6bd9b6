import { describe, expect, it } from "vitest";

import { asInstant, csv, isNumeric, readable, tabular } from "./cells";

describe("cells", () => {
  it("joins word pairs into addresses and keeps the order of columns", () => {
    const got = readable({
      columns: ["ts", "src_hi", "src_lo", "vic_hi", "vic_lo", "n"],
      kinds: ["timestamp[us, tz=UTC]", "int64", "int64", "int64", "int64", "int64"],
      rows: [[1, "0", "281473902969345", null, null, 7]],
    });
    expect(got.columns).toEqual(["ts", "src", "vic", "n"]);
    expect(got.rows).toEqual([[1, "192.0.2.1", null, 7]]);
  });

  it("leaves a lone word alone", () => {
    const got = readable({ columns: ["src_hi"], kinds: ["int64"], rows: [["5"]] });
    expect(got).toEqual({ columns: ["src_hi"], kinds: ["int64"], rows: [["5"]] });
  });

  it("reads sample objects", () => {
    expect(tabular(["ts", "packets"], [{ packets: 3 }]).rows).toEqual([[null, 3]]);
  });

  it("knows addresses and instants by how they are written", () => {
    const rows = [["2026-01-01T00:00:00.000000Z", "192.0.2.1", "tcp", null, 3]];
    const got = readable({ columns: ["a", "b", "c", "d", "e"], kinds: ["string", "string", "string", "", ""], rows });
    expect(got.kinds).toEqual(["timestamp", "address", "", "", "int64"]);
  });

  it("knows instants in both spellings", () => {
    expect(asInstant("1985-04-12T23:20:50Z", "timestamp[us, tz=UTC]")).toBe(482_196_050_000_000);
    expect(asInstant("1985-04-12 23:20:50", "timestamp")).toBe(482_196_050_000_000);
    expect(asInstant(482_196_050_000_000, "timestamp")).toBe(482_196_050_000_000);
    expect(asInstant(5, "int64")).toBeNull();
  });

  it("knows numbers", () => {
    expect(["int64", "double", "string", "list<int16>"].map(isNumeric)).toEqual([true, true, false, false]);
  });

  it("writes CSV as RFC 4180 says and defuses formulas", () => {
    const rows = [['a "b"', "x,y"], ["=1+1", null]];
    expect(csv({ columns: ["p", "q"], kinds: [], rows })).toBe('p,q\r\n"a ""b""","x,y"\r\n\'=1+1,\r\n');
  });
});

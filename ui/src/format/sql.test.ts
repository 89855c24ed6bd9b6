import { describe, expect, it } from "vitest";

import { laid, literal, pieces, stamp, timeline } from "./sql";

describe("sql", () => {
  const query = "SELECT count(*), 'it''s' -- why\nFROM \"t\" WHERE x >= 1.5e3 /* open";

  it("loses no character, whatever is typed", () => {
    for (const text of [query, "'", "日本語 ; \"", "--", "/*", "1..2 a$b\t\r\n"]) {
      expect(pieces(text).map(([, piece]) => piece).join("")).toBe(text);
    }
  });

  it("knows its words, texts, numbers and notes", () => {
    const kinds = Object.fromEntries(pieces(query).map(([kind, text]) => [text, kind]));
    expect(kinds).toMatchObject({
      SELECT: "word", "'it''s'": "text", "-- why": "note", "1.5e3": "number", x: "", "/* open": "note",
    });
  });

  it("does not take a bracket and the quote after it for one mark", () => {
    const kinds = pieces("x IN ('a', 'b')) OR y=-1--'c'").filter(([kind]) => kind === "text" || kind === "note");
    expect(kinds).toEqual([["text", "'a'"], ["text", "'b'"], ["note", "--'c'"]]);
  });

  it("breaks lines before clauses, never inside a text or BETWEEN", () => {
    expect(laid("SELECT a FROM t WHERE b = 'x FROM y' AND c BETWEEN 1 AND 2 ORDER BY a")).toBe(
      "SELECT a\nFROM t\nWHERE b = 'x FROM y'\n  AND c BETWEEN 1 AND 2\nORDER BY a",
    );
  });

  it("quotes and stamps", () => {
    expect(literal("o'clock")).toBe("'o''clock'");
    expect(stamp(482_196_050_000_000)).toBe("TIMESTAMPTZ '1985-04-12 23:20:50.000+00'");
  });

  it("draws a timeline over the rows of any query", () => {
    expect(timeline("SELECT ts FROM t;", "ts", { first: 0, last: 3600e6, steps: 60 })).toContain("INTERVAL 60 SECOND");
  });
});

import { describe, expect, it } from "vitest";

import type { ListCell, Rule, StrengthCell } from "../../api/policy-tables";
import { listed, noteKey, ruleRows, strengthTable, valueKey, verifiedShare, wordOfState, wordOfTier } from "./tables";

const from = { source: "s", date: "2026-03-30", verified: false };
const cell = (technique: string, tier: ListCell["tier"], category: string): ListCell => ({ technique, tier, category, ...from });
const strength = (use: "new" | "processing", bits: number, first: number, last: number, state: StrengthCell["state"]): StrengthCell => ({
  use, strength: bits, first, last, state, ...from,
});
const rule = (profile: Rule["profile"], item: string, value: string, level: Rule["level"]): Rule => ({ profile, item, value, level, ...from });

describe("the lists", () => {
  const cells = [cell("AES", "recommended", "block_128"), cell("RC4", "monitored", "stream"), cell("ML-KEM-768", "pqc", "key_establishment")];

  it("are narrowed by tier, name and category", () => {
    expect(listed(cells, undefined, "").length).toBe(3);
    expect(listed(cells, "monitored", "").map((one) => one.technique)).toEqual(["RC4"]);
    expect(listed(cells, undefined, "kem").map((one) => one.technique)).toEqual(["ML-KEM-768"]);
    expect(listed(cells, "recommended", "stream")).toEqual([]);
  });

  it("have the colours of the words that they lead to", () => {
    expect((["recommended", "pqc", "candidate", "monitored", "not-listed", "unseen"] as const).map(wordOfTier)).toEqual([
      "allowed", "allowed", "allowed-until", "monitored", "not-listed", "unknown",
    ]);
    expect((["usable", "tolerated", "finish-migration", "not-usable"] as const).map(wordOfState)).toEqual([
      "allowed", "allowed-until", "finish-migration", "not-usable",
    ]);
  });

  it("say conditions of use that the console has words for", () => {
    expect(noteKey("iv-96")).toBe("crypto.note.iv-96");
    expect(noteKey("unheard-of")).toBeNull();
  });

  it("count what was compared with the documents", () => {
    const version = { document: "", date: "", digest: "", dated: true };
    expect(verifiedShare([{ ...version, verified: 3, cells: 81 }, { ...version, verified: 0, cells: 4 }])).toEqual({ verified: 3, cells: 85 });
  });
});

describe("the strength table", () => {
  it("has periods across and strengths down, of one use", () => {
    const { periods, rows } = strengthTable(
      [
        strength("processing", 128, 2031, 2040, "usable"), strength("processing", 128, 2022, 2030, "usable"),
        strength("processing", 112, 2022, 2030, "finish-migration"), strength("processing", 112, 2031, 2040, "tolerated"),
        strength("new", 112, 2022, 2030, "not-usable"),
      ],
      "processing",
    );
    expect(periods).toEqual([{ first: 2022, last: 2030 }, { first: 2031, last: 2040 }]);
    expect(rows.map((row) => [row.strength, row.cells.map((one) => one.state)])).toEqual([
      [112, ["finish-migration", "tolerated"]], [128, ["usable", "usable"]],
    ]);
  });
});

describe("the TLS guideline", () => {
  it("speaks of names as they are, of the rest in words", () => {
    expect([valueKey("TLS 1.3"), valueKey("DH 2048 or more")]).toEqual([null, "crypto.value.dh_2048"]);
  });

  it("has a row for each thing and a column for each type", () => {
    const rows = ruleRows([
      rule("high", "version", "TLS 1.3", "obligatory"), rule("high", "group", "P-256", "allowed"),
      rule("exception", "version", "TLS 1.3", "recommended"), rule("exception", "version", "TLS 1.0", "allowed"),
    ]);
    expect(rows.map((row) => [row.value, row.rules["high"]?.level, row.rules["exception"]?.level])).toEqual([
      ["TLS 1.3", "obligatory", "recommended"], ["TLS 1.0", undefined, "allowed"], ["P-256", "allowed", undefined],
    ]);
  });
});

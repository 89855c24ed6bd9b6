import { describe, expect, it } from "vitest";

import { cellName, saysKey, sourceKey } from "./cells";

describe("a cell", () => {
  it("says its tier, state, level or condition", () => {
    expect(saysKey({ table: "list", says: "recommended" })).toBe("crypto.tier.recommended");
    expect(saysKey({ table: "strength", says: "tolerated" })).toBe("crypto.state.tolerated");
    expect(saysKey({ table: "tls", says: "forbidden" })).toBe("crypto.level.forbidden");
    expect(saysKey({ table: "curve", says: "unseen" })).toBe("crypto.curve.unseen");
    expect(saysKey({ table: "note", says: "iv-96" })).toBe("crypto.note.iv-96");
    expect(saysKey({ table: "quantum", says: "2035" })).toBeNull();
    expect(saysKey({ table: "list", says: "new-tier" })).toBeNull();
  });

  it("is about a strength in years, or about a type of the guideline", () => {
    expect(cellName({ table: "strength", cell: "128 bit processing 2022-2030" })).toEqual({
      key: "crypto.cell_of.strength", values: { n: "128", first: "2022", last: "2030" }, inner: ["use", "crypto.use.processing"],
    });
    expect(cellName({ table: "tls", cell: "TLS 1.0 (high)" })).toEqual({
      key: "crypto.cell_of.tls", values: { value: "TLS 1.0" }, inner: ["profile", "crypto.profile.high"],
    });
    expect(cellName({ table: "tls", cell: "AES-128-GCM" })).toBeNull();
    expect(cellName({ table: "list", cell: "ECDSA" })).toBeNull();
  });

  it("has a source that the console knows, or tells it in its own words", () => {
    expect(sourceKey("memory")).toBe("crypto.source.memory");
    expect(sourceKey("my-auditor")).toBeNull();
  });
});

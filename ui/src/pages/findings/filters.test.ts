import { describe, expect, it } from "vitest";

import { narrowing, wanted } from "./filters";

describe("filters of findings", () => {
  it("reach the API, and nothing else does", () => {
    const params = { severity: "high", n: "3", cursor: "abc", lang: "ja" };
    const asked = Object.entries(wanted(params)).filter(([, value]) => value);
    expect(asked).toEqual([["severity", "high"]]);
    expect(narrowing({ ...params, sort: "-severity" })).toBe(1);
  });
});

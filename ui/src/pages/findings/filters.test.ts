import { describe, expect, it } from "vitest";

import { asCommand, narrowing, wanted } from "./filters";

describe("filters of findings", () => {
  it("reach the API, and nothing else does", () => {
    const params = { severity: "high", n: "3", cursor: "abc", lang: "ja" };
    const asked = Object.entries(wanted(params)).filter(([, value]) => value);
    expect(asked).toEqual([["severity", "high"]]);
    expect(narrowing({ ...params, sort: "-severity" })).toBe(1);
  });

  it("become a command that a shell reads as meant", () => {
    expect(asCommand({ q: "it's; rm -rf", since: "482196050000000" })).toBe(
      "kaname findings --text 'it'\\''s; rm -rf' --since 1985-04-12T23:20:50.000Z",
    );
    expect(asCommand({})).toBe("kaname findings");
  });
});

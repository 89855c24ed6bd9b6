import { describe, expect, it } from "vitest";

import { findings, indicators, query } from "./command";

describe("commands", () => {
  it("say the filters as options that a shell reads as meant", () => {
    const params = { artifact: "it's; rm -rf", since: "482196050000000", sort: "-severity", n: "3" };
    expect(findings(params)).toBe(
      "kaname findings --artifact 'it'\\''s; rm -rf' --since 1985-04-12T23:20:50.000Z --sort severity",
    );
    expect(findings({})).toBe("kaname findings");
    expect(indicators({ min_score: "50" })).toBe("kaname indicators --min-score 50 --all");
    expect(indicators({ active: "true" })).toBe("kaname indicators");
    expect(query("SELECT 'a'", 100)).toBe("kaname lake query --limit 100 'SELECT '\\''a'\\'''");
  });

  it("are not offered where they would show something else", () => {
    expect(findings({ q: "mirai" })).toBeNull();
    expect(indicators({ kind: "ip" })).toBeNull();
  });
});

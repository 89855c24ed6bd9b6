import { describe, expect, it } from "vitest";

import { brief, bytes, count, growth, percent } from "./number";

describe("numbers", () => {
  it("groups digits and shortens by the language's own units", () => {
    expect(count(1234567, "en")).toBe("1,234,567");
    expect(brief(1_234_567, "en")).toBe("1.23M");
    expect(brief(1_234_567, "ja")).toBe("123万");
    expect(brief(9999, "en")).toBe("9,999");
  });

  it("measures sizes in IEC units", () => {
    expect([0, 1023, 1024, 1536, 10 * 1024 ** 3, 200 * 1024].map(bytes)).toEqual([
      "0 B", "1023 B", "1.0 KiB", "1.5 KiB", "10.0 GiB", "200 KiB",
    ]);
  });

  it("says growth, and says nothing where there is no base", () => {
    expect(growth(125, 100)).toBe("+25 %");
    expect(growth(75, 100)).toBe("−25 %");
    expect(growth(100, 100)).toBe("±0 %");
    expect(growth(340, 100)).toBe("×3.4");
    expect(growth(1, 0)).toBeNull();
    expect([0.955, 0.999, 1, 0].map(percent)).toEqual(["96 %", "99 %", "100 %", "0 %"]);
  });
});

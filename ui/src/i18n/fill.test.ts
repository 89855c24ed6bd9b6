import { expect, it } from "vitest";

import { fill } from "./fill";

it("fills values and picks the word for one or many", () => {
  const text = "{n} {n:file|files} of {of}, {left}";
  expect(fill(text, { n: 1, of: "A" })).toBe("1 file of A, {left}");
  expect(fill(text, { n: "1,000", of: "A" })).toBe("1,000 files of A, {left}");
  expect(fill(text, { n: 0, of: "A", left: "{n}" })).toBe("0 files of A, {n}");
});

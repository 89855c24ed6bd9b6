import { expect, it } from "vitest";

import { question } from "./question";

it("is the first sentence, in either language", () => {
  expect(question("Which hosts scan, e.g. for 23/tcp? More\ntext.\n\nAnd more.")).toBe("Which hosts scan, e.g. for 23/tcp?");
  expect(question("どのホストが\nスキャンするか。続き。")).toBe("どのホストが スキャンするか。");
  expect(question("No end")).toBe("No end");
  expect(question("Version 1.5 of it. Next.")).toBe("Version 1.5 of it.");
});

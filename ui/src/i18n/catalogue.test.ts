import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import en from "./en.json";
import ja from "./ja.json";

const root = join(import.meta.dirname, "..");

const sources = readdirSync(root, { recursive: true, encoding: "utf-8" })
  .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith(".test.ts"))
  .map((name) => readFileSync(join(root, name), "utf-8"))
  .join("\n");

const whole = new Set([...sources.matchAll(/"([a-z_]+(?:\.[a-z_0-9]+)+)"/g)].map((m) => m[1]));
const families = [...sources.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)\$\{/g)].map((m) => m[1] ?? "");

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe("the catalogues", () => {
  it("have the same keys", () => {
    expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
  });

  it("fill the same values", () => {
    const entries = Object.entries(en) as [keyof typeof en, string][];
    for (const [key, text] of entries) expect([key, placeholders(ja[key])]).toEqual([key, placeholders(text)]);
  });

  it("hold nothing that no page says", () => {
    const unused = Object.keys(en).filter(
      (key) => !whole.has(key) && !families.some((family) => key.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });

  it("are truly in two languages", () => {
    const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/;
    const names = /^[\w\s.,:;/&()+-]*$/; // product and format names are the same in both
    for (const [key, text] of Object.entries(ja)) {
      if (text.replace(/\{\w+\}/g, "").length > 14) expect([key, japanese.test(text)]).toEqual([key, true]);
      else expect([key, japanese.test(text) || names.test(text)]).toEqual([key, true]);
    }
    for (const [key, text] of Object.entries(en)) {
      if (key !== "switch.ja") expect([key, japanese.test(text)]).toEqual([key, false]);
    }
  });
});

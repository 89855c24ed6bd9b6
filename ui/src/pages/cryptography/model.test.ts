import { describe, expect, it } from "vitest";

import type { Course, CryptoItem, Step, Word } from "../../api/cryptography";
import { choice, countsAt, courseOf, detail, document, gravest, marks, named, risk, rows, shares, spans, stepOf } from "./model";

/** LS-0003: 112 bits in processing: migration to 2030, tolerated to 2040, not usable after. */
const words = (parts: readonly (readonly [Word, number])[]): Word[] =>
  parts.flatMap(([word, n]) => Array.from({ length: n }, () => word));
const RSA = words([["finish-migration", 5], ["allowed-until", 10], ["not-usable", 30]]);
const course = (asset: string, items: number, target: number | null = 2035, of = RSA): Course => ({
  asset, items, target, words: of,
});
const item = (more: Partial<CryptoItem>): CryptoItem => ({
  id: "a", kind: "certificate", location: "x.pem", line: 1, offset: null, place: "x.pem:1", host: null, port: null,
  algorithm: "RSA", parameter: "2048", use: "sign", strength: 112, not_before: null, not_after: null,
  details: { signature_hash: "SHA-256" }, evidence: "", at_risk: false, cells: [],
  verdict: {
    word: "finish-migration", until: 2030, tier: "recommended", strength: 112, verified: false, tls_types: [],
    quantum: { vulnerable: true, target: 2035, outlives: false, harvest: false }, text: { en: "", ja: "" }, reasons: [],
  },
  ...more,
});

describe("the choice of year and use", () => {
  it("is read from the address, within the table", () => {
    expect(choice({ year: "2031", use: "new" }, 2026)).toEqual({ year: 2031, use: "new", secret: undefined });
    expect(choice({ year: "1999", secret: "2040" }, 2026)).toEqual({ year: 2026, use: "processing", secret: 2040 });
    expect(choice({ year: "2o31", use: "old" }, 2090)).toEqual({ year: 2070, use: "processing", secret: undefined });
  });
});

describe("the time line", () => {
  it("joins years with the same word", () => {
    expect(spans(RSA, 2026)).toEqual([
      { word: "finish-migration", from: 2026, to: 2030 },
      { word: "allowed-until", from: 2031, to: 2040 },
      { word: "not-usable", from: 2041, to: 2070 },
    ]);
    expect(spans([], 2026)).toEqual([]);
  });

  it("puts assets of a technique with the same course in one row", () => {
    const found = rows([course("RSA 2048 (SHA-256)", 3), course("RSA 2048", 2), course("DH 2048", 1), course("RSA 1024", 1, 2035, words([["not-usable", 45]]))]);
    expect(found.map((one) => [named(one), one.items])).toEqual([
      ["RSA 2048 (SHA-256), 2048", 5], ["DH 2048", 1], ["RSA 1024", 1],
    ]);
    expect(named({ family: "AES", names: ["a", "b", "c", "d", "e"] })).toBe("AES a, b, c +2");
    expect(named({ family: "SHA-1", names: [] })).toBe("SHA-1");
  });

  it("counts the words of a year, what could not be read among the undecided", () => {
    const found = countsAt([course("RSA 2048", 5), course("AES-256", 2, null, words([["allowed", 45]]))], 2026, 2041, 3);
    expect([found["not-usable"], found.allowed, found.unknown, found["finish-migration"]]).toEqual([5, 2, 3, 0]);
  });

  it("shows quantum risk from the year after the target", () => {
    expect(risk(2035, [2026, 2070])).toBe(10 / 45);
    expect(risk(null, [2026, 2070])).toBeNull();
    expect(risk(2070, [2026, 2070])).toBeNull();
    expect(risk(2020, [2026, 2070])).toBe(0);
  });

  it("has fewer marks where it is narrow", () => {
    expect(marks([2026, 2070], 900)).toEqual([2026, 2030, 2035, 2040, 2050, 2060, 2070]);
    expect(marks([2026, 2070], 200)).toEqual([2026, 2035, 2050, 2060, 2070]);
  });
});

describe("the shares of verdicts", () => {
  it("are told from the worst", () => {
    expect(shares({ allowed: 3, "not-usable": 1 })).toEqual([
      { word: "not-usable", count: 1, share: 0.25 }, { word: "allowed", count: 3, share: 0.75 },
    ]);
    expect(shares({})).toEqual([]);
  });

  it("name what is gravest, and nothing where all is well", () => {
    expect(gravest({ allowed: 3, monitored: 2, "finish-migration": 9 })).toEqual({ word: "monitored", count: 2 });
    expect(gravest({ allowed: 3, "allowed-until": 2, unknown: 1 })).toBeNull();
  });
});

describe("an item", () => {
  it("finds its course by algorithm, parameter and hash", () => {
    const courses = [course("RSA 2048", 1, null), course("RSA 2048 (SHA-256)", 3)];
    expect(courseOf(item({}), courses, 2026, 2026)?.items).toBe(3);
    expect(courseOf(item({ details: {} }), courses, 2026, 2026)?.items).toBe(1);
    expect(courseOf(item({ algorithm: "DSA" }), courses, 2026, 2026)).toBeNull();
  });

  it("finds its step by place, or where there is one alike only", () => {
    const step = (places: string[]): Step => ({ algorithm: "RSA", parameter: "2048", word: "finish-migration", places }) as unknown as Step;
    const [near, far] = [step(["x.pem:1"]), step(["y.pem:1"])];
    expect(stepOf(item({}), [far, near])).toBe(near);
    expect(stepOf(item({ place: "z" }), [far, near])).toBeNull();
    expect(stepOf(item({ place: "z" }), [far])).toBe(far);
  });

  it("tells details as text", () => {
    expect([detail(["a", null, 2]), detail({ a: 1 }), detail(null), detail(false)]).toEqual(["a, 2", '{"a":1}', "", "false"]);
  });
});

describe("what is pasted", () => {
  it("is JSON or JSON lines", () => {
    expect(document('{"items": []}')).toEqual({ items: [] });
    expect(document('{"id": 1}\n\n{"id": 2}\n')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(() => document("-----BEGIN CERTIFICATE-----\nMIIB\n")).toThrow(SyntaxError);
    expect(() => document('{"items": [')).toThrow(SyntaxError);
  });
});

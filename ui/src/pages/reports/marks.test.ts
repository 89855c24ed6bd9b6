import { describe, expect, it } from "vitest";

import { found, pieces, type Found } from "./marks";

const mark = (start: number, end: number): Found => ({ what: "artifacts", index: 0, start, end, kind: "ip", label: "", note: "", state: "found" });

describe("a text with marks", () => {
  it("is cut where marks begin and end, and joins to itself", () => {
    const text = "see 192.0.2.1 and more";
    const cut = pieces(text, [mark(4, 13), mark(0, 22)]);
    expect(cut.map((one) => one.text)).toEqual(["see ", "192.0.2.1", " and more"]);
    expect(cut.map((one) => one.marks)).toEqual([[1], [1, 0], [1]]);
    expect(cut.map((one) => one.text).join("")).toBe(text);
  });

  it("counts characters beyond the basic plane as one", () => {
    expect(pieces("𠮷野家 a.example", [mark(4, 13)])[1]?.text).toBe("a.example");
  });

  it("survives marks that lie outside or are empty", () => {
    expect(pieces("abc", [mark(2, 99), mark(1, 1), mark(50, 60)]).map((one) => one.text)).toEqual(["ab", "c"]);
    expect(pieces("", [])).toEqual([]);
  });

  it("lists what was found in the order of the text", () => {
    const list = found({
      id: "r", title: "", at: 0, language: "en", tlp: "clear", state: "new", text: "",
      artifacts: [{ kind: "ip", value: "192.0.2.1", start: 30, end: 39, shown: "", role: "indicator", state: "found" }],
      entities: [{ id: "e", type: "actor", name: "X", start: 2, end: 3, state: "found" }],
      techniques: [{ id: "T1059", name: "n", score: 1, sentence: "", start: 0, end: 50, reasons: ["a", "b"], state: "found" }],
      relations: [],
    });
    expect(list.map((one) => one.what)).toEqual(["techniques", "entities", "artifacts"]);
    expect(list[0]?.note).toBe("a; b");
  });
});

import { expect, it } from "vitest";

import type { ParameterOut } from "../../api/shapes";
import { changed, choices, fault } from "./run";

const text = { en: "", ja: "" };
const few: ParameterOut = { name: "few", default: 5, low: 1, high: 10, unit: "", text };
const by: ParameterOut = { name: "by", default: "a", low: null, high: null, unit: "a | b", text };
const on: ParameterOut = { name: "on", default: true, low: null, high: null, unit: "", text };

it("parameters with a few values have choices", () => {
  expect([choices(few), choices(by), choices(on)]).toEqual([[], ["a", "b"], ["true", "false"]]);
});

it("numbers stay within their range", () => {
  expect(["1", "10", "0", "11", "", "x", "1e1"].map((one) => fault(few, one))).toEqual([
    false, false, true, true, true, true, false,
  ]);
  expect(fault(by, "anything")).toBe(false);
});

it("only what differs is sent, with its type", () => {
  expect(changed([few, by, on], { few: "7", by: "a", on: "false" })).toEqual({ few: 7, on: false });
  expect(changed([few, by, on], {})).toEqual({});
});

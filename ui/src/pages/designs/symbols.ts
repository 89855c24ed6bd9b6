/**
 * Symbols of gates in the distinctive shapes of IEEE Std 91/ANSI Y32.14, and boxes for the rest.
 *
 * All are drawn about the origin in a box of 52 by 36; inputs come at the left, the output
 * leaves at the right.
 */

import type { Key } from "../../i18n/index.svelte";

/** Families as `rust/netlist/src/cell.rs` names them. */
export const FAMILIES = [
  "buffer", "and", "or", "xor", "mux", "andor", "orand", "majority", "adder",
  "flipflop", "latch", "tristate", "constant", "other", "unknown",
] as const;
export type Family = (typeof FAMILIES)[number];

export interface Symbol {
  readonly outline: string; // filled and stroked
  readonly strokes: string; // stroked only
  readonly text: string; // inside
  readonly shift: number; // of the text from the middle
  readonly bubble: number; // where the ring of an inverted output has its middle
}

const AND = "M-26,-18H2A18,18 0 0 1 2,18H-26Z";
const OR = "M-26,-18H-12Q12,-17 22,0Q12,17 -12,18H-26Q-15,0 -26,-18Z";
const BOX = "M-26,-18H22V18H-26Z";
const TRIANGLE = "M-22,-16L20,0L-22,16Z";

const plain = (outline: string, text = "", more: Partial<Symbol> = {}): Symbol => ({
  outline, text, strokes: "", shift: 0, bubble: 24, ...more,
});

const SYMBOLS: Readonly<Record<Family, Symbol>> = {
  buffer: plain(TRIANGLE, "", { bubble: 23 }),
  and: plain(AND, "", { bubble: 23 }),
  or: plain(OR, "", { bubble: 25 }),
  xor: plain("M-20,-18H-12Q12,-17 22,0Q12,17 -12,18H-20Q-9,0 -20,-18Z", "", { strokes: "M-26,-18Q-15,0 -26,18", bubble: 25 }),
  mux: plain("M-24,-18L22,-9V9L-24,18Z", "MUX", { shift: -3 }),
  andor: plain(OR, "AO", { shift: -2, bubble: 25 }),
  orand: plain(AND, "OA", { shift: -3, bubble: 23 }),
  majority: plain(BOX, "MAJ", { shift: -2 }),
  adder: plain(BOX, "Σ", { shift: -2 }),
  flipflop: plain(BOX, "D  Q", { strokes: "M-26,5L-18,10L-26,15", shift: -2 }),
  latch: plain(BOX, "L  Q", { shift: -2 }),
  tristate: plain(TRIANGLE, "", { strokes: "M-4,9V18", bubble: 23 }),
  constant: plain("M-14,-10H18V10H-14Z", "0/1", { shift: 2, bubble: 20 }),
  other: plain(BOX, "f(x)", { shift: -2 }),
  unknown: plain(BOX, "?", { shift: -2 }),
};

/** An input or an output of the design. */
export const PORT = plain("M-20,-9H8L18,0L8,9H-20Z");

function isFamily(text: string): text is Family {
  return (FAMILIES as readonly string[]).includes(text);
}

/** What no table knows is drawn as a box with a question mark. */
export function familyOf(name: string): Family {
  const plainName = name.replaceAll("_", "");
  return isFamily(plainName) ? plainName : "unknown";
}

export function symbol(family: string): Symbol {
  return SYMBOLS[familyOf(family)];
}

/** The family in words; an inverting one by the name that engineers use. */
export function familyKey(family: string, inverting: boolean): Key {
  const known = familyOf(family);
  const inverse = inverting && (["buffer", "and", "or", "xor", "andor", "orand", "mux"] as const).find((one) => one === known);
  return inverse ? `designs.inverted.${inverse}` : `designs.family.${known}`;
}

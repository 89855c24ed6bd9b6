/** A report's text cut where something was found, and the list of what was found beside it. */

import type { ReportOut } from "../../api/intelligence";

export type What = "artifacts" | "entities" | "techniques" | "relations";

/** One thing that was found; `index` is its place in the server's list. */
export interface Found {
  readonly what: What;
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  readonly label: string;
  readonly note: string;
  readonly state: string;
}

/** Everything found, in the order of the text; a whole sentence comes after what is in it. */
export function found(report: ReportOut): Found[] {
  const all: Found[] = [
    ...report.artifacts.map((one, index) => ({ ...at(one), what: "artifacts" as const, index, kind: one.kind, label: one.value, note: one.role })),
    ...report.entities.map((one, index) => ({ ...at(one), what: "entities" as const, index, kind: one.type, label: one.name, note: "" })),
    ...report.techniques.map((one, index) => ({ ...at(one), what: "techniques" as const, index, kind: one.id, label: one.name, note: one.reasons.join("; ") })),
    ...report.relations.map((one, index) => ({ ...at(one), what: "relations" as const, index, kind: one.how, label: `${one.a} → ${one.b}`, note: "" })),
  ];
  return all.sort((a, b) => a.start - b.start || a.end - b.end);
}

function at(one: { start: number; end: number; state: string }): { start: number; end: number; state: string } {
  return { start: one.start, end: one.end, state: one.state };
}

export interface Piece {
  readonly text: string;
  readonly marks: readonly number[]; // places in the list of what was found; the shortest last
}

/**
 * The text in pieces that are marked alike. Offsets count characters (code points), as the server
 * counts them, not the halves of which a script's strings consist.
 */
export function pieces(text: string, marks: readonly Found[]): Piece[] {
  const points = [...text];
  const inside = marks.map((mark, i) => ({ mark, i })).filter(({ mark }) => mark.end > mark.start && mark.start < points.length);
  const cuts = [...new Set([0, points.length, ...inside.flatMap(({ mark }) => [mark.start, Math.min(mark.end, points.length)])])].sort((a, b) => a - b);
  const wide = [...inside].sort((a, b) => b.mark.end - b.mark.start - (a.mark.end - a.mark.start));
  return cuts.slice(1).map((end, k) => {
    const start = cuts[k] as number;
    return {
      text: points.slice(start, end).join(""),
      marks: wide.filter(({ mark }) => mark.start <= start && mark.end >= end).map(({ i }) => i),
    };
  });
}

/** For each piece the marks that begin in it, so that one can scroll to a mark. */
export function beginnings(cut: readonly Piece[]): number[][] {
  const seen = new Set<number>();
  return cut.map((piece) => {
    const fresh = piece.marks.filter((i) => !seen.has(i));
    for (const i of fresh) seen.add(i);
    return fresh;
  });
}

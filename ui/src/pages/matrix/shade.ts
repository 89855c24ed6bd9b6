/** The ATT&CK matrix as it is drawn: what fits the filter, and how dark each cell is. */

import type { MatrixOut, TechniqueCount } from "../../api/intelligence";

export type Measure = "count" | "indicators" | "reports";

export interface Filter {
  readonly text: string;
  readonly seen: boolean; // only what has been seen
}

const fits = (one: TechniqueCount, text: string): boolean =>
  !text || one.id.toLowerCase().includes(text) || one.name.toLowerCase().includes(text);

/** Tactics with the techniques that fit; a technique stays when one of its sub-techniques fits. */
export function filtered(matrix: MatrixOut, filter: Filter): MatrixOut["tactics"] {
  const text = filter.text.trim().toLowerCase();
  const keep = (one: TechniqueCount): boolean =>
    (fits(one, text) || (one.sub ?? []).some((sub) => fits(sub, text))) && (!filter.seen || total(one) > 0);
  return matrix.tactics.map((tactic) => ({ ...tactic, techniques: tactic.techniques.filter(keep) }));
}

/** What a technique and its sub-techniques have been seen with. */
function total(one: TechniqueCount): number {
  return one.count + (one.sub ?? []).reduce((sum, sub) => sum + sub.count, 0);
}

/** The greatest value in the matrix, at least 1. */
export function most(tactics: MatrixOut["tactics"], measure: Measure): number {
  const all = tactics.flatMap((tactic) => tactic.techniques.flatMap((one) => [one, ...(one.sub ?? [])]));
  return Math.max(1, ...all.map((one) => one[measure]));
}

/** 0 (nothing) to 1: logarithmic, since a few techniques are everywhere. */
export function shade(value: number, greatest: number): number {
  return value <= 0 ? 0 : 0.18 + 0.82 * (Math.log1p(value) / Math.log1p(greatest));
}

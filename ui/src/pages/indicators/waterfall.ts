/** Terms of a score as a waterfall: each bar begins where the one before it ended. */

import type { TermOut } from "../../api/shapes";

export interface Bar {
  readonly term: TermOut | null; // null: the base that every artifact of the kind begins with
  readonly from: number; // logits
  readonly to: number;
}

/** The base first, then what speaks for it, the heaviest first, then what speaks against it. */
export function bars(bias: number, terms: readonly TermOut[]): Bar[] {
  const order = [...terms].sort((a, b) => Number(a.now < 0) - Number(b.now < 0) || Math.abs(b.now) - Math.abs(a.now));
  const all: Bar[] = [{ term: null, from: 0, to: bias }];
  for (const term of order) {
    const from = all.at(-1)?.to ?? 0;
    all.push({ term, from, to: from + term.now });
  }
  return all;
}

/** The least and the greatest logit of the picture, zero and the threshold among them. */
export function extent(all: readonly Bar[], ...also: number[]): { low: number; high: number } {
  const ends = [0, ...also, ...all.flatMap((bar) => [bar.from, bar.to])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = Math.max(0.2, (high - low) * 0.04);
  return { low: low - room, high: high + room };
}

/** The logit of a score of 0 to 100. */
export function logit(score: number): number {
  const p = Math.min(0.999, Math.max(0.001, score / 100));
  return Math.log(p / (1 - p));
}

/** `+0.61`, `−1.20`: a logit with its sign. */
export function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

/** The arithmetic of charts along time: steps, stacks, outlines. No markup. */

export interface Series {
  readonly key: string;
  readonly label: string;
  readonly tone: string; // class that sets --tone
  readonly values: readonly number[]; // one a step
}

/** Where a chart draws: microseconds to pixels, values to pixels. */
export interface Scales {
  readonly x: (us: number) => number;
  readonly y: (value: number) => number;
  readonly floor: number; // pixel of the value 0
  readonly step: number; // microseconds
}

export interface Band {
  readonly series: Series;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Series on top of each other, the first at the bottom. */
export function stack(series: readonly Series[], steps: number): Band[] {
  let low: readonly number[] = Array.from({ length: steps }, () => 0);
  return series.map((one) => {
    const high = low.map((value, i) => value + (one.values[i] ?? 0));
    const band = { series: one, low, high };
    low = high;
    return band;
  });
}

/** The highest sum of a step. */
export function summit(bands: readonly Band[]): number {
  return (bands.at(-1)?.high ?? []).reduce((most, value) => Math.max(most, value), 0);
}

const point = (x: number, y: number): string => `${x.toFixed(1)},${y.toFixed(1)}`;

/** The outline of a band as an SVG path: along its top, back along its foot. */
export function outline(band: Band, since: number, at: Scales): string {
  if (band.high.length === 0) return "";
  const middle = (i: number): number => at.x(since + (i + 0.5) * at.step);
  const ends = (values: readonly number[]): string[] => values.map((value, i) => point(middle(i), at.y(value)));
  const back = ends(band.low).reverse();
  return `M${[...ends(band.high), ...back].join("L")}Z`;
}

const SECOND = 1e6;
const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
  172_800, 604_800, 1_209_600, 2_592_000, 7_776_000,
].map((s) => s * SECOND);

/** A round step so that a period has at most about `most` of them. */
export function stepOf(span: number, most: number): number {
  return STEPS.find((step) => span / step <= most) ?? Math.ceil(span / most / 31_536e9) * 31_536e9;
}

export interface Span {
  readonly since: number;
  readonly until: number;
}

/** [since, until) widened to whole steps. */
export function whole(span: Span, step: number): Span {
  const since = Math.floor(span.since / step) * step;
  return { since, until: Math.max(since + step, Math.ceil(span.until / step) * step) };
}

/** Twice as long around the same middle, at least a second. */
export function wider(span: Span): Span {
  const half = Math.max(SECOND, span.until - span.since) / 2;
  return { since: Math.max(0, Math.round(span.since - half)), until: Math.round(span.until + half) };
}

/** The same length, as many lengths later (or earlier). */
export function moved(span: Span, lengths: number): Span {
  const by = (span.until - span.since) * lengths;
  return { since: Math.max(0, span.since + by), until: span.until + by };
}

/** Counts at instants, put into the steps of a period; what lies outside is left out. */
export function binned(
  counts: readonly { readonly at: number; readonly value: number }[],
  span: Span,
  step: number,
): number[] {
  const bins = Array.from({ length: Math.max(1, Math.ceil((span.until - span.since) / step)) }, () => 0);
  for (const { at, value } of counts) {
    const i = Math.floor((at - span.since) / step);
    if (i >= 0 && i < bins.length) bins[i] = (bins[i] ?? 0) + value;
  }
  return bins;
}

const TONES = 10;

/** A colour for each of a set of names that stays the same whatever else is shown. */
export function tones(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name, i) => [name, `c${i % TONES}`]));
}

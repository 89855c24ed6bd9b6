/** Where the marks of a bar chart stand. */

/** A round number not below `most`, and the steps to it: 1, 2 or 5 times a power of ten. */
export function scale(most: number): { top: number; marks: number[] } {
  if (most <= 0) return { top: 1, marks: [0, 1] };
  const raw = most / 3;
  const power = 10 ** Math.floor(Math.log10(raw));
  const nice = [1, 2, 5, 10].find((n) => n * power >= raw) ?? 10;
  const step = Math.max(1, nice * power);
  const steps = Math.ceil(most / step);
  return { top: steps * step, marks: Array.from({ length: steps + 1 }, (_, i) => i * step) };
}

const MINUTE = 60e6;
const STEPS = [
  1 / 60, 2 / 60, 5 / 60, 10 / 60, 0.25, 0.5,
  1, 5, 10, 30, 60, 180, 360, 720, 1440, 2880, 10_080, 43_200, 129_600,
].map((m) => Math.round(m * MINUTE));

/** Round instants in [first, last], at most `room` of them, aligned in the shown zone. */
export function ticks(first: number, last: number, room: number, offset: number, least = MINUTE): number[] {
  const step = STEPS.find((s) => s >= least && (last - first) / s <= room) ?? years(last - first, room);
  const start = Math.ceil((first + offset) / step) * step - offset;
  const found: number[] = [];
  for (let at = start; at <= last; at += step) found.push(at);
  return found;
}

function years(span: number, room: number): number {
  const year = 365 * 1440 * MINUTE;
  return Math.ceil(span / room / year) * year;
}

/** The distance of neighbours: the least gap, since empty bars may be left out. */
export function stride(instants: readonly number[], least = MINUTE): number {
  const gaps = instants.slice(1).map((at, i) => at - (instants[i] ?? 0));
  return Math.max(least, gaps.length ? Math.min(...gaps) : least);
}

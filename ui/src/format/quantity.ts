/** Powers, energies and durations as people read them: one unit that fits, three digits. */

interface Unit {
  readonly from: number; // smallest value it is used for, in the base unit
  readonly name: string;
}

const SECOND = 1e6;
const POWER: readonly Unit[] = [{ from: 1e3, name: "W" }, { from: 1, name: "mW" }, { from: 1e-3, name: "µW" }];
const ENERGY: readonly Unit[] = [
  { from: 3.6e12, name: "kWh" }, { from: 1e6, name: "J" }, { from: 1e3, name: "mJ" }, { from: 1, name: "µJ" },
];
const TIME: readonly Unit[] = [
  { from: 86_400 * SECOND, name: "d" }, { from: 3600 * SECOND, name: "h" }, { from: 60 * SECOND, name: "min" },
  { from: SECOND, name: "s" }, { from: 1e3, name: "ms" }, { from: 1, name: "µs" },
];

/** Three digits that count: 0.123, 1.23, 12.3, 123, 1234. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(value)) return String(value);
  if (size >= 100) return String(Math.round(value));
  const places = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(size))));
  return String(Number(value.toFixed(places)));
}

function said(value: number, units: readonly Unit[]): string {
  if (value === 0) return `0 ${units.find((unit) => unit.from === 1)?.name ?? ""}`;
  const unit = units.find((one) => Math.abs(value) >= one.from) ?? units.at(-1);
  return unit ? `${digits(value / unit.from)} ${unit.name}` : digits(value);
}

/** Milliwatts. */
export const power = (mw: number): string => said(mw, POWER);

/** Microjoules. */
export const energy = (uj: number): string => said(uj, ENERGY);

/** Microseconds. */
export const duration = (us: number): string => said(us, TIME);

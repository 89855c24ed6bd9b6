/** Counts, sizes and shares as text. */

import type { Language } from "../state/preferences.svelte";

export function count(value: number, language: Language): string {
  return new Intl.NumberFormat(language).format(value);
}

/** `1.2M` or `123万`: for headings, where the exact number is one step away. */
export function brief(value: number, language: Language): string {
  const format = { notation: "compact", maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(language, value < 10_000 ? {} : format).format(value);
}

export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), units.length - 1);
  const scaled = value / 1024 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
}

/** A share; what is not quite all is never written as 100 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return `${share < 1 ? Math.min(99, rounded) : rounded} %`;
}

/** Growth as people say it: `+25 %`, `×3.4`; null when there was nothing before. */
export function growth(now: number, before: number): string | null {
  if (before === 0) return null;
  const ratio = now / before;
  if (ratio >= 2) return `×${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)}`;
  const change = Math.round((ratio - 1) * 100);
  return `${change > 0 ? "+" : change < 0 ? "−" : "±"}${Math.abs(change)} %`;
}

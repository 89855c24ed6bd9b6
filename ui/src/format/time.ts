/** Instants (microseconds, UTC) as text in the chosen zone, and back. The zone always shows. */

import type { Language, Zone } from "../state/preferences.svelte";

/** Japan has had no summer time since 1951, so the offset is a number. */
const OFFSET_MIN: Record<Zone, number> = { UTC: 0, JST: 540 };

const US_PER_MS = 1000;
const MS_PER_MIN = 60_000;

function shifted(us: number, zone: Zone): Date {
  return new Date(us / US_PER_MS + OFFSET_MIN[zone] * MS_PER_MIN);
}

export interface TimeStyle {
  readonly seconds?: boolean;
  readonly date?: boolean;
  readonly year?: boolean;
  readonly zone?: boolean;
}

/** `2026-01-31 12:00:05 JST`; every part but the minutes may be left out. */
export function instant(us: number, zone: Zone, style: TimeStyle = {}): string {
  const { seconds = false, date = true, year = true, zone: named = true } = style;
  const iso = shifted(us, zone).toISOString();
  const day = iso.slice(year ? 0 : 5, 10);
  const clock = iso.slice(11, seconds ? 19 : 16);
  return [date ? day : "", clock, named ? zone : ""].filter(Boolean).join(" ");
}

/** The value of `<input type="datetime-local">` for an instant. */
export function field(us: number, zone: Zone): string {
  return shifted(us, zone).toISOString().slice(0, 16);
}

/** The instant that a person meant by a `datetime-local` value in their zone. */
export function fromField(value: string, zone: Zone): number | null {
  const utc = Date.parse(`${value}Z`);
  return Number.isNaN(utc) ? null : (utc - OFFSET_MIN[zone] * MS_PER_MIN) * US_PER_MS;
}

/** `1,234.5 ms` and the like are for machines: a person gets one unit, in their language. */
export function span(us: number, language: Language): string {
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [86_400e6, "day"],
    [3600e6, "hour"],
    [60e6, "minute"],
    [1e6, "second"],
  ];
  const [size, unit] = steps.find(([step]) => us >= step) ?? [1e3, "millisecond"];
  const rounded = us / size >= 10 ? Math.round(us / size) : Math.round((us / size) * 10) / 10;
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(rounded);
}

/** `3 minutes ago`, counted from `now`. */
export function ago(us: number, now: number, language: Language): string {
  const seconds = Math.round((us - now) / 1e6);
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ];
  const [size, unit] = steps.find(([step]) => Math.abs(seconds) >= step) ?? [1, "second"];
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  return format.format(Math.round(seconds / size), unit);
}

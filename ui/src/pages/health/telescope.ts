// What the page asks of the telescope's sensors: how they do, and their latest gaps.

import { get } from "../../api/client";
import type { GapPage, NamedGap, SensorPage, TelescopeSensor } from "../../api/sensors";

const MOST_ASKED = 20;
const MOST_SHOWN = 10;

export interface TelescopeHealth {
  readonly sensors: readonly TelescopeSensor[];
  readonly gaps: readonly NamedGap[];
}

// The latest gaps of all sensors together, the latest first.
export function latest(found: readonly NamedGap[], most = MOST_SHOWN): NamedGap[] {
  return [...found]
    .sort((one, other) => other.since - one.since || one.sensor.localeCompare(other.sensor))
    .slice(0, most);
}

// The prefixes that hold at `now` (microseconds), as text.
export function monitored(sensor: TelescopeSensor, now: number): string[] {
  return sensor.prefixes
    .filter((one) => (one.since ?? 0) <= now && now < (one.until ?? Number.POSITIVE_INFINITY))
    .map((one) => one.prefix);
}

export async function telescopeHealth(signal: AbortSignal): Promise<TelescopeHealth> {
  const page = await get<SensorPage>("/telescope/sensors", {}, signal);
  const asked = page.items.filter((one) => one.last !== null).slice(0, MOST_ASKED);
  const gaps = await Promise.all(
    asked.map(async (one) => {
      const path = `/telescope/sensors/${encodeURIComponent(one.name)}/gaps`;
      const until = one.last ?? 0;
      const query = { since: String(until - 7 * 86_400_000_000), until: String(until + 60_000_000) };
      const found = await get<GapPage>(path, query, signal);
      return found.items.map((gap) => ({ ...gap, sensor: one.name }));
    }),
  );
  return { sensors: page.items, gaps: latest(gaps.flat()) };
}

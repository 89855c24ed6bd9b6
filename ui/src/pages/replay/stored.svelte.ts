/** Which packets are stored: of which time, how many along it, of which sensors. */

import { get } from "../../api/client";
import type { HistogramOut, SensorOut, TableOut } from "../../api/shapes";
import { Resource } from "../../state/resource.svelte";
import { route } from "../../state/route.svelte";

const DAY = 86_400e6;
const MINUTE = 60e6;
const BINS = 160;
const FRESH = 10 * MINUTE; // stored so lately: something delivers

export interface Period {
  readonly since: number;
  readonly until: number;
}

export class Stored {
  readonly table = new Resource<TableOut>();
  readonly histogram = new Resource<HistogramOut>();
  sensors = $state.raw<readonly string[]>([]);

  /** The newest day of which there are packets, or what the address says. */
  get period(): Period | null {
    const last = this.table.value?.last ?? null;
    if (last === null) return null;
    const until = Number(route.params["until"]) || Math.floor(last / MINUTE + 1) * MINUTE;
    const since = Number(route.params["since"]) || Math.max(this.table.value?.first ?? 0, until - DAY);
    return since < until ? { since, until } : null;
  }

  /** Whether packets arrived in the last minutes. */
  get fresh(): boolean {
    return Date.now() * 1000 - (this.table.value?.last ?? 0) < FRESH;
  }

  load(): void {
    this.table.load((signal) => get("/lake/tables/flowtuples", {}, signal));
    void get<readonly SensorOut[]>("/lake/health")
      .then((found) => (this.sensors = distinct(found.map((one) => one.sensor))))
      .catch(() => undefined); // a choice less: all sensors are shown
  }

  count(period: Period, sensor: string): void {
    const asked = { since: Math.round(period.since), until: Math.round(period.until), bins: BINS, ...(sensor ? { sensor } : {}) };
    this.histogram.load((signal) => get("/lake/tables/flowtuples/histogram", asked, signal));
  }
}

const distinct = (names: readonly string[]): string[] => names.filter((name, i) => names.indexOf(name) === i).sort();

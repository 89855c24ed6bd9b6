// Sensors of the telescope, as `/telescope/sensors` tells them.

export interface SensorPrefix {
  readonly prefix: string;
  readonly since?: number;
  readonly until?: number | null;
}

export interface TelescopeSensor {
  readonly name: string;
  readonly description: string;
  readonly tlp: string;
  readonly remote: boolean;
  readonly registered: boolean;
  readonly prefixes: readonly SensorPrefix[];
  readonly addresses: number;
  readonly packets: number;
  readonly offtarget: number;
  readonly lost: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly last_seen: number | null;
  readonly deliveries: number;
}

export interface SensorPage {
  readonly items: readonly TelescopeSensor[];
  readonly total: number;
}

export interface SensorGap {
  readonly kind: "outage" | "silence" | "clock" | "undelivered";
  readonly since: number;
  readonly until: number;
  readonly amount: number;
}

export interface GapPage {
  readonly items: readonly SensorGap[];
  readonly total: number;
}

export interface NamedGap extends SensorGap {
  readonly sensor: string;
}

/** Designs with their verdicts, devices with their traces; twin of kaname/hardware/routes/shapes.py.
 *
 * Instants are microseconds UTC; probabilities 0 to 1, percentiles and scores 0 to 100; powers mW,
 * energies µJ, durations µs. */

import { get, type Query } from "./client";

export type Both = Record<"en" | "ja", string>;

export interface HardwareFinding {
  id: string;
  analysis: string;
  label: string;
  severity: string;
  confidence: number;
  last_seen: number;
  title: Both;
}

/** A cell of a drawn sub-circuit. `id`: its number in the design, below 0 for ports; `name`: the net
 * it drives; `depth`: signed distance from the middle, negative towards the inputs. */
export interface CircuitNode {
  id: number;
  name: string;
  cell: string;
  family: string;
  probability: number;
  depth: number;
  flagged: boolean;
  more: number;
  inverting: boolean; // a NAND, an inverter
}

/** An edge is [driver, load]. */
export interface Circuit {
  nodes: CircuitNode[];
  edges: [number, number][];
}

/** Suspicious cells that hang together; `number` counts from 1, the surest first. */
export interface Region {
  number: number;
  cells: number;
  probability: number;
  mean: number;
  peak: number;
  role: string;
  families: Record<string, number>;
  nets: string[];
  circuit: Circuit;
}

export interface DesignProblem {
  line: number;
  column: number;
  message: string;
}

export interface Design {
  digest: string;
  name: string;
  format: string;
  ts: number;
  sensor: string;
  tlp: string;
  batch: number;
  path: string;
  cells: number;
  nets: number;
  verdict: "suspicious" | "clean";
  probability: number;
  threshold: number;
  flagged: number;
  regions: number;
  top: number;
  problems: number;
  model: string;
  model_digest: string;
}

export interface DesignPage {
  items: Design[];
  total: number;
  next: string | null;
}

/** A cell of a suspicious region on the overview; `x` and `y` run from 0 to 1. */
export interface Spot {
  place: number;
  x: number;
  y: number;
  region: number;
  probability: number;
}

/** How many cells lie in each field of a grid, row after row: level from left to right. */
export interface Density {
  columns: number;
  rows: number;
  levels: number;
  counts: number[];
  spots: Spot[];
}

/** `histogram`: cells by probability in ten equal bins; `map`: all regions in one picture. */
export interface DesignDetail {
  design: Design;
  regions: Region[];
  map: Circuit;
  histogram: number[];
  families: Record<string, number>;
  problems: DesignProblem[];
  findings: HardwareFinding[];
  density: Density | null;
}

/** `place` names the net in paths; `region` is 0 where it is in none. */
export interface RankedNet {
  place: number;
  rank: number;
  net: string;
  instance: string;
  cell: string;
  family: string;
  probability: number;
  flagged: boolean;
  region: number;
  role: string;
  why: Both[];
}

export interface NetPage {
  items: RankedNet[];
  total: number;
  next: string | null;
}

/** `inside`: percentile within the design; `clean`: among cells of designs without Trojans. */
export interface Reason {
  feature: string;
  value: number;
  inside: number | null;
  clean: number | null;
  weight: number;
  text: Both;
}

export interface NetDetail {
  design: Design;
  net: RankedNet;
  reasons: Reason[];
  circuit: Circuit;
}

export interface HardwareModel {
  name: string;
  kind: "netlist" | "power";
  version: string;
  digest: string;
  shipped: boolean;
  threshold: number | null;
  thresholds: Record<string, number>;
  scores: Record<string, unknown>;
  card: Record<string, unknown>;
}

export type MeasureName =
  | "bursts_per_hour"
  | "duration_us"
  | "energy_uj"
  | "active_share"
  | "sleep_mw"
  | "peak_mw";

/** A number of a device beside those of its peers; nulls where there are too few peers. */
export interface Measure {
  name: MeasureName;
  value: number | null;
  median: number | null;
  percentile: number | null;
  distance: number | null;
  odd: boolean;
}

export interface Device {
  device: string;
  group: string;
  sensor: string;
  tlp: string;
  first: number;
  last: number;
  seconds: number;
  segments: number;
  active: number;
  anomalies: number;
  worst: number | null;
  odd: number;
  profile: string;
  measures: Measure[];
  kinds: Record<string, number>; // anomalies by what fired
  course: number[]; // anomalies along the time that was asked for, 24 equal steps
}

export interface DevicePage {
  items: Device[];
  total: number;
  groups: string[];
}

/** Lowest, mean and highest mW of each step; null where nothing was measured. */
export interface Envelope {
  start: number;
  step_us: number;
  low: (number | null)[];
  mean: (number | null)[];
  high: (number | null)[];
}

/** A time of sleep, or a burst. `shape` runs 0 (base) to 1 (peak); `scores` has energy, duration,
 * shape, rate; `fired` names what made it an anomaly: energy, duration, shape, waveform, interval, sequence,
 * novel, sleep, stir, rate, missing. */
export interface Segment {
  place: string;
  start: number;
  duration_us: number;
  energy_uj: number;
  mean_mw: number;
  peak_mw: number;
  base_mw: number;
  mode: "sleep" | "active";
  application: string;
  shape: number[];
  scores: Record<string, number>;
  score: number | null;
  anomaly: boolean;
  fired: string[];
}

export interface Peer {
  device: string;
  values: Record<string, number | null>;
}

export interface DeviceDetail {
  device: Device;
  since: number;
  until: number;
  envelope: Envelope;
  segments: Segment[];
  anomalies: Segment[];
  peers: Peer[];
  findings: HardwareFinding[];
  cut: boolean;
}

const enc = encodeURIComponent;

export const designs = (query: Query = {}, signal?: AbortSignal): Promise<DesignPage> =>
  get("/hardware/designs", query, signal);

export const design = (digest: string, signal?: AbortSignal): Promise<DesignDetail> =>
  get(`/hardware/designs/${enc(digest)}`, {}, signal);

/** `query`: min (probability), component (number of a region), limit, cursor. */
export const nets = (digest: string, query: Query = {}, signal?: AbortSignal): Promise<NetPage> =>
  get(`/hardware/designs/${enc(digest)}/nets`, query, signal);

export const net = (digest: string, place: number, signal?: AbortSignal): Promise<NetDetail> =>
  get(`/hardware/designs/${enc(digest)}/nets/${place}`, {}, signal);

export const models = (signal?: AbortSignal): Promise<{ items: HardwareModel[]; total: number }> =>
  get("/hardware/models", {}, signal);

/** `query`: group, since, until (ISO 8601 or how long ago). */
export const devices = (query: Query = {}, signal?: AbortSignal): Promise<DevicePage> =>
  get("/hardware/power/devices", query, signal);

/** `query`: since, until; at most about 2000 steps of the envelope come back. */
export const device = (name: string, query: Query = {}, signal?: AbortSignal): Promise<DeviceDetail> =>
  get(`/hardware/power/devices/${enc(name)}`, query, signal);

/** Inventories of cryptography with their verdicts; twin of kaname/cryptography/routes.
 *
 * Instants are microseconds UTC. What is not known is null. */

import { get, post, url, type Query } from "./client";
import type { Text } from "./shapes";

/** From best to worst. */
export const WORDS = [
  "allowed", "allowed-until", "unknown", "finish-migration", "monitored", "not-listed", "not-usable",
] as const;
export type Word = (typeof WORDS)[number];
export type Purpose = "new" | "processing";
export type Counts = Record<Word, number>;

/** `before`: the inventory before it, of the same sensor and name; `unread`: damaged or locked. */
export interface Inventory {
  id: string;
  name: string;
  sensor: string;
  tlp: string;
  path: string;
  tool: string;
  format: string;
  ts: number;
  latest: boolean;
  before: string | null;
  items: number;
  places: number;
  unread: number;
  counts: Counts;
  vulnerable: number;
  outlives: number;
  expired: number;
  unverified: number;
}

export interface InventoryPage {
  items: Inventory[];
  total: number;
  next: string | null;
  year: number;
  use: Purpose;
}

export interface Reason {
  key: string;
  values: Record<string, string | number>;
  text: Text;
}

/** A cell of the policy tables that a verdict stands on; `told`: its source in a sentence. */
export interface Cell {
  document: string;
  table: "list" | "strength" | "tls" | "quantum" | "curve" | "note";
  cell: string;
  says: string;
  source: string;
  told: string;
  date: string;
  verified: boolean;
}

export interface Quantum {
  vulnerable: boolean;
  target: number | null;
  outlives: boolean;
  harvest: boolean;
}

export interface Verdict {
  word: Word;
  until: number | null;
  tier: string | null;
  strength: number | null;
  verified: boolean;
  tls_types: string[];
  quantum: Quantum;
  text: Text;
  reasons: Reason[];
}

/** `at_risk`: recorded today and read later, by Mosca's rule. */
export interface CryptoItem {
  id: string;
  kind: string;
  location: string;
  line: number | null;
  offset: number | null;
  place: string;
  host: string | null;
  port: number | null;
  algorithm: string;
  parameter: string | null;
  use: string | null;
  strength: number | null;
  not_before: number | null;
  not_after: number | null;
  details: Record<string, unknown>;
  evidence: string;
  verdict: Verdict;
  at_risk: boolean;
  cells: Cell[];
}

/** An edition; `dated`: its date is known to be that of the document. */
export interface Version {
  document: string;
  date: string;
  digest: string;
  verified: number;
  cells: number;
  dated: boolean;
}

/** An asset with its word in each year; `target`: by when quantum computers make it go. */
export interface Course {
  asset: string;
  items: number;
  words: Word[];
  target: number | null;
}

export interface Place {
  location: string;
  items: number;
  worst: Word;
  counts: Partial<Counts>;
}

/** `place`: the one location that it is about. */
export interface CryptoFinding {
  id: string;
  analysis: string;
  label: string;
  severity: string;
  confidence: number;
  last_seen: number;
  title: Text;
  place: string | null;
}

export interface InventoryDetail {
  inventory: Inventory;
  year: number;
  use: Purpose;
  confidential_until: number;
  lists: Version[];
  items: CryptoItem[];
  total: number;
  next: string | null;
  facets: Record<"verdict" | "kind" | "standing", Record<string, number>>;
  places: Place[];
  years: [number, number];
  timeline: Course[];
  findings: CryptoFinding[];
}

export type Exposure = "internet" | "internal" | "offline";
export type Effort = "configuration" | "certificate" | "code";

/** One change; `config` has lines to paste by program. */
export interface Step {
  priority: number;
  by: number;
  word: Word;
  algorithm: string;
  parameter: string | null;
  items: number;
  places: string[];
  places_total: number;
  exposure: Exposure;
  lifetime: number;
  effort: Effort;
  harvest_now: boolean;
  target: string;
  target_text: Text;
  why: Text[];
  config: Record<string, string[]>;
  owner: string;
}

/** `confidentiality` and `migration` are years. */
export interface Assumptions {
  quantum_year: number;
  confidentiality: number;
  migration: number;
  exposure: Exposure;
}

export interface Plan {
  inventory: Inventory;
  year: number;
  use: Purpose;
  assumptions: Assumptions;
  steps: Step[];
}

export interface Change {
  place: string;
  kind: string;
  algorithm: string;
  parameter: string | null;
  before: Word | null;
  after: Word | null;
}

export const SORTS = ["added", "worse", "better", "removed"] as const;
export type Sort = (typeof SORTS)[number];

export interface Changes extends Record<Sort, Change[]> {
  before: string | null;
  after: string;
  year: number;
  use: Purpose;
  totals: Record<Sort, number>;
}

export interface TrendPoint {
  id: string;
  ts: number;
  items: number;
  counts: Counts;
  vulnerable: number;
  unread: number;
}

export interface Trend {
  year: number;
  use: Purpose;
  series: { sensor: string; name: string; points: TrendPoint[] }[];
}

/** Verdicts on what was sent; nothing is stored. */
export interface Judged {
  year: number;
  use: Purpose;
  lists: Version[];
  items: CryptoItem[];
  total: number;
  counts: Counts;
  unread: number;
  vulnerable: number;
  outlives: number;
  unverified: number;
  years: [number, number];
  timeline: Course[];
  steps: Step[];
}

const enc = encodeURIComponent;

/** `query`: year, use, sensor, q, limit, after. */
export const inventories = (query: Query = {}, signal?: AbortSignal): Promise<InventoryPage> =>
  get("/crypto/inventories", query, signal);

/** `query`: year, use, confidential_until, q, verdict, kind, standing, place, quantum, item, limit, after. */
export const inventory = (id: string, query: Query = {}, signal?: AbortSignal): Promise<InventoryDetail> =>
  get(`/crypto/inventories/${enc(id)}`, query, signal);

/** `query`: year, use, confidential_until, quantum_year, migration, exposure. */
export const plan = (id: string, query: Query = {}, signal?: AbortSignal): Promise<Plan> =>
  get(`/crypto/inventories/${enc(id)}/plan`, query, signal);

/** `query`: before, year, use. */
export const changes = (id: string, query: Query = {}, signal?: AbortSignal): Promise<Changes> =>
  get(`/crypto/inventories/${enc(id)}/changes`, query, signal);

/** `query`: sensor, name, year, use, limit. */
export const trend = (query: Query = {}, signal?: AbortSignal): Promise<Trend> => get("/crypto/trend", query, signal);

export const judge = (body: { document: unknown; year: number; use: Purpose }, signal?: AbortSignal): Promise<Judged> =>
  post("/crypto/judge/document", body, signal);

/** Where the report is; `query`: format, language, year, use, confidential_until. */
export const reportAt = (id: string, query: Query): string => url(`/crypto/inventories/${enc(id)}/report`, query);

/** Where the inventory is as CycloneDX. */
export const cbomAt = (id: string): string => url(`/crypto/inventories/${enc(id)}/cbom`, { version: "1.7" });

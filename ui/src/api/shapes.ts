/** The documents of the API, version 1: the same names as `kaname.api.shapes`.
 *
 * Instants are microseconds since the epoch, UTC. */

export type Severity = "info" | "low" | "medium" | "high" | "critical";
export type Role =
  | "attacker"
  | "victim"
  | "reflector"
  | "target"
  | "benign"
  | "misconfigured"
  | "unknown";
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type Row = Readonly<Record<string, Value>>;

export interface Artifact {
  readonly kind: string;
  readonly value: string;
  readonly role: Role;
}

export interface Text {
  readonly en: string;
  readonly ja: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance: string;
}

export interface PageOut<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly total: number;
}

export interface StatusOut {
  readonly version: string;
  readonly started: number;
  readonly now: number;
  readonly generation: number;
  readonly language: string;
  readonly zone: string;
  readonly sources: number;
  readonly rows: number;
  readonly bytes: number;
  readonly findings: number;
  readonly indicators: number;
  readonly analysing: boolean;
  readonly ingesting: number;
  readonly disk_free: number;
}

export interface MeOut {
  readonly name: string;
  readonly role: string;
  readonly clearance: string;
  readonly language: string;
}

export interface Count {
  readonly key: string;
  readonly count: number;
  readonly before: number;
}

export interface Change {
  readonly kind: "new_label" | "surge" | "drop" | "new_port" | "source_late" | "damaged" | "first_data";
  readonly text: Text;
  readonly severity: Severity;
  readonly link: string;
}

export interface TimePoint {
  readonly at: number;
  readonly packets: number;
  readonly hosts: number;
}

export interface FindingRow {
  readonly id: string;
  readonly title: Text;
  readonly label: string;
  readonly analysis: string;
  readonly severity: Severity;
  readonly confidence: number;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly created: number;
  readonly sensor: string;
  readonly tlp: string;
  readonly artifacts: readonly Artifact[];
  readonly status: "active" | "withdrawn";
}

export interface SummaryOut {
  readonly since: number;
  readonly until: number;
  readonly live: boolean;
  readonly changes: readonly Change[];
  readonly severities: readonly Count[];
  readonly labels: readonly Count[];
  readonly packets: Count;
  readonly hosts: Count;
  readonly ports: readonly Count[];
  readonly series: readonly TimePoint[];
  readonly findings: readonly FindingRow[];
  readonly indicators: Count;
  readonly sensors: readonly SensorOut[];
}

export interface EvidenceOut {
  readonly query: string;
  readonly tables: readonly string[];
  readonly rows: number;
  readonly digest: string;
  readonly columns: readonly string[];
  readonly sample: readonly Row[];
  readonly sources: readonly Row[];
}

export interface FindingOut {
  readonly id: string;
  readonly analysis: string;
  readonly version: number;
  readonly params: Row;
  readonly values: Row;
  readonly window_start: number;
  readonly window_end: number;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly created: number;
  readonly sensor: string;
  readonly label: string;
  readonly severity: Severity;
  readonly confidence: number;
  readonly spoofable: boolean;
  readonly title: Text;
  readonly text: Text;
  readonly reasons: readonly Text[];
  readonly artifacts: readonly Artifact[];
  readonly techniques: readonly string[];
  readonly tlp: string;
  readonly status: string;
  readonly evidence: EvidenceOut;
  readonly indicators: readonly string[];
  readonly command: string;
}

export interface RerunOut {
  readonly status: "holds" | "changed" | "gone" | "unavailable";
  readonly rows_then: number;
  readonly rows_now: number;
  readonly digest_then: string;
  readonly digest_now: string;
  readonly missing: number;
  readonly seconds: number;
  readonly sample: readonly Row[];
  readonly text: Text;
}

export interface TermOut {
  readonly name: string;
  readonly text: Text;
  readonly value: number;
  readonly now: number;
  readonly observed: number;
  readonly evidence: readonly string[];
  readonly count: number;
  readonly digest: string;
}

export interface IndicatorOut {
  readonly id: string;
  readonly artifact: Artifact;
  readonly label: string;
  readonly state: string;
  readonly model: string;
  readonly score: number;
  readonly bias: number;
  readonly threshold: number;
  readonly terms: readonly TermOut[];
  readonly valid_from: number;
  readonly valid_until: number;
  readonly updated: number;
  readonly active: boolean;
  readonly revoked: boolean;
  readonly tlp: string;
  readonly groups: readonly string[];
  readonly pap: string;
  readonly techniques: readonly string[];
  readonly findings: readonly string[];
  readonly inputs: string;
}

export interface TableOut {
  readonly name: string;
  readonly description: Text;
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly columns: readonly Row[];
  readonly partitions: readonly PartitionOut[];
}

export interface PartitionOut {
  readonly dt: string;
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
}

export interface QueryIn {
  readonly sql: string;
  readonly limit: number;
  readonly seconds: number;
  readonly id: string;
}

export interface QueryOut {
  readonly columns: readonly string[];
  readonly kinds: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  readonly truncated: boolean;
  readonly files: number;
  readonly missing: readonly Row[];
  readonly seconds: number;
  readonly next: string | null;
  readonly meta: MetaOut | null;
}

export interface MetaOut {
  readonly rows: number;
  readonly files: number;
  readonly missing_files: number;
  readonly sampled: boolean;
  readonly engine_ms: number;
}

export interface ListenerOut {
  readonly listener: string;
  readonly place: string;
  readonly sensor: string;
  readonly tlp: string;
  readonly bytes: number;
  readonly records: number;
  readonly rows: number;
  readonly bad: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly notes: Readonly<Record<string, number>>;
  readonly batches: number;
  readonly waiting: number;
  readonly last_commit: number | null;
  readonly error: string | null;
}

export interface SourceOut {
  readonly batch: string;
  readonly path: string;
  readonly size: number;
  readonly sensor: string;
  readonly tlp: string;
  readonly reader: string;
  readonly ingested: number;
  readonly records: number;
  readonly rows: number;
  readonly damaged: boolean;
  readonly counters: Readonly<Record<string, number>>;
  readonly notes: Readonly<Record<string, number>>;
  readonly problems: readonly Row[];
  readonly first: number | null;
  readonly last: number | null;
  readonly seconds: number;
}

export interface PivotRow {
  readonly ts: number;
  readonly table: string;
  readonly role: string;
  readonly sensor: string;
  readonly tlp: string;
  readonly batch: string;
  readonly place: string;
  readonly cells: Row;
}

export interface PivotTable {
  readonly table: string;
  readonly rows: number;
  readonly first_us: number | null;
  readonly last_us: number | null;
}

export interface TimeCount {
  readonly at: number;
  readonly table: string;
  readonly rows: number;
}

export interface PivotOut {
  readonly value: string;
  readonly kind: string;
  readonly since: number | null;
  readonly until: number | null;
  readonly tables: readonly PivotTable[];
  readonly histogram: readonly TimeCount[];
  readonly items: readonly PivotRow[];
  readonly next_cursor: string | null;
  readonly truncated: boolean;
  readonly missing: readonly Row[];
  readonly seconds: number;
}

export interface TimeBin {
  readonly at: number;
  readonly rows: number;
}

export interface HistogramOut {
  readonly since: number;
  readonly until: number;
  readonly step_us: number;
  readonly bins: readonly TimeBin[];
}

export interface TableForecast {
  readonly table: string;
  readonly bytes: number;
  readonly days_kept: number;
  readonly retention_days: number | null;
  readonly bytes_per_day: number;
  readonly full_in_days: number | null;
  readonly steady_bytes: number | null;
  readonly next_removed: string | null;
  readonly removed_on: string | null;
}

export interface ForecastOut {
  readonly disk_free: number;
  readonly bytes_per_day: number;
  readonly tables: readonly TableForecast[];
  readonly full_in_days: number | null;
}

export interface SourceHealthOut {
  readonly sensor: string;
  readonly reader: string;
  readonly table: string;
  readonly last_us: number | null;
  readonly lag_s: number | null;
  readonly batches: number;
  readonly rows: number;
  readonly bad_share: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly live: boolean;
}

export interface SensorOut {
  readonly sensor: string;
  readonly sources: number;
  readonly rows: number;
  readonly last_event: number | null;
  readonly last_ingest: number;
  readonly damaged_share: number;
  readonly state: "ok" | "late" | "damaged";
}

export interface JobOut {
  readonly id: string;
  readonly path: string;
  readonly sensor: string;
  readonly tlp: string;
  readonly state: "queued" | "running" | "done" | "already" | "damaged" | "failed" | "cancelled";
  readonly bytes_read: number;
  readonly bytes_total: number | null;
  readonly records: number;
  readonly rows: number;
  readonly started: number | null;
  readonly ended: number | null;
  readonly error: Text | null;
  readonly batch: string | null;
}

export interface ParameterOut {
  readonly name: string;
  readonly default: Value;
  readonly low: Value;
  readonly high: Value;
  readonly unit: string;
  readonly text: Text;
}

export interface PathsIn {
  readonly paths: readonly string[];
  readonly sensor: string | null;
  readonly tlp: string | null;
  readonly packets: boolean;
}

export interface RunIn {
  readonly since: number | null;
  readonly until: number | null;
  readonly params: Row;
}

export interface RunOut {
  readonly id: string;
  readonly analysis: string;
  readonly since: number;
  readonly until: number;
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
  readonly findings: number | null;
  readonly started: number | null;
  readonly ended: number | null;
  readonly error: Text | null;
}

export interface AnalysisOut {
  readonly name: string;
  readonly version: number;
  readonly text: Text;
  readonly tables: readonly string[];
  readonly period: number;
  readonly parameters: readonly ParameterOut[];
  readonly labels: readonly string[];
  readonly references: readonly string[];
  readonly limitations: readonly Text[];
  readonly techniques: readonly string[];
  readonly last_run: number | null;
  readonly pending: number;
  readonly on_demand: boolean;
}

export interface DayCount {
  readonly at: number;
  readonly analysis: string;
  readonly severity: Severity;
  readonly count: number;
}

export interface LabelOut {
  readonly label: string;
  readonly analysis: string;
  readonly text: Text;
}

export interface ReaderOut {
  readonly name: string;
  readonly text: Text;
  readonly formats: readonly string[];
  readonly tables: readonly string[];
  readonly references: readonly string[];
  readonly limitations: readonly Text[];
}

export interface SettingOut {
  readonly name: string;
  readonly value: Value;
  readonly origin: string;
  readonly text: Text;
}

export interface AccountOut {
  readonly name: string;
  readonly role: string;
  readonly clearance: string;
  readonly disabled: boolean;
}

export interface AccountIn {
  readonly name: string;
  readonly role: string;
  readonly clearance: string;
  readonly language: string;
  readonly disabled: boolean;
}

export interface TokenIn {
  readonly label: string;
  readonly account: string | null;
  readonly expires: number | null;
}

export interface SessionIn {
  readonly token: string;
}

export interface TokenOut {
  readonly id: string;
  readonly account: string;
  readonly label: string;
  readonly created: number;
  readonly expires: number | null;
  readonly last_used: number | null;
  readonly revoked: boolean;
  readonly secret: string | null;
}

export interface AuditOut {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: Row;
}

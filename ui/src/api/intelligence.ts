/** The documents of the routes of intelligence: observations, scores, reports, reviews.
 *
 * Instants are microseconds since the epoch, UTC. Values of artifacts are canonical. */

import type { IndicatorOut, Row, TermOut, Text } from "./shapes";

/** A thing by kind and value. In addresses and texts its key is `kind:value`. */
export interface Named {
  readonly kind: string;
  readonly value: string;
}

export interface LookupOut {
  readonly kind: string | null;
  readonly value: string;
  readonly known: boolean;
  readonly first_seen: number | null;
  readonly last_seen: number | null;
  readonly observations: number;
  readonly sources: number;
  readonly score: number | null;
  readonly indicator: string | null;
  readonly suppressed: boolean;
}

/** POST /lookup: one array a column, in the order that was asked. */
export interface LookupColumns {
  readonly kind: readonly (string | null)[];
  readonly value: readonly string[];
  readonly known: readonly boolean[];
  readonly first_seen: readonly (number | null)[];
  readonly last_seen: readonly (number | null)[];
  readonly observations: readonly number[];
  readonly sources: readonly number[];
  readonly score: readonly (number | null)[];
  readonly indicator: readonly (string | null)[];
  readonly suppressed: readonly boolean[];
}

export interface Counterfactual {
  readonly without?: string;
  readonly until?: number;
  readonly text: Text | string;
  readonly score: number;
}

export interface CurvePoint {
  readonly at: number;
  readonly score: number;
}

export interface ExplanationOut {
  readonly score: number;
  readonly logit: number;
  readonly as_of: number;
  readonly model: string;
  readonly model_sha256: string;
  readonly terms: readonly TermOut[];
  readonly minimal_evidence: readonly string[];
  readonly counterfactuals: readonly Counterfactual[];
  readonly contradicting: readonly string[];
  readonly against: readonly (Text | string)[];
  readonly marking_basis: { readonly effective: string; readonly dropped: readonly string[] | Readonly<Record<string, readonly string[]>> };
  readonly text: Text | string;
  readonly signature: string | null;
  readonly curve: readonly CurvePoint[];
}

export interface VerdictOut {
  readonly id?: string;
  readonly verdict: string;
  readonly note: string;
  readonly at: number;
  readonly analyst: string;
}

export interface SourceCount {
  readonly source: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

export interface RelationOut extends Named {
  readonly how: string;
  readonly observations: number;
  readonly df: number;
  readonly weight: number;
}

export interface WithheldOut extends Named {
  readonly neighbours: number;
}

export interface SuppressionMatch {
  readonly list: string;
  readonly name: string;
  readonly category: string;
  readonly weight: number;
  readonly version: string;
}

export interface ArtifactOut extends Named {
  readonly known: boolean;
  readonly first_seen: number | null;
  readonly last_seen: number | null;
  readonly observations: number;
  readonly days: number;
  readonly sources: readonly SourceCount[];
  readonly roles: readonly { readonly role: string; readonly count: number }[];
  readonly timeline: readonly { readonly at: number; readonly count: number }[];
  readonly relations: readonly RelationOut[];
  readonly withheld: readonly WithheldOut[];
  readonly suppressions: readonly SuppressionMatch[];
  readonly lists_checked: number;
  readonly lists_version: string;
  readonly indicator: IndicatorOut | null;
  readonly entities: readonly EntityRow[];
  readonly cases: readonly { readonly id: string; readonly title: string; readonly state: string }[];
  readonly reports: readonly { readonly id: string; readonly title: string }[];
}

export interface ObservationOut {
  readonly id: string;
  readonly source: string;
  readonly kind: string;
  readonly at: number;
  readonly org: string;
  readonly tlp: string;
  readonly role: string;
  readonly weight: number;
  readonly behaviours: readonly string[];
  readonly finding: string;
  readonly mentions: readonly (Named & { readonly role: string })[];
  readonly body: Row;
}

export interface EntityRow {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

export interface EntityOut extends EntityRow {
  readonly names: readonly { readonly name: string; readonly authority: string }[];
  readonly artifacts: number;
  readonly reports?: number;
}

export interface TechniqueCount {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  readonly indicators: number;
  readonly reports: number;
  readonly sub?: readonly TechniqueCount[];
}

export interface MatrixOut {
  readonly tactics: readonly {
    readonly id: string;
    readonly name: string;
    readonly techniques: readonly TechniqueCount[];
  }[];
  readonly version: string;
  readonly total: number;
}

export interface TechniqueOut {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly tactics?: readonly string[];
  readonly reports?: readonly { readonly id: string; readonly title: string; readonly sentence?: string }[];
  readonly users?: readonly EntityRow[];
  readonly indicators: readonly (Named & { readonly id: string; readonly score: number })[];
}

export interface CampaignRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly artifacts: number;
  readonly sources: number;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly reason: Text | string;
}

export interface MergeOut {
  readonly a: string;
  readonly b: string;
  readonly because: Named & { readonly observations: number; readonly idf: number; readonly evidence?: readonly string[] };
  readonly assertion: string;
  readonly undone: boolean;
}

export interface CampaignOut extends CampaignRow {
  readonly members: readonly (Named & { readonly role: string })[];
  readonly merges: readonly MergeOut[];
}

export interface CaseRow {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly owner: string;
  readonly created: number;
  readonly changed: number;
  readonly tlp: string;
  readonly items: number | readonly unknown[];
  readonly notes: number | readonly unknown[];
}

export interface CaseOut extends Omit<CaseRow, "items" | "notes"> {
  readonly items: readonly (Named & { readonly note: string; readonly at: number; readonly by: string })[];
  readonly notes: readonly { readonly text: string; readonly at: number; readonly by: string }[];
  readonly history: readonly { readonly at: number; readonly by: string; readonly what: string; readonly value: string }[];
}

/** A watch, or a suppression of the organisation: `purpose` tells them apart. */
export interface WatchOut extends Named {
  readonly id: string;
  readonly owner: string;
  readonly purpose: string;
  readonly note: string;
  readonly created: number;
  readonly tlp: string;
  readonly delivers: boolean;
}

export interface HitOut {
  readonly id: string;
  readonly watch: string;
  readonly at: number;
  readonly noticed: number;
  readonly subject: string; // key of the artifact
  readonly entry: string; // of the watch
  readonly observation: string;
  readonly tlp: string;
  readonly purpose: string;
  readonly seen: boolean;
}

export interface FeedOut {
  readonly id: string;
  readonly kind: string;
  readonly url: string;
  readonly path: string;
  readonly state: string;
  readonly reliability: string;
  readonly tlp: string;
  readonly due: number | null;
  readonly changed: number | null;
  readonly every: number; // microseconds; 0: only when asked
  readonly last: {
    readonly at: number;
    readonly new: number;
    readonly duplicates: number;
    readonly rejected: number;
    readonly error: string | null;
  } | null;
  readonly days: readonly { readonly day: string; readonly new: number; readonly duplicates: number; readonly rejected: number }[];
}

export interface ReportRow {
  readonly id: string;
  readonly title: string;
  readonly at: number;
  readonly language: string;
  readonly tlp: string;
  readonly state: string;
  readonly artifacts: number;
  readonly techniques: number;
}

export interface MarkedArtifact extends Named {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
  readonly role: string;
  readonly state: string;
}

export interface MarkedEntity extends EntityRow {
  readonly start: number;
  readonly end: number;
  readonly state: string;
}

export interface MarkedTechnique {
  readonly id: string;
  readonly name: string;
  readonly score: number;
  readonly sentence: string;
  readonly start: number;
  readonly end: number;
  readonly reasons: readonly string[];
  readonly state: string;
}

export interface MarkedRelation {
  readonly a: string;
  readonly how: string;
  readonly b: string;
  readonly sentence: string;
  readonly start: number;
  readonly end: number;
  readonly state: string;
}

export interface ReportOut extends Omit<ReportRow, "artifacts" | "techniques"> {
  readonly text: string;
  readonly artifacts: readonly MarkedArtifact[];
  readonly entities: readonly MarkedEntity[];
  readonly techniques: readonly MarkedTechnique[];
  readonly relations: readonly MarkedRelation[];
}

export interface ReviewOut {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly title: Text | string;
  readonly state: string;
  readonly priority: number;
  readonly created: number;
  readonly tlp: string;
  readonly reason: Text | string;
}

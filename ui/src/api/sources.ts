/** The documents of the telescope's sources; see `kaname.telescope.routes.sources`. */

import type { Severity, Text } from "./shapes";

export interface LabelShare {
  readonly label: string;
  readonly probability: number;
  readonly share: number;
  readonly packets: number;
}

export interface SourceRow {
  readonly source: string;
  readonly first: number;
  readonly last: number;
  readonly packets: number;
  readonly ports: number;
  readonly port: number;
  readonly sessions: number;
  readonly days: number;
  readonly tool: string;
  readonly labels: readonly LabelShare[];
}

export interface SourcePage {
  readonly items: readonly SourceRow[];
  readonly total: number;
  readonly days: boolean;
  readonly next: number | null;
  readonly sql: string;
}

export interface Doing {
  readonly label: string;
  readonly probability: number;
  readonly share: number;
  readonly packets: number;
  readonly family: string;
  readonly tool: string;
  readonly service: string;
  readonly ports: number;
  readonly destinations: number;
  readonly sessions: number;
  readonly days: number;
  readonly first: number;
  readonly last: number;
}

export interface Service {
  readonly service: string;
  readonly ptype: string;
  readonly port: number;
  readonly packets: number;
  readonly minutes: number;
  readonly first: number;
  readonly last: number;
}

export interface Span {
  readonly first: number;
  readonly last: number;
  readonly packets: number;
}

export interface Trait {
  readonly name: string;
  readonly packets: number;
}

export interface Dossier {
  readonly address: string;
  readonly since: number;
  readonly until: number;
  readonly packets: number;
  readonly first: number;
  readonly last: number;
  readonly sensors: readonly string[];
  readonly destinations: number;
  readonly country: string;
  readonly asn: number;
  readonly as_name: string;
  readonly prefix: string;
  readonly doings: readonly Doing[];
  readonly course: { readonly start: number; readonly step: number; readonly series: Readonly<Record<string, readonly number[]>> };
  readonly services: readonly Service[];
  readonly sessions: readonly Span[];
  readonly expiry: number;
  readonly marks: readonly Trait[];
  readonly relations: readonly Trait[];
  readonly ttls: readonly Trait[];
  readonly windows: readonly Trait[];
  readonly sql: string;
}

export interface NamingFinding {
  readonly id: string;
  readonly label: string;
  readonly analysis: string;
  readonly severity: Severity;
  readonly last_seen: number;
  readonly title: Text;
}

/** Reasons by `label/family`. */
export type SourceReasons = Readonly<Record<string, readonly Text[]>>;

export interface SourceOut {
  readonly dossier: Dossier;
  readonly findings: readonly NamingFinding[];
  readonly attributions: readonly string[];
}

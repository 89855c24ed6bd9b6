/** The policy tables of cryptography; twin of kaname/cryptography/policy/tables.py. */

import { get } from "./client";
import type { Purpose, Version } from "./cryptography";
import type { Text } from "./shapes";

interface Sourced {
  source: string;
  date: string;
  verified: boolean;
}
interface Document {
  document: string;
  title: Text;
  date: string;
  sources: Record<string, string>;
}

export type Tier = "recommended" | "pqc" | "candidate" | "monitored" | "not-listed" | "unseen";
export type State = "usable" | "tolerated" | "finish-migration" | "not-usable";
export type Level = "obligatory" | "recommended" | "allowed" | "forbidden";
export type Profile = "high" | "recommended" | "exception";

export interface ListCell extends Sourced {
  technique: string;
  tier: Tier;
  category: string;
}
export interface Note extends Sourced {
  technique: string;
  note: string;
}
export interface StrengthCell extends Sourced {
  use: Purpose;
  strength: number;
  first: number;
  last: number;
  state: State;
}
export interface Equivalence extends Sourced {
  techniques: string[];
  bits: number;
  strength: number;
}
export interface Curve extends Sourced {
  curve: string;
  listed: boolean | null;
}
export interface Rule extends Sourced {
  profile: Profile;
  item: string;
  value: string;
  level: Level;
}

/** The policy tables, each cell with source, date and standing. */
export interface Policy {
  versions: Version[];
  lists: Document & { cells: ListCell[]; notes: Note[] };
  strengths: Document & { cells: StrengthCell[]; equivalence: Equivalence[]; curves: Curve[] };
  tls: Document & { profiles: (Sourced & { profile: Profile; title: Text })[]; rules: Rule[] };
  quantum: Document & { cells: (Sourced & { key: string; value: number | string })[] };
}

export const policy = (signal?: AbortSignal): Promise<Policy> => get("/crypto/policy", {}, signal);

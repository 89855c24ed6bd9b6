/** The documents of the campaign board; see `kaname.telescope.routes.campaigns`. */

import type { Text } from "./shapes";

export const STATES = ["growing", "new", "steady", "ended"] as const;
export type State = (typeof STATES)[number];

export interface Moment {
  readonly finding: string;
  readonly analysis: string;
  readonly title: Text;
  readonly window_start: number;
  readonly window_end: number;
  readonly level: number;
  readonly course: readonly number[]; // active sources by hour of the window
}

export interface Campaign {
  readonly id: string;
  readonly state: State;
  readonly services: readonly string[];
  readonly families: readonly string[];
  readonly sensors: readonly string[];
  readonly first_seen: number;
  readonly last_seen: number;
  readonly sources: number;
  readonly packets: number;
  readonly peak: number;
  readonly doubling: number; // hours; 0: does not grow
  readonly detectors: readonly string[];
  readonly finding: string;
  readonly tlp: string;
  readonly moments: readonly Moment[];
  readonly members: readonly { readonly source: string; readonly share: number }[];
}

export interface DetectorAlert {
  readonly finding: string;
  readonly analysis: string;
  readonly title: Text;
  readonly start: number;
  readonly end: number;
}

export interface BoardOut {
  readonly items: readonly Campaign[];
  readonly alerts: readonly DetectorAlert[];
  readonly until: number;
}

export interface CampaignOut {
  readonly campaign: Campaign;
  readonly similar: readonly {
    readonly id: string;
    readonly services: readonly string[];
    readonly first_seen: number;
    readonly likeness: number;
  }[];
  readonly because: readonly Text[];
}

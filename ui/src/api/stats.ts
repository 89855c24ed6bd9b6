/** Statistics of the telescope, as `GET /telescope/stats` answers. */

export type Step = "5m" | "1h" | "1d";

/** One step of time; null where nothing was observed at all, which is not zero. */
export interface StatsBin {
  readonly at: number;
  readonly packets: number | null;
  readonly hosts: number | null;
}

export interface StatsCell {
  readonly key: string;
  readonly name: string;
  readonly packets: number;
  readonly hosts: number;
  readonly where: string; // the query of the rows behind it
}

export type StatsBy = "country" | "asn" | "tcp" | "udp" | "label" | "ptype";

export interface StatsRanking {
  readonly by: StatsBy;
  readonly exact: boolean; // else hosts are the mean of a day
  readonly keys: number;
  readonly by_hosts: readonly StatsCell[];
  readonly by_packets: readonly StatsCell[];
}

export interface StatsOut {
  readonly since: number;
  readonly until: number;
  readonly bin: number;
  readonly sensor: string;
  readonly sensors: readonly string[];
  readonly survey: boolean;
  readonly packets: number;
  readonly hosts: number;
  readonly where: string;
  readonly bins: readonly StatsBin[];
  readonly rankings: readonly StatsRanking[];
  readonly pending: readonly string[];
  readonly networks: string;
  readonly attributions: readonly { readonly text: string; readonly link: string }[];
}

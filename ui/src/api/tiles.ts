/** What `/telescope/tiles` answers: sources of a slot of time, and their points as columns. */

export interface TileOut {
  readonly source: string;
  readonly packets: number;
  readonly ports: number;
  readonly destinations: number;
  readonly first: number;
  readonly last: number;
  readonly ptype: string;
  readonly label: string;
  readonly country: string;
  readonly new: boolean | null;
}

/** Base64 of little-endian columns: uint16, and uint8 for `ptype`. */
export interface PointsOut {
  readonly count: number;
  readonly tile: string;
  readonly time: string;
  readonly dst: string;
  readonly port: string;
  readonly ptype: string;
}

export interface TilesOut {
  readonly since: number;
  readonly until: number;
  readonly sources: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly countries: Readonly<Record<string, number>>;
  readonly ptypes: readonly string[];
  readonly tiles: readonly TileOut[];
  readonly points: PointsOut;
  readonly sql: string;
}

/** Points of tiles: decoded, grouped by tile, and placed on a small canvas. */

import type { PointsOut } from "../../api/tiles";

export interface Columns {
  readonly time: Uint16Array;
  readonly dst: Uint16Array;
  readonly port: Uint16Array;
  readonly ptype: Uint8Array;
  readonly from: Uint32Array; // of tile n: from[n] to from[n + 1]
}

export const KINDS = ["tcp", "answer", "udp", "icmp", "other"] as const;
export type Kind = (typeof KINDS)[number];

const FULL = 65_535;

function bytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

function words(text: string): Uint16Array {
  const raw = bytes(text);
  const view = new DataView(raw.buffer);
  return Uint16Array.from({ length: raw.length / 2 }, (_, n) => view.getUint16(2 * n, true));
}

/** The columns of `points`, of which the server sends each tile's in one piece, in order. */
export function decode(points: PointsOut, tiles: number): Columns {
  const tile = words(points.tile);
  const from = new Uint32Array(tiles + 1);
  for (const n of tile) from[n + 1] = (from[n + 1] ?? 0) + 1;
  for (let n = 0; n < tiles; n++) from[n + 1] = (from[n + 1] ?? 0) + (from[n] ?? 0);
  return {
    time: words(points.time),
    dst: words(points.dst),
    port: words(points.port),
    ptype: bytes(points.ptype),
    from,
  };
}

/** What a packet type is to the eye: a question, an answer, UDP, ICMP, or else. */
export function kindOf(ptype: string): Kind {
  if (ptype === "tcp_syn") return "tcp";
  if (ptype === "tcp_synack" || ptype === "tcp_rst" || ptype === "udp_answer") return "answer";
  if (ptype.startsWith("udp")) return "udp";
  if (ptype.startsWith("icmp")) return "icmp";
  return "other";
}

/** Where a port stands, 0 to 1: half of the height for the ports below 1024, which most use. */
export function portPlace(port: number): number {
  return port < 1024 ? port / 2048 : 0.5 + (port - 1024) / (2 * (FULL - 1024));
}

export interface Box {
  readonly width: number;
  readonly height: number; // of each of the two halves
  readonly gap: number;
}

/** (x, y above, y below) of a point in pixels: destination above, port below. */
export function place(columns: Columns, n: number, box: Box): readonly [number, number, number] {
  const x = Math.round(((columns.time[n] ?? 0) / FULL) * (box.width - 2));
  const room = box.height - 2;
  const above = Math.round((1 - (columns.dst[n] ?? 0) / FULL) * room);
  const below = Math.round((1 - portPlace(columns.port[n] ?? 0)) * room);
  return [x, above, box.height + box.gap + below];
}

/** Where the arrow keys lead from tile `at` of `count` in rows of `columns`. */
export function moved(key: string, at: number, count: number, columns: number): number {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: -at,
    End: count - 1 - at,
    PageUp: -columns * 4,
    PageDown: columns * 4,
  };
  const step = steps[key];
  return step === undefined ? at : Math.min(count - 1, Math.max(0, at + step));
}

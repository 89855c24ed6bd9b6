/** What a packet is coloured by: its type, or the tool that its header gives away. */

import type { Key } from "../../i18n/index.svelte";

export interface Group {
  readonly key: string;
  readonly name: Key;
  readonly tone: string; // class that sets --tone
}

/** No group is left out. */
export const NONE: ReadonlySet<string> = new Set();

export const TYPES: readonly Group[] = [
  { key: "syn", name: "replay.type.syn", tone: "c0" },
  { key: "answer", name: "replay.type.answer", tone: "c3" },
  { key: "tcp", name: "replay.type.tcp", tone: "c4" },
  { key: "udp", name: "replay.type.udp", tone: "c2" },
  { key: "udp_answer", name: "replay.type.udp_answer", tone: "c7" },
  { key: "icmp", name: "replay.type.icmp", tone: "c1" },
  { key: "other", name: "replay.type.other", tone: "c9" },
];

export const TOOLS: readonly Group[] = [
  { key: "mirai", name: "replay.tool.mirai", tone: "c1" },
  { key: "masscan", name: "replay.tool.masscan", tone: "c3" },
  { key: "zmap", name: "replay.tool.zmap", tone: "c0" },
  { key: "nmap", name: "replay.tool.nmap", tone: "c4" },
  { key: "none", name: "replay.tool.none", tone: "c9" },
];

const BY_NAME: Record<string, number> = { tcp_syn: 0, tcp_synack: 1, tcp_rst: 1, tcp_ack: 2, tcp_other: 2, udp: 3, udp_answer: 4 };
const ICMP = 5;
const OTHER = 6;

/** The place in `TYPES` of each of a frame's packet types. */
export function typesOf(ptypes: readonly string[]): Uint8Array {
  return Uint8Array.from(ptypes, (name) => BY_NAME[name] ?? (name.startsWith("icmp") ? ICMP : OTHER));
}

const MASKS = [1, 2, 4 | 8 | 16, 32]; // fingerprint bits of `flowtuples`

/** The place in `TOOLS` of a packet with these marks. */
export function toolOf(marks: number): number {
  const found = MASKS.findIndex((mask) => (marks & mask) !== 0);
  return found < 0 ? MASKS.length : found;
}

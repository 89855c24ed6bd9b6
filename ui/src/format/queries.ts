/** The lake queries behind the numbers that the console shows. */

import { link } from "../state/address";
import { literal, stamp } from "./sql";

const FLOWS = `SELECT ts, ip(src_hi, src_lo) AS src, ip(dst_hi, dst_lo) AS dst, port, ptype, packets, octets
FROM flowtuples`;

const within = (since: number, until: number): string =>
  `ts >= ${stamp(since)} AND ts < ${stamp(until)}`;

/** The heaviest flow rows of a period. */
export function flows(since: number, until: number): string {
  return `${FLOWS}\nWHERE ${within(since, until)}\nORDER BY packets DESC, ts`;
}

/** The sources of a period, the busiest first. */
export function hosts(since: number, until: number): string {
  return `SELECT ip(src_hi, src_lo) AS src, sum(packets) AS packets, sum(uniq_dst) AS targets,
  count(DISTINCT port) AS ports, min(ts) AS first, max(ts) AS last
FROM flowtuples\nWHERE ${within(since, until)}\nGROUP BY 1\nORDER BY packets DESC`;
}

const PROTOCOLS: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };

/** The sources that asked for one service, such as `tcp/23`. */
export function service(key: string, since: number, until: number): string {
  const [name = "", port = "0"] = key.split("/");
  const proto = PROTOCOLS[name.toLowerCase()] ?? Number(name);
  const match = `proto = ${Number(proto) || 0} AND port = ${Number(port) || 0}`;
  return `SELECT ip(src_hi, src_lo) AS src, sum(packets) AS packets, sum(uniq_dst) AS targets,
  min(ts) AS first, max(ts) AS last
FROM flowtuples\nWHERE ${within(since, until)}\n  AND ${match}\nGROUP BY 1\nORDER BY packets DESC`;
}

/** The rows that one source of the lake gave. */
export function batch(table: string, id: string): string {
  return `SELECT *\nFROM ${table}\nWHERE batch = ${/^-?\d+$/.test(id) ? id : literal(id)}\nORDER BY ts`;
}

/** What the lake knows of pasted addresses, given as pairs of words. */
export function pasted(words: readonly (readonly [bigint, bigint])[]): string {
  const list = words.map(([hi, lo]) => `(${hi},${lo})`).join(",");
  return `SELECT ip(src_hi, src_lo) AS src, sum(packets) AS packets, count(DISTINCT port) AS ports,
  min(ts) AS first, max(ts) AS last
FROM flowtuples\nWHERE (src_hi, src_lo) IN (${list})\nGROUP BY 1\nORDER BY packets DESC`;
}

export function inLake(sql: string): string {
  return link(["lake"], { sql });
}

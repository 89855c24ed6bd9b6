/** One row of any table in a few words: which cells say most, in which order. */

import type { Row, Value } from "../api/shapes";
import { plain } from "./cells";

const TELLING: Readonly<Record<string, readonly string[]>> = {
  alerts: ["signature", "src", "dst", "dport", "domain", "url", "action"],
  crawl: ["page_url", "final_url", "verdict", "title", "status"],
  dns: ["qname", "qtype", "rcode", "src", "dst", "answers"],
  endpoint: ["event_class", "host", "user", "image", "cmdline", "dst", "dport", "target_path", "message"],
  exposure: ["src", "service", "port", "report", "hostname", "asn", "amp_factor"],
  feeds: ["value", "feed", "label", "target", "status"],
  flows: ["src", "sport", "dst", "dport", "proto", "packets", "octets", "state", "app"],
  flowtuples: ["src", "dst", "port", "proto", "ptype", "packets", "uniq_dst"],
  hops: ["src", "dst", "ttl", "hop", "rtt_us", "asn"],
  mail: ["from_addr", "subject", "src", "rcpt", "urls", "attach_sha256"],
  packets: ["src", "sport", "dst", "dport", "proto", "ptype", "ip_len"],
  routes: ["op", "prefix", "plen", "origin_as", "path", "next_hop"],
  tls: ["sni", "src", "dst", "dport", "version", "issuer", "ja4"],
  user_events: ["app", "user", "host", "src", "method", "url", "domain", "dst", "dport", "status", "result", "message"],
};

/** Columns of every table, which tell a person nothing about one row. */
export const COMMON: ReadonlySet<string> = new Set(["ts", "sensor", "kind", "tlp", "batch", "row_in_src", "ext"]);

const NOTHING = new Set(["", "::", "0", "[]"]);
const MOST = 7;

/** Name and value of the cells that say most, without the empty ones. */
export function telling(table: string, cells: Row): readonly (readonly [string, Value])[] {
  const names = TELLING[table] ?? Object.keys(cells).filter((name) => !COMMON.has(name));
  return names
    .map((name) => [name, cells[name] ?? null] as const)
    .filter(([, value]) => value !== null && !NOTHING.has(plain(value)))
    .slice(0, MOST);
}

/** Columns to begin with where a table has too many to show at once; the rest is a choice away. */
export function chosen(table: string, columns: readonly string[]): readonly string[] {
  const wanted = TELLING[table];
  if (!wanted) return columns.filter((name) => name === "ts" || !COMMON.has(name));
  return ["ts", "sensor", ...wanted].filter((name) => columns.includes(name));
}

/** The filters of a table: from the URL to the API and to SQL. */

import type { Query } from "../../api/client";
import type { Row } from "../../api/shapes";
import { words } from "../../format/ip";
import { literal, stamp } from "../../format/sql";
import type { Params } from "../../state/address";

export const FILTERS = ["address", "name", "sub", "port", "proto", "sensor"] as const;

const PORTS = ["port", "sport", "dport"] as const;
const NAMES = [
  "qname", "regdom", "domain", "sni", "from_dom", "hostname", "host", "domains", "url_regdoms",
] as const;
const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmpv6: 58, sctp: 132 };

/** The protocol's number, by name or number; NaN for what is neither. */
export function protocol(text: string): number {
  return PROTOCOLS[text.toLowerCase()] ?? (/^\d{1,3}$/.test(text) ? Number(text) : NaN);
}

export interface Abilities {
  readonly port: boolean;
  readonly proto: boolean;
  readonly name: boolean;
}

/** Which filters a table with these columns can take. */
export function abilities(columns: readonly string[]): Abilities {
  return {
    port: PORTS.some((name) => columns.includes(name)),
    proto: columns.includes("proto"),
    name: NAMES.some((name) => columns.includes(name)),
  };
}

/** What the API is asked for. */
export function asked(params: Params): Query {
  const { address = "", name, sub, port, proto = "", sensor, since, until } = params;
  const net = address.includes("/");
  return {
    since,
    until,
    ip: net ? "" : address,
    "ip.net": net ? address : "",
    fqdn: sub ? "" : name,
    "fqdn.sub": sub ? name : "",
    port,
    proto: proto && !Number.isNaN(protocol(proto)) ? protocol(proto) : "",
    sensor,
  };
}

/** How many filters narrow the rows, the period apart. */
export function narrowing(params: Params): number {
  return FILTERS.filter((name) => name !== "sub" && params[name]).length;
}

/** The same rows as a statement that a person can go on with. */
export function statement(table: string, columns: readonly Row[], params: Params): string {
  const names = columns.map((column) => String(column["name"]));
  const lists = new Set(columns.filter((c) => String(c["kind"]).endsWith("_list")).map((c) => String(c["name"])));
  const sides = names.filter((name) => name.endsWith("_hi")).map((name) => name.slice(0, -3));
  const where = [
    params["since"] ? `ts >= ${stamp(Number(params["since"]))}` : "",
    params["until"] ? `ts < ${stamp(Number(params["until"]))}` : "",
    params["address"] ? inside(sides, params["address"]) : "",
    params["name"] ? named(names, lists, params["name"], Boolean(params["sub"])) : "",
    params["port"] ? some(PORTS.filter((name) => names.includes(name)).map((name) => `${name} = ${Number(params["port"])}`)) : "",
    params["proto"] ? `proto = ${protocol(params["proto"])}` : "",
    params["sensor"] ? `sensor = ${literal(params["sensor"])}` : "",
  ].filter(Boolean);
  const shown = sides.map((side) => `ip(${side}_hi, ${side}_lo) AS ${side}`);
  const filter = where.length > 0 ? `\nWHERE ${where.join("\n  AND ")}` : "";
  return `SELECT ${[...shown, "*"].join(", ")}\nFROM ${table}${filter}\nORDER BY ts`;
}

const some = (conditions: readonly string[]): string =>
  conditions.length > 1 ? `(${conditions.join(" OR ")})` : (conditions[0] ?? "false");

function named(columns: readonly string[], lists: ReadonlySet<string>, name: string, sub: boolean): string {
  const wanted = name.toLowerCase().replace(/^\*?\.|\.$/g, "");
  const within = (column: string): string =>
    sub ? `(${column} = ${literal(wanted)} OR ends_with(${column}, ${literal(`.${wanted}`)}))` : `${column} = ${literal(wanted)}`;
  return some(
    NAMES.filter((one) => columns.includes(one)).map((one) =>
      lists.has(one) ? `list_contains(${one}, ${literal(wanted)})` : within(one),
    ),
  );
}

/** Both words of the addresses of a prefix lie between the first and the last one's. */
function inside(sides: readonly string[], text: string): string {
  const [address = "", length] = text.split("/");
  const full = address.includes(":") ? 128 : 32;
  const bits = 128 - full + (length === undefined ? full : Number(length));
  const [hi, lo] = words(address);
  if (bits === 128) return some(sides.map((side) => `(${side}_hi = ${hi} AND ${side}_lo = ${lo})`));
  if (bits <= 64) return some(sides.map((side) => between(`${side}_hi`, hi, 64 - bits)));
  return some(sides.map((side) => `(${side}_hi = ${hi} AND ${between(`${side}_lo`, lo, 128 - bits)})`));
}

function between(column: string, word: bigint, free: number): string {
  const mask = (1n << BigInt(free)) - 1n;
  const low = BigInt.asIntN(64, BigInt.asUintN(64, word) & ~mask);
  return `${column} BETWEEN ${low} AND ${BigInt.asIntN(64, BigInt.asUintN(64, low) | mask)}`;
}

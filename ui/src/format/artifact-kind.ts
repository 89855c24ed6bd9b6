/** What any string most likely is, for the search box, before the server has said so. */

import { kindOf, refang } from "./artifact";

export interface Guess {
  readonly kind: string; // a kind of artifact, "" for words
  readonly value: string; // with its disguise taken off
}

const KINDS: Readonly<Record<string, string>> = {
  ip: "ip", net: "prefix", domain: "domain", url: "url", email: "mail", hash: "hash", asn: "asn",
};

const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ["vulnerability", /^CVE-\d{4}-\d{4,}$/i],
  ["registry", /^(?:HK(?:LM|CU|CR|U|CC)|HKEY_[A-Z_]+)\\\S/i],
  ["wallet", /^(?:bc1[02-9ac-hj-np-z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-f]{40})$/i],
  ["fingerprint", /^(?:ja3s?|ja4|jarm|imphash|ssdeep|hassh):\S+$/i],
];

/** The kind and the plain form of one line; words stay as they are. */
export function guess(text: string): Guess {
  const value = refang(text);
  const special = PATTERNS.find(([, pattern]) => pattern.test(value));
  if (special) return { kind: special[0], value: special[0] === "vulnerability" ? value.toUpperCase() : value };
  const kind = KINDS[kindOf(value)] ?? "";
  return kind ? { kind, value: /^(?:domain|mail|hash)$/.test(kind) ? value.toLowerCase() : value } : { kind, value: text.trim() };
}

/** `kind:value`, as texts and addresses name an artifact. */
export function key(kind: string, value: string): string {
  return `${kind}:${value}`;
}

/** The two parts of a key; values may hold further colons. */
export function parts(text: string): { kind: string; value: string } {
  const at = text.indexOf(":");
  return at < 0 ? { kind: "", value: text } : { kind: text.slice(0, at), value: text.slice(at + 1) };
}

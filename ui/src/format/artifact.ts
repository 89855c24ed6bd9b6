/** What a pasted string is: an address, a name, a hash. And which columns of the lake hold such. */

import { isAddress } from "./ip";

export type Kind = "ip" | "net" | "domain" | "url" | "email" | "hash" | "asn" | "name";

/** Undo what reports do so that nobody clicks: hxxp, [.], (at), ＜＞ and quotes around. */
export function refang(text: string): string {
  return text
    .normalize("NFKC")
    .trim()
    .replace(/^[<"'`(]+|[>"'`),;]+$/g, "")
    .replace(/^h(?:xx|tt|\*\*)ps?(?=\[?:|__)/i, (scheme) => (/s$/i.test(scheme) ? "https" : "http"))
    .replace(/\[:\/\/\]|__\/\//g, "://")
    .replace(/\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\\\./gi, ".")
    .replace(/\[:\]/g, ":")
    .replace(/\s?(?:\[@\]|\[at\]|\(at\)|\{at\})\s?/gi, "@");
}

const HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;
const DOMAIN = /^(?:\*\.)?(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?\.)+\p{L}[\p{L}\p{N}-]*\p{L}\.?$/u;

const TESTS: readonly (readonly [Kind, (text: string) => boolean])[] = [
  ["net", (text) => text.includes("/") && isAddress(text) && /\/\d{1,3}$/.test(text)],
  ["ip", (text) => !text.includes("/") && isAddress(text.toLowerCase())],
  ["url", (text) => /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text)],
  ["email", (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)],
  ["hash", (text) => HASH.test(text)],
  ["asn", (text) => /^AS\d{1,10}$/i.test(text)],
  ["domain", (text) => DOMAIN.test(text)],
];

/** What a string that stands alone names; a host or user where nothing else fits. */
export function kindOf(text: string): Kind {
  return TESTS.find(([, test]) => test(text))?.[0] ?? "name";
}

/** The distinct values in what was pasted: one a line, or all that looks like one in a line. */
export function values(text: string, most: number): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  const found = lines.length === 1 && !/[,;\t]/.test(text) ? lines.map(refang) : lines.flatMap(fromLine);
  return [...new Set(found.filter(Boolean))].slice(0, most);
}

function fromLine(line: string): string[] {
  const alone = refang(line);
  if (!/[\s,;|]/.test(alone)) return [alone];
  const words = line.split(/[\s,;|]+/).map(refang).filter((word) => word && kindOf(word) !== "name");
  return words.length > 0 ? words : [alone];
}

/** Columns of the lake's tables that name an artifact, besides addresses. */
const COLUMNS: Readonly<Record<string, Kind>> = {
  qname: "domain", regdom: "domain", domain: "domain", domains: "domain", sni: "domain",
  from_dom: "domain", url_regdoms: "domain", hostname: "domain",
  url: "url", urls: "url", page_url: "url", final_url: "url", resource_urls: "url", referrer: "url",
  sha256: "hash", md5: "hash", sha256s: "hash", attach_sha256: "hash", cert_sha256: "hash",
  ja3: "hash", ja4: "name", from_addr: "email", env_from: "email", rcpt: "email",
  host: "name", user: "name", answers: "domain", value: "domain",
};

/** Whether the values of a column name artifacts, so that they lead to the pivot. */
export function isArtifact(column: string, kind = ""): boolean {
  return kind === "address" || column in COLUMNS;
}

/** The kinds of artifacts and of what is spoken of: names and colours. */

import type { Key } from "../i18n/index.svelte";

export const ARTIFACTS = [
  "ip", "prefix", "port", "domain", "url", "hash", "mail", "asn", "vulnerability", "wallet",
  "registry", "mutex", "file", "agent", "fingerprint", "certificate",
] as const;

const NAMES: Readonly<Record<string, Key>> = Object.fromEntries(
  ARTIFACTS.map((kind) => [kind, `kind.${kind}` as Key]),
);

/** The kind in words; what no catalogue has is "other". */
export function kindKey(kind: string | null): Key {
  return NAMES[kind ?? ""] ?? "kind.other";
}

const ENTITIES = new Set(["actor", "malware", "tool", "technique", "campaign", "sector", "vulnerability", "tag", "report", "country", "case"]);

/** The type of an entity in words. */
export function entityKey(type: string): Key {
  return ENTITIES.has(type) ? (`entity.${type}` as Key) : "entity.other";
}

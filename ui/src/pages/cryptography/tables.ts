/** The policy tables, put in order for the page. No markup. */

import type { Purpose, Version, Word } from "../../api/cryptography";
import type { ListCell, Rule, State, StrengthCell, Tier } from "../../api/policy-tables";
import type { Key } from "../../i18n/index.svelte";

export const TIERS: readonly Tier[] = ["recommended", "pqc", "candidate", "monitored", "not-listed", "unseen"];

/** The word that a tier alone would give: its colour. */
export function wordOfTier(tier: Tier): Word {
  if (tier === "monitored" || tier === "not-listed") return tier;
  if (tier === "unseen") return "unknown";
  return tier === "candidate" ? "allowed-until" : "allowed";
}

/** The word that a state of the strength table gives: its colour. */
export function wordOfState(state: State): Word {
  if (state === "usable") return "allowed";
  return state === "tolerated" ? "allowed-until" : state;
}

/** Techniques of a tier that have `q` in their name or category, in the order of the list. */
export function listed(cells: readonly ListCell[], tier: Tier | undefined, q: string): readonly ListCell[] {
  return cells.filter(
    (cell) => (!tier || cell.tier === tier) && (cell.technique.toLowerCase().includes(q) || cell.category.includes(q)),
  );
}

const NOTES = ["storage-only", "iv-96", "blocks-2-20", "fixed-length", "output-256", "mac-hmac-cmac"] as const;

/** The text of a condition of use; null where the console has none. */
export function noteKey(note: string): Key | null {
  const known = NOTES.find((one) => one === note);
  return known ? `crypto.note.${known}` : null;
}

/** How many cells of all documents were compared with them. */
export function verifiedShare(versions: readonly Version[]): { verified: number; cells: number } {
  return {
    verified: versions.reduce((sum, one) => sum + one.verified, 0),
    cells: versions.reduce((sum, one) => sum + one.cells, 0),
  };
}

export interface Period {
  readonly first: number;
  readonly last: number;
}

export interface StrengthRow {
  readonly strength: number;
  readonly cells: readonly StrengthCell[]; // one a period
}

/** The strength table of a use: periods across, strengths down. */
export function strengthTable(cells: readonly StrengthCell[], use: Purpose): { periods: Period[]; rows: StrengthRow[] } {
  const own = cells.filter((cell) => cell.use === use).sort((a, b) => a.strength - b.strength || a.first - b.first);
  const starts = [...new Set(own.map((cell) => cell.first))].sort((a, b) => a - b);
  const periods = starts.map((first) => ({ first, last: own.find((cell) => cell.first === first)?.last ?? first }));
  const strengths = [...new Set(own.map((cell) => cell.strength))];
  return { periods, rows: strengths.map((strength) => ({ strength, cells: own.filter((cell) => cell.strength === strength) })) };
}

const VALUES: Readonly<Record<string, Key>> = {
  anonymous: "crypto.value.anonymous",
  "strength >= 112": "crypto.value.strength_112",
  "group P-256 or stronger": "crypto.value.group_p256",
  "DH 2048 or more": "crypto.value.dh_2048",
  "group below 112": "crypto.value.group_below_112",
  "RSA 2048 or more": "crypto.value.rsa_2048",
  "ECDSA P-256 or stronger": "crypto.value.ecdsa_p256",
  "SHA-256 or stronger": "crypto.value.sha_256",
};

/** The text of a rule's subject where that is words; null where it is a name. */
export function valueKey(value: string): Key | null {
  return VALUES[value] ?? null;
}

export interface RuleRow {
  readonly item: string;
  readonly value: string;
  readonly rules: Partial<Record<string, Rule>>; // by profile
}

/** What the guideline says of each thing in each of its types, in the order of the document. */
export function ruleRows(rules: readonly Rule[]): RuleRow[] {
  const found = new Map<string, { item: string; value: string; rules: Record<string, Rule> }>();
  for (const rule of rules) {
    const key = `${rule.item} ${rule.value}`;
    const row = found.get(key) ?? { item: rule.item, value: rule.value, rules: {} };
    row.rules[rule.profile] = rule;
    found.set(key, row);
  }
  const order = [...new Set(rules.map((rule) => rule.item))];
  return [...found.values()].sort((a, b) => order.indexOf(a.item) - order.indexOf(b.item));
}

/** What the pages on cryptography compute: words, spans of years, filters. No markup. */

import { WORDS, type Counts, type Course, type CryptoItem, type Purpose, type Step, type Word } from "../../api/cryptography";
import type { IconName } from "../../kit/Icon.svelte";
import type { Params } from "../../state/address";

export const FIRST = 2026;
export const LAST = 2070;

interface Look {
  readonly icon: IconName;
  readonly tone: "good" | "warn" | "bad" | "plain";
  readonly hue: string; // class that sets --tone
}

/** Each word with a shape and a colour of its own. */
export const LOOKS: Readonly<Record<Word, Look>> = {
  allowed: { icon: "check", tone: "good", hue: "c2" },
  "allowed-until": { icon: "clock", tone: "good", hue: "c5" },
  unknown: { icon: "help", tone: "plain", hue: "c9" },
  "finish-migration": { icon: "rerun", tone: "warn", hue: "severity-medium" },
  monitored: { icon: "watch", tone: "warn", hue: "severity-high" },
  "not-listed": { icon: "less", tone: "bad", hue: "c4" },
  "not-usable": { icon: "close", tone: "bad", hue: "severity-critical" },
};

/** From worst to best: what needs work comes first. */
export const WORST: readonly Word[] = [...WORDS].reverse();

export interface Choice {
  readonly year: number;
  readonly use: Purpose;
  readonly secret: number | undefined; // until when data must stay secret
}

const yearOf = (text: string | undefined): number | null => (text && /^\d{4}$/.test(text) ? Number(text) : null);

/** The year and the use that the address names; without one, `now` and what exists. */
export function choice(params: Params, now: number): Choice {
  const asked = yearOf(params["year"]) ?? now;
  return {
    year: Math.max(FIRST, Math.min(LAST, asked)),
    use: params["use"] === "new" ? "new" : "processing",
    secret: yearOf(params["secret"]) ?? undefined,
  };
}

export interface Span {
  readonly word: Word;
  readonly from: number;
  readonly to: number; // the last year
}

/** Years with the same word, one after the other. */
export function spans(words: readonly Word[], first: number): Span[] {
  const found: { word: Word; from: number; to: number }[] = [];
  words.forEach((word, i) => {
    const last = found.at(-1);
    if (last?.word === word) last.to = first + i;
    else found.push({ word, from: first + i, to: first + i });
  });
  return found;
}

export interface Row {
  readonly key: string;
  readonly family: string;
  readonly names: readonly string[]; // what differs within the family
  readonly items: number;
  readonly words: readonly Word[];
  readonly target: number | null;
}

/** The technique that an asset is of: "RSA" of "RSA 2048 (SHA-256)". */
export function family(asset: string): string {
  return asset.split(" ", 1)[0] ?? asset;
}

/** Assets of a technique that have the same course are one row; the order stays. */
export function rows(courses: readonly Course[]): Row[] {
  const found = new Map<string, { row: Row; names: string[] }>();
  for (const one of courses) {
    const of = family(one.asset);
    const key = [of, one.words.join(" "), one.target].join("|");
    const rest = one.asset.slice(of.length).trim();
    const known = found.get(key);
    if (known) {
      if (rest) known.names.push(rest);
      known.row = { ...known.row, items: known.row.items + one.items };
    } else {
      const names = rest ? [rest] : [];
      found.set(key, { names, row: { key, family: of, names, items: one.items, words: one.words, target: one.target } });
    }
  }
  return [...found.values()].map(({ row, names }) => ({ ...row, names }));
}

/** The name of a row: the family and what differs, shortened. */
export function named(row: Pick<Row, "family" | "names">, most = 3): string {
  const shown = row.names.slice(0, most).join(", ");
  const more = row.names.length > most ? ` +${row.names.length - most}` : "";
  return `${row.family} ${shown}${more}`.trim();
}

/** How many items have which word in `year`; what could not be read is not decided. */
export function countsAt(courses: readonly Course[], first: number, year: number, unread: number): Counts {
  const counts = Object.fromEntries(WORDS.map((word) => [word, 0])) as Counts;
  for (const one of courses) {
    const word = one.words[year - first];
    if (word) counts[word] += one.items;
  }
  counts.unknown += unread;
  return counts;
}

export interface Share {
  readonly word: Word;
  readonly count: number;
  readonly share: number; // 0 to 1
}

/** The words that occur, the worst first. */
export function shares(counts: Partial<Counts>): Share[] {
  const total = WORDS.reduce((sum, word) => sum + (counts[word] ?? 0), 0);
  return WORST.flatMap((word) => {
    const count = counts[word] ?? 0;
    return count > 0 ? [{ word, count, share: count / total }] : [];
  });
}

/** Where the years of quantum risk begin on the line, 0 to 1; null where there are none. */
export function risk(target: number | null, years: readonly [number, number]): number | null {
  if (target === null || target >= years[1]) return null;
  return Math.max(0, target + 1 - years[0]) / (years[1] - years[0] + 1);
}

const MARKS = [2026, 2030, 2035, 2040, 2050, 2060, 2070];

/** Years with a mark on the line; fewer where it is narrow. */
export function marks(years: readonly [number, number], width: number): number[] {
  const all = MARKS.filter((year) => year >= years[0] && year <= years[1]);
  const each = width / Math.max(1, years[1] - years[0] + 1);
  const found: number[] = [];
  for (const year of all) {
    const last = found.at(-1);
    if (last === undefined || (year - last) * each >= 38) found.push(year);
  }
  return found;
}

/** What of the whole stands out, for the first line of the page. */
export function gravest(counts: Partial<Counts>): { word: Word; count: number } | null {
  const bad = shares(counts).find((one) => LOOKS[one.word].tone === "bad" || LOOKS[one.word].tone === "warn");
  return bad ? { word: bad.word, count: bad.count } : null;
}

/** Algorithm and parameter as one name. */
export function algorithm(of: { readonly algorithm: string; readonly parameter: string | null }): string {
  return [of.algorithm, of.parameter].filter(Boolean).join(" ");
}

/** The course of years of an item: that of its asset (algorithm, parameter, hash), else of one like it. */
export function courseOf(item: CryptoItem, courses: readonly Course[], first: number, year: number): Course | null {
  const name = algorithm(item);
  const hash = item.details["signature_hash"];
  const exact = typeof hash === "string" ? `${name} (${hash})` : name;
  const alike = courses.filter((one) => one.words[year - first] === item.verdict.word);
  return alike.find((one) => one.asset === exact) ?? alike.find((one) => one.asset === name) ?? null;
}

/** The step of the plan that an item belongs to. */
export function stepOf(item: CryptoItem, steps: readonly Step[]): Step | null {
  const alike = steps.filter(
    (one) => one.algorithm === item.algorithm && one.parameter === item.parameter && one.word === item.verdict.word,
  );
  return alike.find((one) => one.places.includes(item.place)) ?? (alike.length === 1 ? (alike[0] ?? null) : null);
}

const KINDS = [
  "certificate", "private-key", "public-key", "keystore", "protocol", "cipher-suite", "group",
  "code-use", "configuration", "algorithm", "malformed", "opaque",
] as const;
export type Kind = (typeof KINDS)[number];

/** A kind that the console has a word for; null otherwise. */
export function kindOf(kind: string): Kind | null {
  return KINDS.find((one) => one === kind) ?? null;
}

/** One detail of an item as text: lists with commas, nothing for what is not there. */
export function detail(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(detail).filter(Boolean).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}

/** Whether a text is JSON, or JSON lines; the document that it is. Throws what is wrong with it. */
export function document(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const lines = text.split("\n").filter((line) => line.trim());
    if (lines.length < 2 || !lines[0]?.trim().endsWith("}")) throw error;
    return lines.map((line) => JSON.parse(line) as unknown);
  }
}

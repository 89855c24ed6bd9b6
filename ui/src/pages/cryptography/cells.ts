/** The cells of the policy tables that a verdict rests on, in the words of the page. */

import type { Cell } from "../../api/cryptography";
import type { Key } from "../../i18n/index.svelte";
import { noteKey, TIERS } from "./tables";

const STATES = ["usable", "tolerated", "finish-migration", "not-usable"] as const;
const LEVELS = ["obligatory", "recommended", "allowed", "forbidden"] as const;
const CURVES = ["listed", "not-listed", "unseen"] as const;
const PROFILES = ["high", "recommended", "exception"] as const;

/** What a cell says, as the key of a text; null where it says a number or what nobody foresaw. */
export function saysKey(cell: Pick<Cell, "table" | "says">): Key | null {
  const among = <T extends string>(known: readonly T[]): T | undefined => known.find((one) => one === cell.says);
  switch (cell.table) {
    case "list": {
      const tier = among(TIERS);
      return tier ? `crypto.tier.${tier}` : null;
    }
    case "strength": {
      const state = among(STATES);
      return state ? `crypto.state.${state}` : null;
    }
    case "tls": {
      const level = among(LEVELS);
      return level ? `crypto.level.${level}` : null;
    }
    case "curve": {
      const curve = among(CURVES);
      return curve ? `crypto.curve.${curve}` : null;
    }
    case "note":
      return noteKey(cell.says);
    default:
      return null;
  }
}

export interface Said {
  readonly key: Key;
  readonly values: Readonly<Record<string, string>>;
  readonly inner?: readonly [name: string, key: Key]; // a value that is itself a text
}

function ofStrength(cell: string): Said | null {
  const found = /^(\d+) bit (new|processing) (\d{4})-(\d{4})$/.exec(cell);
  if (!found) return null;
  const [, n = "", use, first = "", last = ""] = found;
  return { key: "crypto.cell_of.strength", values: { n, first, last }, inner: ["use", use === "new" ? "crypto.use.new" : "crypto.use.processing"] };
}

function ofTls(cell: string): Said | null {
  const found = /^(.+) \((\w+)\)$/.exec(cell);
  const profile = PROFILES.find((one) => one === found?.[2]);
  return profile ? { key: "crypto.cell_of.tls", values: { value: found?.[1] ?? "" }, inner: ["profile", `crypto.profile.${profile}`] } : null;
}

/** What a cell is about, as a text with values; null where its name stands for itself. */
export function cellName(cell: Pick<Cell, "table" | "cell">): Said | null {
  if (cell.table === "strength") return ofStrength(cell.cell);
  if (cell.table === "tls") return ofTls(cell.cell);
  return cell.table === "quantum" && cell.cell === "target-year" ? { key: "crypto.quantum.target-year", values: {} } : null;
}

const SOURCES = ["memory", "summary", "ipa"] as const;

/** Where a cell comes from, in few words; null for a source that the console does not know. */
export function sourceKey(source: string): Key | null {
  const known = SOURCES.find((one) => one === source);
  return known ? `crypto.source.${known}` : null;
}

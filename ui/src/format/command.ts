/** The command line that shows what a page shows; null where it cannot say the same. */

import type { Params } from "../state/address";

const FINDINGS: Readonly<Record<string, string>> = {
  severity: "--severity",
  label: "--label",
  analysis: "--analysis",
  artifact: "--artifact",
  since: "--since",
  until: "--until",
  sort: "--sort",
};

const INDICATORS: Readonly<Record<string, string>> = {
  label: "--label",
  min_score: "--min-score",
};

/** A word as a POSIX shell takes it. */
function quote(text: string): string {
  return /^[\w.:/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function spoken(name: string, value: string): string {
  if (name === "since" || name === "until") return new Date(Number(value) / 1000).toISOString();
  return name === "sort" ? value.replace(/^-/, "") : value;
}

function options(known: Readonly<Record<string, string>>, params: Params): string[] {
  return Object.entries(known).flatMap(([name, option]) => {
    const value = params[name];
    return value ? [option, quote(spoken(name, value))] : [];
  });
}

const any = (params: Params, names: readonly string[]): boolean => names.some((name) => params[name]);

export function findings(params: Params): string | null {
  if (any(params, ["q", "sensor", "status"])) return null;
  return ["kaname findings", ...options(FINDINGS, params)].join(" ");
}

export function indicators(params: Params): string | null {
  if (any(params, ["q", "kind", "finding"])) return null;
  const all = params["active"] ? [] : ["--all"];
  return ["kaname indicators", ...options(INDICATORS, params), ...all].join(" ");
}

export function query(sql: string, limit: number): string {
  return `kaname lake query --limit ${limit} ${quote(sql)}`;
}

/** The filters of the list of findings: from the URL to the API and to the command line. */

import type { Params } from "../../state/address";

const FILTERS = [
  "since", "until", "severity", "label", "analysis", "artifact", "q", "sensor", "status", "sort",
] as const;

/** What the API is asked; other parameters in the URL belong to the page alone. */
export function wanted(params: Params): Record<string, string | undefined> {
  return Object.fromEntries(FILTERS.map((name) => [name, params[name]]));
}

/** How many filters narrow the list. */
export function narrowing(params: Params): number {
  return FILTERS.filter((name) => name !== "sort" && params[name]).length;
}

const OPTIONS: Record<string, string> = {
  severity: "--severity", label: "--label", analysis: "--analysis", artifact: "--artifact",
  q: "--text", sensor: "--sensor", since: "--since", until: "--until", status: "--status",
};

const quote = (text: string): string =>
  /^[\w.:/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The command that lists the same. */
export function asCommand(params: Params): string {
  const parts = Object.entries(OPTIONS).flatMap(([name, option]) => {
    const value = params[name];
    if (!value) return [];
    const time = name === "since" || name === "until";
    return [option, quote(time ? new Date(Number(value) / 1000).toISOString() : value)];
  });
  return ["kaname", "findings", ...parts].join(" ");
}

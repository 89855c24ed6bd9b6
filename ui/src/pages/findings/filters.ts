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

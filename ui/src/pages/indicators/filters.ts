/** The filters of indicators: what the list and the export are asked. */

import type { Params } from "../../state/address";

const FILTERS = ["kind", "label", "min_score", "active"] as const;

export function exported(params: Params): Record<string, string | undefined> {
  return Object.fromEntries(FILTERS.map((name) => [name, params[name]]));
}

export function wanted(params: Params): Record<string, string | undefined> {
  return { ...exported(params), q: params["q"], finding: params["finding"], sort: params["sort"] };
}

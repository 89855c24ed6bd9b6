/** How dark each country is drawn: by the logarithm, since one in a hundred sends most. */

import { letters } from "../replay/frame";
import type { Origin } from "../replay/tally";

export function shadesOf(rows: readonly Origin[], measure: "hosts" | "packets"): ReadonlyMap<string, number> {
  const known = rows.filter((one) => one.key !== 0 && one[measure] > 0);
  const most = Math.log1p(Math.max(1, ...known.map((one) => one[measure])));
  return new Map(known.map((one) => [letters(one.key), 0.12 + 0.88 * (Math.log1p(one[measure]) / most)]));
}

/** Where a node leads to. */

import { parts } from "../../format/artifact-kind";
import { link } from "../../state/address";

/** `kind:value` of an artifact, or `type:name` of what is spoken of. */
export function way(name: string, semantic: boolean): string {
  const { kind, value } = parts(name);
  if (!semantic) return link(["artifact", kind, value]);
  if (kind === "technique") return link(["matrix", value.split(" ")[0] ?? value]);
  return link(["search"], { q: value });
}

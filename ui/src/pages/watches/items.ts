/** A list that comes as a page or by itself. */

import type { PageOut } from "../../api/shapes";

export function itemsOf<T>(of: PageOut<T> | readonly T[] | null): readonly T[] {
  if (of === null) return [];
  return "items" in of ? of.items : of;
}

/** A text that the server gives in both languages, or already in the one that was asked for. */

import type { Text } from "../api/shapes";
import { preferences } from "../state/preferences.svelte";

export function either(text: Text | string): string {
  return typeof text === "string" ? text : text[preferences.language];
}

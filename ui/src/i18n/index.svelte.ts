/** Every text that a person sees. Both catalogues are loaded, so switching needs no request. */

import type { Text } from "../api/shapes";
import { preferences } from "../state/preferences.svelte";
import en from "./en.json";
import { fill, type Values } from "./fill";
import ja from "./ja.json";

export type Key = keyof typeof en;

const catalogues: Record<"en" | "ja", Record<Key, string>> = { en, ja };

/** The text of `key` in the chosen language, filled with `values`. */
export function t(key: Key, values: Values = {}): string {
  return fill(catalogues[preferences.language][key], values);
}

/** The chosen side of a text that the server gives in both languages. */
export function say(text: Text): string {
  return text[preferences.language];
}

/** Every text that a person sees. Both catalogues are loaded, so switching needs no request. */

import type { Text } from "../api/shapes";
import { preferences } from "../state/preferences.svelte";
import en from "./en.json";
import ja from "./ja.json";

export type Key = keyof typeof en;

const catalogues: Record<"en" | "ja", Record<Key, string>> = { en, ja };

/** The text of `key` in the chosen language, `{name}` replaced by `values.name`. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return catalogues[preferences.language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

/** The chosen side of a text that the server gives in both languages. */
export function say(text: Text): string {
  return text[preferences.language];
}

/** The pages in the order of the navigation, and the key that follows `g` to reach them. */

import type { Key } from "../i18n/index.svelte";
import type { IconName } from "../kit/Icon.svelte";

export interface Entry {
  readonly page: string;
  readonly icon: IconName;
  readonly name: Key;
  readonly key: string;
}

export const ENTRIES: readonly Entry[] = [
  { page: "", icon: "start", name: "nav.start", key: "s" },
  { page: "findings", icon: "findings", name: "nav.findings", key: "f" },
  { page: "indicators", icon: "indicators", name: "nav.indicators", key: "i" },
  { page: "lake", icon: "lake", name: "nav.lake", key: "l" },
  { page: "ingest", icon: "ingest", name: "nav.ingest", key: "n" },
  { page: "settings", icon: "settings", name: "nav.settings", key: "e" },
];

/** The pages in the order of the navigation, and the key that follows `g` to reach them. */

import type { Key } from "../i18n/index.svelte";
import type { IconName } from "../kit/Icon.svelte";

export interface Entry {
  readonly page: string;
  readonly icon: IconName;
  readonly name: Key;
  readonly key: string;
  readonly first?: boolean; // in reach of the thumb on a telephone
}

export interface Group {
  readonly name: Key;
  readonly entries: readonly Entry[];
}

export const GROUPS: readonly Group[] = [
  {
    name: "group.situation",
    entries: [
      { page: "", icon: "start", name: "nav.start", key: "s", first: true },
      { page: "findings", icon: "findings", name: "nav.findings", key: "f", first: true },
    ],
  },
  {
    name: "group.intelligence",
    entries: [
      { page: "search", icon: "search", name: "nav.search", key: "q", first: true },
      { page: "indicators", icon: "indicators", name: "nav.indicators", key: "i" },
      { page: "layers", icon: "layers", name: "nav.layers", key: "y" },
      { page: "campaigns", icon: "campaigns", name: "nav.campaigns", key: "c" },
      { page: "matrix", icon: "matrix", name: "nav.matrix", key: "m" },
      { page: "reports", icon: "report", name: "nav.reports", key: "r" },
      { page: "reviews", icon: "review", name: "nav.reviews", key: "v" },
      { page: "cases", icon: "case", name: "nav.cases", key: "k" },
      { page: "watches", icon: "watch", name: "nav.watches", key: "w" },
      { page: "feeds", icon: "feed", name: "nav.feeds", key: "o" },
    ],
  },
  {
    name: "group.telescope",
    entries: [
      { page: "stats", icon: "stats", name: "nav.stats", key: "2" },
      { page: "board", icon: "board", name: "nav.board", key: "1" },
      { page: "source", icon: "filter", name: "nav.source", key: "z" },
      { page: "cube", icon: "cube", name: "nav.cube", key: "b" },
      { page: "atlas", icon: "atlas", name: "nav.atlas", key: "x" },
      { page: "tiles", icon: "tiles", name: "nav.tiles", key: "j" },
      { page: "rings", icon: "rings", name: "nav.rings", key: "u" },
    ],
  },
  {
    name: "group.hardware",
    entries: [
      { page: "designs", icon: "chip", name: "nav.designs", key: "3" },
      { page: "devices", icon: "gauge", name: "nav.devices", key: "4" },
      { page: "cryptography", icon: "key", name: "nav.cryptography", key: "5" },
    ],
  },
  {
    name: "group.explore",
    entries: [
      { page: "pivot", icon: "pivot", name: "nav.pivot", key: "p", first: true },
      { page: "tables", icon: "tables", name: "nav.tables", key: "t" },
      { page: "traffic", icon: "traffic", name: "nav.traffic", key: "h" },
      { page: "lake", icon: "lake", name: "nav.lake", key: "l" },
    ],
  },
  {
    name: "group.operate",
    entries: [
      { page: "analyses", icon: "analyses", name: "nav.analyses", key: "a" },
      { page: "ingest", icon: "ingest", name: "nav.ingest", key: "n" },
      { page: "health", icon: "health", name: "nav.health", key: "d" },
      { page: "settings", icon: "settings", name: "nav.settings", key: "e" },
    ],
  },
];

export const ENTRIES: readonly Entry[] = GROUPS.flatMap((group) => group.entries);

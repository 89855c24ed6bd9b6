/** The kinds of anomalies: each has a word, a shape and a colour, so that no one rests on colour. */

import type { Key } from "../../i18n/index.svelte";

export const KINDS = [
  "energy", "duration", "shape", "waveform", "interval", "sequence", "novel", "sleep", "stir", "rate", "missing",
] as const;
export type Kind = (typeof KINDS)[number];

interface Look {
  readonly name: Key;
  readonly tone: string;
  readonly path: string; // about the origin, 12 by 12, even-odd
}

const CIRCLE = "M0,-5.800A5.8,5.8 0 1 1 -0.010,-5.800Z";
const RING = `${CIRCLE}M0,-3A3,3 0 1 0 0.010,-3Z`;

const LOOKS: Readonly<Record<Kind, Look>> = {
  energy: { name: "devices.kind.energy", tone: "c1", path: "M0,-6L6,5H-6Z" },
  duration: { name: "devices.kind.duration", tone: "c4", path: "M0,-6.5L6.5,0L0,6.5L-6.5,0Z" },
  shape: { name: "devices.kind.shape", tone: "c6", path: "M-5.5,-5.5H5.5V5.5H-5.5Z" },
  waveform: { name: "devices.kind.waveform", tone: "c6", path: "M-5.5,-5.5H5.5V5.5H-5.5ZM-2.5,-2.5V2.5H2.5V-2.5Z" },
  interval: { name: "devices.kind.interval", tone: "c8", path: "M-6,-5H6L0,6Z" },
  sequence: { name: "devices.kind.sequence", tone: "c8", path: "M-6,-5L0,0L-6,5ZM0,-5L6,0L0,5Z" },
  novel: { name: "devices.kind.novel", tone: "c1", path: "M0,-7L2,-2.2L7,-2L3,1.2L4.4,6.200L0,3.300L-4.4,6.200L-3,1.2L-7,-2L-2,-2.2Z" },
  sleep: { name: "devices.kind.sleep", tone: "c9", path: "M-6,-5.5H6V-2.500H-6ZM-6,2.500H6V5.500H-6Z" },
  stir: { name: "devices.kind.stir", tone: "c9", path: "M-6,-5.5H-3V5.500H-6ZM-1.5,-5.500H1.500V5.500H-1.500ZM3,-5.500H6V5.500H3Z" },
  rate: { name: "devices.kind.rate", tone: "c8", path: CIRCLE },
  missing: { name: "devices.kind.missing", tone: "c8", path: RING },
};
const OTHER: Look = { name: "devices.kind.other", tone: "c9", path: "M-6,-2H-2V-6H2V-2H6V2H2V6H-2V2H-6Z" };

export function look(kind: string): Look {
  const known = KINDS.find((one) => one === kind);
  return known ? LOOKS[known] : OTHER;
}

/** The kinds that fired in some segments, in the order of the list above. */
export function present(segments: readonly { readonly fired: readonly string[] }[]): string[] {
  const fired = new Set(segments.flatMap((one) => one.fired));
  const known = KINDS.filter((kind) => fired.has(kind));
  return [...known, ...[...fired].filter((kind) => !(KINDS as readonly string[]).includes(kind))];
}

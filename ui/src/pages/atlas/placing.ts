/** Where a packet begins on the map: about the middle of its country, always at the same place. */

import { letters } from "../replay/frame";
import type { Place } from "../replay/ring";
import { COUNTRIES } from "./places";
import { onMap } from "./projection";

const SPREAD = 0.011; // of the map's width, about the middle of a country
const NOWHERE: readonly [number, number] = [0.055, 0.9]; // the corner for unknown countries
const KNOWN = new Map<number, readonly [number, number]>();

/** The middle of a country (two letters as a number) as shares of the map. */
export function middle(country: number): readonly [number, number] {
  const known = KNOWN.get(country);
  if (known) return known;
  const found = COUNTRIES.get(letters(country));
  const at = found ? onMap(found.lon, found.lat) : NOWHERE;
  KNOWN.set(country, at);
  return at;
}

/** Two numbers from -1 to 1 that an address always gives. */
function scatter(address: number): readonly [number, number] {
  const mixed = Math.imul(address ^ (address >>> 15), 0x2c1b3c6d);
  const more = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  const word = (more ^ (more >>> 15)) >>> 0;
  return [((word & 0xffff) / 0x7fff) - 1, ((word >>> 16) / 0x7fff) - 1];
}

const sixteen = (share: number): number => Math.round(Math.max(0, Math.min(1, share)) * 65_535);

export const placing: Place = (ring, slot, to, at) => {
  const [x, y] = middle(ring.country[slot] as number);
  const [a, b] = scatter(ring.src[slot] as number);
  const far = Math.sqrt(Math.abs(b)); // evenly over a disc
  const angle = a * Math.PI;
  to[at] = sixteen(x + SPREAD * far * Math.cos(angle));
  to[at + 1] = sixteen(y + 2.2 * SPREAD * far * Math.sin(angle));
  to[at + 2] = 0; // all go to the sensor, which is told to the graphics once
  to[at + 3] = 0;
};

/** GLSL of the way of a packet: an arc from where it begins to the sensor. */
export const WAY = `
uniform vec4 sheet; // width, height, left, top: shares of the frame
uniform vec2 home;
vec4 place(float t) {
  vec2 way = home - ends.xy;
  vec2 at = ends.xy + way * t;
  at.y -= (0.10 + 0.22 * length(way)) * 4.0 * t * (1.0 - t) * (0.7 + 0.6 * kind.z / 255.0);
  vec2 seen = at * sheet.xy + sheet.zw;
  return vec4(seen.x * 2.0 - 1.0, 1.0 - seen.y * 2.0, 0.0, 1.0);
}`;

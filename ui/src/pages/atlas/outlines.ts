/** Outlines of countries (Natural Earth, 1:110 million, public domain); a chunk of its own. */

import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "world-atlas/countries-110m.json";

import { BY_ID } from "./places";
import { onMap, SCALE } from "./projection";

export interface Outline {
  readonly code: string; // two letters, empty where there is no agreed one
  readonly path: Path2D; // in shares of the map, times SCALE
}

const ANTARCTICA = "010";

export function outlines(): Outline[] {
  const topology = atlas as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
  const all = feature(topology, topology.objects.countries).features.filter((one) => one.id !== ANTARCTICA);
  return all.map((one) => {
    const path = new Path2D();
    const { geometry } = one;
    if (geometry.type === "Polygon") for (const ring of geometry.coordinates) around(path, ring);
    if (geometry.type === "MultiPolygon") for (const part of geometry.coordinates) for (const ring of part) around(path, ring);
    const id = one.properties.name === "Kosovo" ? "983" : String(one.id ?? "");
    return { code: BY_ID.get(id) ?? "", path };
  });
}

/** The edge of the map: the 180th meridian on both sides, and the north. */
export function edge(): Path2D {
  const path = new Path2D();
  const lats = Array.from({ length: 91 }, (_, i) => 90 - 2 * i);
  const line = [...lats.map((lat) => [180, lat]), ...lats.reverse().map((lat) => [-180, lat])];
  draw(path, line, 0);
  return path;
}

/** A ring across the 180th meridian is drawn on both sides of the map; the edge cuts what is over. */
function around(path: Path2D, ring: readonly (readonly number[])[]): void {
  const whole = unwrapped(ring);
  draw(path, whole, 0);
  if (whole.some(([lon = 0]) => lon > 180)) draw(path, whole, -360);
  if (whole.some(([lon = 0]) => lon < -180)) draw(path, whole, 360);
}

/** Longitudes without a leap from one side of the map to the other. */
export function unwrapped(ring: readonly (readonly number[])[]): number[][] {
  let turn = 0;
  return ring.map(([lon = 0, lat = 0], i) => {
    const before = ring[i - 1]?.[0] ?? lon;
    if (lon - before > 180) turn -= 360;
    if (lon - before < -180) turn += 360;
    return [lon + turn, lat];
  });
}

function draw(path: Path2D, ring: readonly (readonly number[])[], shift: number): void {
  ring.forEach(([lon = 0, lat = 0], i) => {
    const [x, y] = onMap(lon + shift, lat);
    if (i === 0) path.moveTo(x * SCALE, y * SCALE);
    else path.lineTo(x * SCALE, y * SCALE);
  });
  path.closePath();
}

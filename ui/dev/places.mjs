/* Where the name of each country would stand on a map: made anew from Natural Earth's outlines
   (1:50 million, in world-atlas). Run: node dev/places.mjs > places.txt, then put its rows into src/pages/atlas/places.ts */

import { readFileSync } from "node:fs";

import { feature } from "topojson-client";

const atlas = JSON.parse(readFileSync(new URL("../node_modules/world-atlas/countries-50m.json", import.meta.url)));
const codes = process.argv[2] ? JSON.parse(readFileSync(process.argv[2])) : known();

/** The codes that the present table has. */
function known() {
  const text = readFileSync(new URL("../src/pages/atlas/places.ts", import.meta.url), "utf8");
  return Object.fromEntries([...text.matchAll(/([A-Z]{2})(\d{3})/g)].map((found) => [found[1], found[2]]));
}

/** Twice the area of a ring, and its centre (the centroid of a polygon). */
function centre(ring) {
  let [area, x, y] = [0, 0, 0];
  for (let i = 0; i + 1 < ring.length; i++) {
    const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
    area += cross;
    x += (ring[i][0] + ring[i + 1][0]) * cross;
    y += (ring[i][1] + ring[i + 1][1]) * cross;
  }
  return { area: Math.abs(area), at: area ? [x / (3 * area), y / (3 * area)] : ring[0] };
}

/** Whether a ring goes around the world: its middle cannot be had this way. */
function isAround(ring) {
  const lons = ring.map(([lon]) => lon);
  return Math.max(...lons) - Math.min(...lons) > 300;
}

function place(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  if (polygons.some((polygon) => isAround(polygon[0]))) return undefined;
  return polygons.map((polygon) => centre(polygon[0])).reduce((a, b) => (b.area > a.area ? b : a)).at;
}

const places = new Map();
for (const one of feature(atlas, atlas.objects.countries).features) {
  const id = one.properties.name === "Kosovo" ? "983" : one.id;
  if (id && !places.has(id)) places.set(id, place(one.geometry));
}
const rows = Object.entries(codes)
  .map(([letters, number]) => [letters, number, places.get(number)])
  .filter(([, , at]) => at)
  .map(([letters, number, [lon, lat]]) => `${letters}${number},${lon.toFixed(1)},${lat.toFixed(1)}`);
const lines = [];
for (let i = 0; i < rows.length; i += 6) lines.push(rows.slice(i, i + 6).join(" "));
process.stdout.write(`${lines.join("\n")}\n`);

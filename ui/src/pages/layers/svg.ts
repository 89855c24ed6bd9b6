/** The picture as it stands, as an SVG file: the same planes, links and nodes, without a limit. */

import { project, type Affine, type Frame } from "./camera";
import type { Label } from "./labels";
import { linkInk, type Palette, type Rgb } from "./renderer";
import type { Scene } from "./scene";

const hex = (rgb: Rgb): string => `#${rgb.map((c) => Math.round(c * 255).toString(16).padStart(2, "0")).join("")}`;
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const short = (n: number): string => String(Math.round(n * 10) / 10);

export interface Picture {
  readonly scene: Scene;
  readonly maps: readonly [Affine, Affine];
  readonly frame: Frame;
  readonly palette: Palette;
  readonly sizes: Uint8Array;
  readonly growth: number;
  readonly labels: readonly (Label & { readonly text: string })[];
  readonly note: string; // what is shown and what is withheld, in words
}

export function svg(of: Picture): string {
  const { scene, maps, frame, palette } = of;
  const at = (i: number): [number, number] => project(maps[scene.layer[i] === 1 ? 1 : 0], scene.x[i] as number, scene.y[i] as number);
  const lines: string[] = [];
  for (let i = 0; i < scene.edges; i++) {
    const [x, y] = at(scene.a[i] as number);
    const [u, v] = at(scene.b[i] as number);
    lines.push(`M${short(x)} ${short(y)}L${short(u)} ${short(v)}`);
  }
  const dots: string[] = [];
  for (let i = 0; i < scene.nodes; i++) {
    const [x, y] = at(i);
    const rgb = (scene.layer[i] === 1 ? palette.types : palette.kinds)[scene.kind[i] as number] ?? palette.line;
    dots.push(`<circle cx="${short(x)}" cy="${short(y)}" r="${short(((of.sizes[i] as number) * of.growth) / 2)}" fill="${hex(rgb)}"/>`);
  }
  const texts = of.labels.map((one) => `<text x="${short(one.x + 7)}" y="${short(one.y + 4)}">${escaped(one.text)}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frame.width} ${frame.height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(of.note)}</title>`,
    `<path d="${lines.join("")}" fill="none" stroke="${hex(palette.line)}" stroke-opacity="${linkInk(scene.edges).toFixed(2)}"/>`,
    ...dots,
    `<g fill="${hex(palette.ink)}">${texts.join("")}<text x="8" y="${frame.height - 8}">${escaped(of.note)}</text></g>`,
    "</svg>",
  ].join("\n");
}

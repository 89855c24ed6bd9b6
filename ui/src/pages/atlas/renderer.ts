/** The map: countries on one canvas, drawn when something changes, packets on another above it. */

import type { Rgb } from "../replay/colours";
import { context, deviceOf, Points, type Look } from "../replay/points";
import type { Ring } from "../replay/ring";
import type { Outline } from "./outlines";
import { WAY } from "./placing";
import { ASPECT, SCALE, type Frame, type Sheet } from "./projection";

export interface Colours {
  readonly sea: Rgb;
  readonly land: Rgb;
  readonly full: Rgb; // of the country with most
  readonly border: Rgb;
  readonly chosen: Rgb;
}

const css = ([r, g, b]: Rgb): string => `rgb(${Math.round(r * 255)} ${Math.round(g * 255)} ${Math.round(b * 255)})`;
const mixed = (a: Rgb, b: Rgb, share: number): Rgb => [0, 1, 2].map((i) => (a[i] as number) + ((b[i] as number) - (a[i] as number)) * share) as unknown as Rgb;

interface World {
  readonly outlines: readonly Outline[];
  readonly edge: Path2D;
}

/** Draw countries by shade (0 to 1); `chosen` gets a thick outline. */
export function drawLand(
  canvas: HTMLCanvasElement, at: Sheet, ratio: number, { outlines, edge }: World, shade: (code: string) => number, chosen: string, colours: Colours,
): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform((ratio * at.width) / SCALE, 0, 0, (ratio * at.height) / SCALE, ratio * at.left, ratio * at.top);
  const unit = SCALE / at.width;
  pen.save();
  pen.clip(edge);
  pen.fillStyle = css(colours.sea);
  pen.fill(edge);
  pen.lineWidth = 0.6 * unit;
  pen.strokeStyle = css(colours.border);
  for (const one of outlines) {
    pen.fillStyle = css(mixed(colours.land, colours.full, one.code ? shade(one.code) : 0));
    pen.fill(one.path);
    pen.stroke(one.path);
  }
  const lit = outlines.find((one) => one.code === chosen && chosen !== "");
  if (lit) {
    pen.lineWidth = 2.4 * unit;
    pen.strokeStyle = css(colours.chosen);
    pen.stroke(lit.path);
  }
  pen.restore();
}

/** The country under a pixel, empty where there is none. */
export function countryAt(canvas: HTMLCanvasElement, at: Sheet, outlines: readonly Outline[], px: number, py: number): string {
  const pen = canvas.getContext("2d");
  if (!pen) return "";
  pen.save();
  pen.setTransform(1, 0, 0, 1, 0, 0);
  const [x, y] = [((px - at.left) / at.width) * SCALE, ((py - at.top) / at.height) * SCALE];
  const found = outlines.find((one) => pen.isPointInPath(one.path, x, y));
  pen.restore();
  return found?.code ?? "";
}

export class Flights {
  readonly device: string;
  readonly #gl: WebGL2RenderingContext;
  readonly #points: Points;

  private constructor(gl: WebGL2RenderingContext, ring: Ring) {
    this.#gl = gl;
    this.device = deviceOf(gl);
    this.#points = new Points(gl, ring, WAY);
  }

  static on(canvas: HTMLCanvasElement, ring: Ring): Flights | null {
    const gl = context(canvas);
    return gl ? new Flights(gl, ring) : null;
  }

  draw(at: Sheet, frame: Frame, home: readonly [number, number], look: Look): number {
    const gl = this.#gl;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    return this.#points.draw(look, (place) => {
      gl.uniform4f(place("sheet"), at.width / frame.width, at.height / frame.height, at.left / frame.width, at.top / frame.height);
      gl.uniform2f(place("home"), ...home);
    });
  }

  release(): void {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

/** The height of a frame that shows the whole map at a width. */
export const heightFor = (width: number): number => Math.round(Math.max(220, Math.min(640, width / ASPECT)));

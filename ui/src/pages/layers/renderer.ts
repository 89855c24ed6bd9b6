/** The scene drawn by WebGL 2: points, links and the two planes. No state of the page in here. */

import type { Affine, Box, Frame } from "./camera";
import type { Scene } from "./scene";

const PLACE = `#version 300 es
in float x; in float y; in float layer;
uniform vec4 turn;      // a b c d, the same for both planes
uniform vec4 lift;      // e f of the lower plane, e f of the upper one
uniform vec2 frame;     // CSS pixels
vec4 place() {
  vec2 shift = layer < 0.5 ? lift.xy : lift.zw;
  vec2 at = vec2(turn.x * x + turn.y * y, turn.z * x + turn.w * y) + shift;
  return vec4(at.x / frame.x * 2.0 - 1.0, 1.0 - at.y / frame.y * 2.0, 0.0, 1.0);
}`;

const POINT = `${PLACE}
in float kind; in float size; in float mark;
uniform float ratio; uniform float dim; uniform float growth;
uniform vec3 colours[64];
out vec4 ink; out float edge;
void main() {
  gl_Position = place();
  bool lit = mark > 0.5;
  gl_PointSize = (size * growth + (lit ? 3.0 : 0.0)) * ratio;
  ink = vec4(colours[int(kind) + (layer < 0.5 ? 0 : 32)], lit ? 1.0 : dim);
  edge = mark > 1.5 ? 1.0 : 0.0;
}`;

const DOT = `#version 300 es
precision mediump float;
in vec4 ink; in float edge; out vec4 colour;
uniform vec3 line;
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float r = dot(p, p);
  if (r > 1.0) discard;
  colour = edge > 0.5 && r > 0.42 ? vec4(line, 1.0) : ink;
}`;

const FLAT = `${PLACE}
void main() { gl_Position = place(); }`;

const FILL = `#version 300 es
precision mediump float;
uniform vec4 ink; out vec4 colour;
void main() { colour = ink; }`;

export type Rgb = readonly [number, number, number];

export interface Palette {
  readonly kinds: readonly Rgb[]; // of artifacts
  readonly types: readonly Rgb[]; // of the semantic layer
  readonly ink: Rgb;
  readonly line: Rgb;
  readonly plane: Rgb;
}

export interface Drawing {
  readonly maps: readonly [Affine, Affine];
  readonly frame: Frame;
  readonly growth: number; // of points, by the zoom
  readonly dim: number; // opacity of what is not lit
  readonly links: number; // how many of the links to draw at once
}

function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const made = gl.createProgram();
  for (const [type, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(type) as WebGLShader;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made) ?? "shader");
  return made;
}

type Field = "x" | "y" | "layer" | "kind" | "size" | "mark";

export class Renderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #points: WebGLProgram;
  readonly #flat: WebGLProgram;
  readonly #scene: Scene;
  readonly #buffers: Record<Field, WebGLBuffer>;
  readonly #links: WebGLBuffer;
  readonly #lit: WebGLBuffer;
  readonly #sheet: WebGLBuffer;
  #litCount = 0;
  #palette: Palette;

  private constructor(gl: WebGL2RenderingContext, scene: Scene, sizes: Uint8Array, palette: Palette, around: Box) {
    this.#gl = gl;
    this.#scene = scene;
    this.#palette = palette;
    this.#points = program(gl, POINT, DOT);
    this.#flat = program(gl, FLAT, FILL);
    const { x, y, layer, kind } = scene;
    this.#buffers = {
      x: this.#keep(x), y: this.#keep(y), layer: this.#keep(layer), kind: this.#keep(kind),
      size: this.#keep(sizes), mark: this.#keep(new Uint8Array(scene.nodes)),
    };
    this.#links = this.#keep(paired(scene), gl.ELEMENT_ARRAY_BUFFER);
    this.#lit = this.#keep(new Uint32Array(0), gl.ELEMENT_ARRAY_BUFFER);
    this.#sheet = this.#keep(sheet(around));
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** A renderer on `canvas`, null where there is no WebGL 2. */
  static on(canvas: HTMLCanvasElement, scene: Scene, sizes: Uint8Array, palette: Palette, around: Box): Renderer | null {
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: true, premultipliedAlpha: false, preserveDrawingBuffer: true });
    return gl ? new Renderer(gl, scene, sizes, palette, around) : null;
  }

  /** What draws: the name of a graphics card, or of software in its place. */
  get device(): string {
    const named = this.#gl.getExtension("WEBGL_debug_renderer_info");
    return String(this.#gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : this.#gl.RENDERER));
  }

  colour(palette: Palette): void {
    this.#palette = palette;
  }

  /** Marks (1 lit, 2 chosen) by node, and pairs of nodes whose link is lit. */
  mark(marks: Uint8Array, pairs: Uint32Array): void {
    const gl = this.#gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.mark);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, marks);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#lit);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, pairs, gl.DYNAMIC_DRAW);
    this.#litCount = pairs.length;
  }

  /** The whole picture with its first `as.links` links. */
  draw(as: Drawing): void {
    const gl = this.#gl;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#ready(this.#flat, as);
    this.#planes();
    this.more(as, 0, as.links);
    this.top(as);
  }

  /** More of the links, over what is drawn already: a slow machine draws them bit by bit. */
  more(as: Drawing, from: number, until: number): void {
    this.#ready(this.#flat, as);
    this.#nodes(this.#flat, ["x", "y", "layer"]);
    this.#lines(this.#links, from, Math.min(until, this.#scene.edges), this.#palette.line, linkInk(this.#scene.edges) * as.dim);
  }

  /** What lies above the links: those that are lit, and the nodes. */
  top(as: Drawing): void {
    const gl = this.#gl;
    this.#ready(this.#flat, as);
    this.#nodes(this.#flat, ["x", "y", "layer"]);
    this.#lines(this.#lit, 0, this.#litCount / 2, this.#palette.ink, 0.75);
    this.#ready(this.#points, as);
    this.#nodes(this.#points, ["x", "y", "layer", "kind", "size", "mark"]);
    this.#colours(as);
    gl.drawArrays(gl.POINTS, 0, this.#scene.nodes);
  }

  /** Resolves when the graphics have drawn all that was asked so far. */
  async done(): Promise<void> {
    const gl = this.#gl;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    while (fence && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED && !gl.isContextLost()) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    gl.deleteSync(fence);
  }

  release(): void {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #keep(data: AllowSharedBufferSource, target: number = this.#gl.ARRAY_BUFFER): WebGLBuffer {
    const buffer = this.#gl.createBuffer();
    this.#gl.bindBuffer(target, buffer);
    this.#gl.bufferData(target, data, this.#gl.STATIC_DRAW);
    return buffer;
  }

  #ready(of: WebGLProgram, as: Drawing): void {
    const gl = this.#gl;
    const [low, high] = as.maps;
    gl.useProgram(of);
    gl.uniform4f(gl.getUniformLocation(of, "turn"), low.a, low.b, low.c, low.d);
    gl.uniform4f(gl.getUniformLocation(of, "lift"), low.e, low.f, high.e, high.f);
    gl.uniform2f(gl.getUniformLocation(of, "frame"), as.frame.width, as.frame.height);
  }

  #nodes(of: WebGLProgram, names: readonly Field[]): void {
    for (const name of names) {
      this.#attribute(of, name, this.#buffers[name], name === "x" || name === "y" ? this.#gl.FLOAT : this.#gl.UNSIGNED_BYTE, 0, 0);
    }
  }

  #attribute(of: WebGLProgram, name: string, buffer: WebGLBuffer, type: number, stride: number, offset: number): void {
    const gl = this.#gl;
    const at = gl.getAttribLocation(of, name);
    if (at < 0) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 1, type, false, stride, offset);
  }

  #lines(buffer: WebGLBuffer, from: number, until: number, rgb: Rgb, alpha: number): void {
    if (until <= from) return;
    const gl = this.#gl;
    gl.uniform4f(gl.getUniformLocation(this.#flat, "ink"), ...rgb, alpha);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
    gl.drawElements(gl.LINES, 2 * (until - from), gl.UNSIGNED_INT, 8 * from);
  }

  #planes(): void {
    const gl = this.#gl;
    ["x", "y", "layer"].forEach((name, i) => this.#attribute(this.#flat, name, this.#sheet, gl.FLOAT, 12, 4 * i));
    const ink = gl.getUniformLocation(this.#flat, "ink");
    for (const first of [0, 4]) {
      gl.uniform4f(ink, ...this.#palette.plane, 0.34);
      gl.drawArrays(gl.TRIANGLE_FAN, first, 4);
      gl.uniform4f(ink, ...this.#palette.line, 0.6);
      gl.drawArrays(gl.LINE_LOOP, first, 4);
    }
  }

  #colours(as: Drawing): void {
    const gl = this.#gl;
    const all = new Float32Array(64 * 3);
    this.#palette.kinds.slice(0, 32).forEach((rgb, i) => all.set(rgb, 3 * i));
    this.#palette.types.slice(0, 32).forEach((rgb, i) => all.set(rgb, 3 * (i + 32)));
    gl.uniform3fv(gl.getUniformLocation(this.#points, "colours"), all);
    gl.uniform3f(gl.getUniformLocation(this.#points, "line"), ...this.#palette.ink);
    gl.uniform1f(gl.getUniformLocation(this.#points, "ratio"), gl.drawingBufferWidth / as.frame.width);
    gl.uniform1f(gl.getUniformLocation(this.#points, "growth"), as.growth);
    gl.uniform1f(gl.getUniformLocation(this.#points, "dim"), as.dim);
  }
}

/** Many links are drawn fainter, so that they do not cover all. */
export function linkInk(edges: number): number {
  return Math.max(0.05, Math.min(0.5, 14 / Math.sqrt(Math.max(1, edges))));
}

function paired(scene: Scene): Uint32Array {
  const pairs = new Uint32Array(2 * scene.edges);
  for (let i = 0; i < scene.edges; i++) {
    pairs[2 * i] = scene.a[i] as number;
    pairs[2 * i + 1] = scene.b[i] as number;
  }
  return pairs;
}

/** The corners of both planes as x, y, layer. */
function sheet({ x, y, half }: Box): Float32Array {
  const h = half * 1.06;
  const corners = [[-h, -h], [h, -h], [h, h], [-h, h]] as const;
  return new Float32Array([0, 1].flatMap((layer) => corners.flatMap(([dx, dy]) => [x + dx, y + dy, layer])));
}

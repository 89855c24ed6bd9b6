/** Packets in flight drawn by WebGL 2: the way of each is reckoned by the graphics from its birth. */

import type { Rgb } from "./colours";
import { BYTES, type Ring } from "./ring";

const MOST_GROUPS = 8;

const VERTEX = `#version 300 es
in vec4 ends; in float birth; in vec4 kind;
uniform float now; uniform vec2 life; uniform float by; uniform float ratio; uniform float size;
uniform vec3 colours[${MOST_GROUPS}]; uniform float shown[${MOST_GROUPS}];
out vec4 ink;
PLACE
void main() {
  float age = now - birth;
  int group = int(by < 0.5 ? kind.x : kind.y);
  float t = clamp(age / life.x, 0.0, 1.0);
  vec4 at = place(t);
  bool alive = age >= 0.0 && age < life.x + life.y && shown[group] > 0.5;
  float landed = clamp((age - life.x) / life.y, 0.0, 1.0);
  float strength = t < 1.0 ? 0.55 + 0.45 * t : (1.0 - landed) * (1.0 - landed);
  gl_Position = alive ? at : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = clamp(size * ratio * (1.0 + (t < 1.0 ? 0.0 : 0.9 * (1.0 - landed))) / max(0.2, at.w), 1.5, 40.0);
  ink = vec4(colours[group], strength);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 ink; out vec4 colour;
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float r = dot(p, p);
  if (r > 1.0) discard;
  colour = vec4(ink.rgb, ink.a * (r < 0.12 ? 1.0 : (1.0 - r) * 0.75));
}`;

export interface Look {
  readonly now: number; // seconds
  readonly flight: number; // seconds from source to destination
  readonly glow: number; // seconds that it is seen after that
  readonly byTool: boolean;
  readonly colours: readonly Rgb[];
  readonly shown: readonly boolean[];
  readonly ratio: number; // device pixels of a CSS pixel
  readonly size: number; // CSS pixels
}

/** A context of WebGL 2, with smooth lines where a graphics card draws them; null where there is none. */
export function context(canvas: HTMLCanvasElement): WebGL2RenderingContext | null {
  const probe = document.createElement("canvas").getContext("webgl2");
  if (!probe) return null;
  const antialias = !isSoftware(deviceOf(probe));
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  return canvas.getContext("webgl2", { antialias, alpha: true });
}

/** Colours cover what is below by their alpha (adding them up would end in white). */
export function blend(gl: WebGL2RenderingContext): void {
  gl.enable(gl.BLEND);
  gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
}

/** Device pixels of a CSS pixel that are drawn: software draws no more than it must. */
export function ratioFor(device: string): number {
  return isSoftware(device) ? 1 : Math.min(2, devicePixelRatio);
}

export function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
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

/** What draws: the name of a graphics card, or of software in its place. */
export function deviceOf(gl: WebGL2RenderingContext): string {
  const named = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

export const isSoftware = (device: string): boolean => /swiftshader|llvmpipe|software/i.test(device);

export class Points {
  readonly #gl: WebGL2RenderingContext;
  readonly #ring: Ring;
  readonly #program: WebGLProgram;
  readonly #buffer: WebGLBuffer;
  readonly #array: WebGLVertexArrayObject;
  readonly #places = new Map<string, WebGLUniformLocation | null>();

  /** `place` is GLSL: `vec4 place(float t)`, where a packet with `ends` is at t from 0 to 1. */
  constructor(gl: WebGL2RenderingContext, ring: Ring, place: string) {
    this.#gl = gl;
    this.#ring = ring;
    this.#program = program(gl, VERTEX.replace("PLACE", place), FRAGMENT);
    this.#buffer = gl.createBuffer();
    this.#array = gl.createVertexArray();
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    gl.bufferData(gl.ARRAY_BUFFER, ring.capacity * BYTES, gl.DYNAMIC_DRAW);
    this.#attribute("ends", 4, gl.UNSIGNED_SHORT, true, 0);
    this.#attribute("birth", 1, gl.FLOAT, false, 8);
    this.#attribute("kind", 4, gl.UNSIGNED_BYTE, false, 12);
    gl.bindVertexArray(null);
  }

  /** Draw those that live; how many those are. `more` sets the uniforms of `place`. */
  draw(look: Look, more: (at: (name: string) => WebGLUniformLocation | null) => void): number {
    const gl = this.#gl;
    gl.useProgram(this.#program);
    gl.bindVertexArray(this.#array);
    this.#upload();
    this.#set(look);
    more((name) => this.#at(name));
    blend(gl);
    let drawn = 0;
    for (const [first, count] of this.#ring.alive(look.now, look.flight + look.glow)) {
      gl.drawArrays(gl.POINTS, first, count);
      drawn += count;
    }
    gl.bindVertexArray(null);
    return drawn;
  }

  #upload(): void {
    const gl = this.#gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    for (const [first, count] of this.#ring.taken()) {
      gl.bufferSubData(gl.ARRAY_BUFFER, first * BYTES, new Uint8Array(this.#ring.bytes, first * BYTES, count * BYTES));
    }
  }

  #set(look: Look): void {
    const gl = this.#gl;
    const colours = new Float32Array(MOST_GROUPS * 3);
    look.colours.slice(0, MOST_GROUPS).forEach((rgb, i) => colours.set(rgb, 3 * i));
    const shown = new Float32Array(MOST_GROUPS);
    look.shown.slice(0, MOST_GROUPS).forEach((one, i) => (shown[i] = one ? 1 : 0));
    gl.uniform1f(this.#at("now"), look.now);
    gl.uniform2f(this.#at("life"), look.flight, look.glow);
    gl.uniform1f(this.#at("by"), look.byTool ? 1 : 0);
    gl.uniform1f(this.#at("ratio"), look.ratio);
    gl.uniform1f(this.#at("size"), look.size);
    gl.uniform3fv(this.#at("colours"), colours);
    gl.uniform1fv(this.#at("shown"), shown);
  }

  #at(name: string): WebGLUniformLocation | null {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const found = this.#gl.getUniformLocation(this.#program, name);
    this.#places.set(name, found);
    return found;
  }

  #attribute(name: string, parts: number, type: number, normalised: boolean, offset: number): void {
    const gl = this.#gl;
    const at = gl.getAttribLocation(this.#program, name);
    if (at < 0) return;
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, parts, type, normalised, BYTES, offset);
  }
}

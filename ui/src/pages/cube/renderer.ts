/** The cube drawn by WebGL 2: two planes with their grids, and packets between them. */

import type { Rgb } from "../replay/colours";
import { blend, context, deviceOf, Points, program, type Look } from "../replay/points";
import type { Ring } from "../replay/ring";
import { point, portTicks, SOURCE_TICKS, WAY, type Plane, type Scale, type Side, type Tick } from "./axes";
import type { Matrix } from "./camera";

const LINE = `#version 300 es
in vec3 at; uniform mat4 view;
void main() { gl_Position = view * vec4(at, 1.0); }`;

const FILL = `#version 300 es
precision mediump float;
uniform vec4 ink; out vec4 colour;
void main() { colour = ink; }`;

export interface Colours {
  readonly plane: Rgb;
  readonly line: Rgb;
}

interface Run {
  readonly mode: "fill" | "line";
  readonly first: number;
  readonly count: number;
}

export class Renderer {
  readonly device: string;
  readonly #gl: WebGL2RenderingContext;
  readonly #points: Points;
  readonly #flat: WebGLProgram;
  readonly #frame: WebGLBuffer;
  readonly #array: WebGLVertexArrayObject;
  #runs: Run[] = [];

  private constructor(gl: WebGL2RenderingContext, ring: Ring) {
    this.#gl = gl;
    this.device = deviceOf(gl);
    this.#points = new Points(gl, ring, WAY);
    this.#flat = program(gl, LINE, FILL);
    this.#frame = gl.createBuffer();
    this.#array = gl.createVertexArray();
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#frame);
    const at = gl.getAttribLocation(this.#flat, "at");
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 3, gl.FLOAT, false, 12, 0);
    gl.bindVertexArray(null);
  }

  /** A renderer on `canvas`, null where there is no WebGL 2. */
  static on(canvas: HTMLCanvasElement, ring: Ring): Renderer | null {
    const gl = context(canvas);
    return gl ? new Renderer(gl, ring) : null;
  }

  /** The planes' grids, by the ticks of their axes. */
  grid(scale: Scale, source: Plane, destinations: readonly Tick[]): void {
    const corners: number[] = [];
    this.#runs = [];
    const add = (mode: Run["mode"], ...points: readonly (readonly [number, number, number])[]): void => {
      this.#runs.push({ mode, first: corners.length / 3, count: points.length });
      for (const one of points) corners.push(...one);
    };
    const [ports, none] = [portTicks(scale), [{ at: 0.5, text: "" }]]; // a map has its quarters
    plane("source", source === "map" ? none : ports, source === "map" ? none : SOURCE_TICKS, add);
    plane("destination", ports, destinations, add);
    const gl = this.#gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#frame);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(corners), gl.STATIC_DRAW);
  }

  /** One picture; how many packets are in it. */
  draw(matrix: Matrix, look: Look, colours: Colours): number {
    const gl = this.#gl;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#planes(matrix, colours);
    return this.#points.draw(look, (at) => gl.uniformMatrix4fv(at("view"), false, matrix));
  }

  release(): void {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #planes(matrix: Matrix, colours: Colours): void {
    const gl = this.#gl;
    gl.useProgram(this.#flat);
    gl.bindVertexArray(this.#array);
    blend(gl);
    gl.uniformMatrix4fv(gl.getUniformLocation(this.#flat, "view"), false, matrix);
    const ink = gl.getUniformLocation(this.#flat, "ink");
    for (const run of this.#runs) {
      const [rgb, alpha] = run.mode === "fill" ? [colours.plane, 0.45] : [colours.line, run.count > 2 ? 0.9 : 0.32];
      gl.uniform4f(ink, ...rgb, alpha);
      gl.drawArrays(run.mode === "fill" ? gl.TRIANGLE_FAN : run.count > 2 ? gl.LINE_LOOP : gl.LINES, run.first, run.count);
    }
    gl.bindVertexArray(null);
  }
}

type Add = (mode: Run["mode"], ...points: readonly (readonly [number, number, number])[]) => void;

function plane(side: Side, up: readonly Tick[], along: readonly Tick[], add: Add): void {
  const corners = [point(side, 0, -0.1), point(side, 1, -0.1), point(side, 1, 1), point(side, 0, 1)] as const;
  add("fill", ...corners);
  add("line", ...corners);
  for (const tick of up) add("line", point(side, 0, tick.at), point(side, 1, tick.at));
  for (const tick of along) add("line", point(side, tick.at, -0.1), point(side, tick.at, 1));
}

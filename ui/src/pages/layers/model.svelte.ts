/** One scene with what is chosen in it; shared by the picture and the table beside it. */

import { byImportance, degrees, links, type Links, type Scene } from "./scene";

const NONE: readonly number[] = [];

export class Model {
  readonly scene: Scene;
  readonly degree: Uint32Array;
  readonly sizes: Uint8Array; // pixels of a point
  readonly important: Uint32Array;
  readonly #links: Links;
  names = $state.raw<readonly string[]>([]); // `kind:value` by node, once they are known
  hover = $state(-1);
  chosen = $state(-1);
  brushed = $state.raw<readonly number[]>(NONE);

  constructor(scene: Scene) {
    this.scene = scene;
    this.degree = degrees(scene);
    this.sizes = Uint8Array.from(this.degree, (many) => 3 + Math.min(9, Math.log2(1 + many) * 1.3));
    this.important = byImportance(this.degree);
    this.#links = links(scene, this.degree);
  }

  neighbours(node: number): Uint32Array {
    return this.#links.of(node);
  }

  /** The nodes that the light is on: those brushed, or the one chosen, or the one pointed at. */
  get focus(): readonly number[] {
    if (this.hover >= 0) return [this.hover];
    if (this.brushed.length > 0) return this.brushed;
    return this.chosen >= 0 ? [this.chosen] : [];
  }

  /** Marks by node and lit links: the focus is 2, what it is linked with is 1. */
  lit(): { marks: Uint8Array; pairs: Uint32Array } {
    const marks = new Uint8Array(this.scene.nodes);
    const pairs: number[] = [];
    for (const node of this.focus) {
      for (const other of this.#links.of(node)) {
        marks[other] = Math.max(1, marks[other] as number);
        pairs.push(node, other);
      }
    }
    for (const node of this.focus) marks[node] = 2;
    return { marks, pairs: Uint32Array.from(pairs) };
  }

  /** What the table lists: all nodes, or what is brushed with what it lights, most linked first. */
  rows(): Uint32Array {
    const base = this.brushed.length > 0 ? this.brushed : this.chosen >= 0 ? [this.chosen] : [];
    if (base.length === 0) return this.important;
    const kept = new Uint8Array(this.scene.nodes);
    for (const node of base) {
      kept[node] = 1;
      for (const other of this.#links.of(node)) kept[other] = 1;
    }
    return this.important.filter((node) => kept[node] === 1);
  }

  choose(node: number): void {
    this.chosen = node;
    this.brushed = NONE;
  }

  brush(nodes: readonly number[]): void {
    this.brushed = nodes;
    this.chosen = -1;
  }
}

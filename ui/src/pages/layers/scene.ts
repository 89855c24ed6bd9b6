/** What GET /layers sends: positions, layers and links as arrays, read where they lie. */

import type { WithheldOut } from "../../api/intelligence";

export const ARTIFACT = 0;
export const SEMANTIC = 1;

export interface Header {
  readonly nodes: number;
  readonly edges: number;
  readonly kinds: readonly string[]; // names of `kind` in the layer of artifacts
  readonly types: readonly string[]; // and in the semantic one
  readonly total_nodes: number;
  readonly total_edges: number;
  readonly gated: readonly WithheldOut[];
}

export interface Scene extends Header {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly layer: Uint8Array;
  readonly kind: Uint8Array;
  readonly a: Uint32Array;
  readonly b: Uint32Array;
}

export class Malformed extends Error {}

const MAGIC = "KNL1";
const aligned = (at: number): number => (at + 3) & ~3;

/** The scene in `buffer`, without a copy. Bytes are little-endian, as all browsers' arrays are. */
export function decode(buffer: ArrayBuffer): Scene {
  const text = (from: number, length: number): string => new TextDecoder().decode(new Uint8Array(buffer, from, length));
  if (buffer.byteLength < 8 || text(0, 4) !== MAGIC) throw new Malformed("not a scene");
  const length = new DataView(buffer).getUint32(4, true);
  if (8 + length > buffer.byteLength) throw new Malformed("the header is cut off");
  const header = JSON.parse(text(8, length)) as Header;
  const { nodes: n, edges: m } = header;
  const start = aligned(8 + length);
  const links = aligned(start + 10 * n);
  if (links + 8 * m > buffer.byteLength) throw new Malformed("the arrays are cut off");
  return {
    ...header,
    x: new Float32Array(buffer, start, n),
    y: new Float32Array(buffer, start + 4 * n, n),
    layer: new Uint8Array(buffer, start + 8 * n, n),
    kind: new Uint8Array(buffer, start + 9 * n, n),
    a: new Uint32Array(buffer, links, m),
    b: new Uint32Array(buffer, links + 4 * m, m),
  };
}

/** How many links each node has. */
export function degrees(scene: Scene): Uint32Array {
  const found = new Uint32Array(scene.nodes);
  for (let i = 0; i < scene.edges; i++) {
    found[scene.a[i] as number] = (found[scene.a[i] as number] as number) + 1;
    found[scene.b[i] as number] = (found[scene.b[i] as number] as number) + 1;
  }
  return found;
}

export interface Links {
  /** Nodes that have a link with `node`. */
  of(node: number): Uint32Array;
}

/** Neighbours by node: one array of them all, and where each node's begin. */
export function links(scene: Scene, degree: Uint32Array): Links {
  const start = new Uint32Array(scene.nodes + 1);
  for (let i = 0; i < scene.nodes; i++) start[i + 1] = (start[i] as number) + (degree[i] as number);
  const next = start.slice();
  const found = new Uint32Array(2 * scene.edges);
  const put = (from: number, to: number): void => {
    const at = next[from] as number;
    found[at] = to;
    next[from] = at + 1;
  };
  for (let i = 0; i < scene.edges; i++) {
    const [a, b] = [scene.a[i] as number, scene.b[i] as number];
    put(a, b);
    put(b, a);
  }
  return { of: (node) => found.subarray(start[node], start[node + 1]) };
}

/** Node numbers, those with most links first. */
export function byImportance(degree: Uint32Array): Uint32Array {
  return Uint32Array.from(degree.keys()).sort((p, q) => (degree[q] as number) - (degree[p] as number) || p - q);
}

/** How many nodes of each kind: what a person who sees no picture is told. */
export function census(scene: Scene): { layer: number; name: string; count: number }[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < scene.nodes; i++) {
    const key = (scene.layer[i] as number) * 256 + (scene.kind[i] as number);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .map(([key, count]) => ({ layer: key >> 8, name: named(scene, key >> 8, key & 255), count }))
    .sort((p, q) => q.layer - p.layer || q.count - p.count);
}

function named(scene: Header, layer: number, kind: number): string {
  return (layer === ARTIFACT ? scene.kinds : scene.types)[kind] ?? "";
}

/** The name of a node's kind or type. */
export function kindOf(scene: Scene, node: number): string {
  return named(scene, scene.layer[node] as number, scene.kind[node] as number);
}

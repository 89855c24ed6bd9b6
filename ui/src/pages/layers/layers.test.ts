import { describe, expect, it } from "vitest";

import { box, plane, project, START, turned, unproject, zoomed } from "./camera";
import { placed } from "./labels";
import { Pace } from "./pace";
import { index, pick, planeAt, within } from "./pick";
import { byImportance, census, decode, degrees, kindOf, links, Malformed } from "./scene";
import { svg } from "./svg";

/** Bytes as the contract says, written here by hand. */
function bytes(nodes: readonly (readonly [number, number, number, number])[], edges: readonly (readonly [number, number])[]): ArrayBuffer {
  const header = new TextEncoder().encode(
    JSON.stringify({ nodes: nodes.length, edges: edges.length, kinds: ["ip", "domain"], types: ["actor"], total_nodes: 9, total_edges: 9, gated: [] }),
  );
  const start = Math.ceil((8 + header.length) / 4) * 4;
  const n = nodes.length;
  const after = Math.ceil((start + 10 * n) / 4) * 4;
  const buffer = new ArrayBuffer(after + 8 * edges.length);
  const view = new DataView(buffer);
  new Uint8Array(buffer).set([0x4b, 0x4e, 0x4c, 0x31]);
  view.setUint32(4, header.length, true);
  new Uint8Array(buffer).set(header, 8);
  nodes.forEach(([x, y, layer, kind], i) => {
    view.setFloat32(start + 4 * i, x, true);
    view.setFloat32(start + 4 * n + 4 * i, y, true);
    view.setUint8(start + 8 * n + i, layer);
    view.setUint8(start + 9 * n + i, kind);
  });
  edges.forEach(([a, b], i) => {
    view.setUint32(after + 4 * i, a, true);
    view.setUint32(after + 4 * edges.length + 4 * i, b, true);
  });
  return buffer;
}

const NODES = [[-10, -10, 0, 0], [10, 10, 0, 1], [0, 0, 0, 0], [0, 0, 1, 0], [5, -5, 0, 1]] as const;
const scene = decode(bytes(NODES, [[0, 1], [2, 3], [3, 1]]));
const frame = { width: 800, height: 600 };
const around = box(scene);
const maps = [plane(START, frame, around, 0), plane(START, frame, around, 1)] as const;

describe("a scene", () => {
  it("is read from its bytes", () => {
    expect([...scene.x]).toEqual([-10, 10, 0, 0, 5]);
    expect([...scene.layer]).toEqual([0, 0, 0, 1, 0]);
    expect([...scene.a, ...scene.b]).toEqual([0, 2, 3, 1, 3, 1]);
    expect(kindOf(scene, 3)).toBe("actor");
    expect(scene.total_nodes).toBe(9);
  });

  it("is refused where bytes are missing or of something else", () => {
    const whole = bytes(NODES, [[0, 1]]);
    for (const bad of [new ArrayBuffer(3), whole.slice(0, 20), whole.slice(0, whole.byteLength - 1), new ArrayBuffer(64)]) {
      expect(() => decode(bad)).toThrow(Malformed);
    }
  });

  it("knows degrees, neighbours and who matters most", () => {
    const degree = degrees(scene);
    expect([...degree]).toEqual([1, 2, 1, 2, 0]);
    expect([...links(scene, degree).of(3)].sort()).toEqual([1, 2]);
    expect([...links(scene, degree).of(4)]).toEqual([]);
    expect([...byImportance(degree)]).toEqual([1, 3, 0, 2, 4]);
  });

  it("is counted by layer and kind", () => {
    expect(census(scene)).toEqual([
      { layer: 1, name: "actor", count: 1 }, { layer: 0, name: "ip", count: 2 }, { layer: 0, name: "domain", count: 2 },
    ]);
  });
});

describe("the camera", () => {
  it("can be undone", () => {
    for (const map of maps) {
      const [x, y] = unproject(map, ...project(map, 3, -7));
      expect(x).toBeCloseTo(3, 6);
      expect(y).toBeCloseTo(-7, 6);
    }
  });

  it("puts the semantic plane above the other", () => {
    expect(project(maps[1], 0, 0)[1]).toBeLessThan(project(maps[0], 0, 0)[1]);
  });

  it("keeps the point under the pointer while it zooms", () => {
    const closer = plane(zoomed(START, frame, 3, 520, 410), frame, around, 0);
    const [x, y] = unproject(maps[0], 520, 410);
    expect(project(closer, x, y)[0]).toBeCloseTo(520, 3);
    // The upright distance of the planes grows with the zoom as well.
    expect(project(closer, x, y)[1]).toBeCloseTo(410, 3);
  });

  it("never lies edge on", () => {
    expect(turned(START, 9, 9).tilt).toBeLessThan(1);
    expect(turned(START, -9, -9).tilt).toBeGreaterThan(0.2);
  });
});

describe("picking", () => {
  const grid = index(scene);
  it("finds every node at its own place", () => {
    for (const i of [0, 1, 2, 3, 4]) {
      const layer = scene.layer[i] === 1 ? 1 : 0;
      const [px, py] = project(maps[layer], scene.x[i] as number, scene.y[i] as number);
      expect(pick(scene, grid, maps, px + 2, py - 2, 8)).toBe(i);
    }
  });

  it("finds nothing where nothing is", () => {
    expect(pick(scene, grid, maps, 3, 3, 8)).toBe(-1);
  });

  it("agrees with looking at every node", () => {
    const many = Array.from({ length: 900 }, (_, i) => [((i * 7919) % 997) / 9, ((i * 104_729) % 991) / 9, i % 2, 0] as const);
    const crowd = decode(bytes(many, []));
    const wide = [plane(START, frame, box(crowd), 0), plane(START, frame, box(crowd), 1)] as const;
    const cells = index(crowd);
    for (let k = 0; k < 60; k++) {
      const [px, py] = [(k * 97) % 800, (k * 61) % 600];
      let [best, least] = [-1, 81];
      for (let i = 0; i < 900; i++) {
        const [x, y] = project(wide[crowd.layer[i] === 1 ? 1 : 0], crowd.x[i] as number, crowd.y[i] as number);
        const d = (x - px) ** 2 + (y - py) ** 2;
        if (d < least) [best, least] = [i, d];
      }
      expect(pick(crowd, cells, wide, px, py, 9)).toBe(best);
    }
  });

  it("takes a rectangle of one plane only", () => {
    const all = { left: 0, top: 0, right: 800, bottom: 600 };
    expect(within(scene, maps[0], 0, all)).toEqual([0, 1, 2, 4]);
    expect(within(scene, maps[1], 1, all)).toEqual([3]);
    expect(planeAt(grid, maps, ...project(maps[1], 0, -9))).toBe(1);
    expect(planeAt(grid, maps, ...project(maps[0], 0, 9))).toBe(0);
  });
});

describe("names in the picture", () => {
  it("always has the chosen node, and no two on each other", () => {
    const found = placed(scene, maps, frame, byImportance(degrees(scene)), [4], 20);
    expect(found[0]?.node).toBe(4);
    expect(new Set(found.map((one) => one.node)).size).toBe(found.length);
  });
});

describe("the SVG file", () => {
  it("holds every node and link, and says what is withheld", () => {
    const grey = [0.5, 0.5, 0.5] as const;
    const palette = { kinds: [grey, grey], types: [grey], ink: grey, line: grey, plane: grey };
    const text = svg({ scene, maps, frame, palette, sizes: new Uint8Array(5).fill(4), growth: 1, labels: [{ node: 3, x: 1, y: 1, text: "<a & b>" }], note: "4 withheld" });
    expect(text.match(/<circle/g)).toHaveLength(5);
    expect(text.match(/M[\d.-]+ [\d.-]+L/g)).toHaveLength(3);
    expect(text).toContain("&lt;a &amp; b&gt;");
    expect(text).toContain("4 withheld");
  });
});

describe("the pace of drawing", () => {
  it("slows down for slow graphics and takes all links at once on fast ones", () => {
    const pace = new Pace(300_000);
    for (let i = 0; i < 9; i++) pace.took(400);
    expect(pace.links).toBe(1000);
    for (let i = 0; i < 20; i++) pace.took(4);
    expect(pace.links).toBe(300_000);
    pace.took(50);
    expect(pace.links).toBe(300_000);
  });
});

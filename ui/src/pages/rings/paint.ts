/** Draws the rings on a canvas, the far ones first. */

import type { AlertKind } from "../../api/organisations";
import type { Ring } from "./model";
import type { Arc } from "./ring";
import { around, project, SCALE, SPHERE, type Frame, type Point, type Vector, type View } from "./view";

export interface Colours {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly live: string;
  readonly dark: string;
  readonly chosen: string;
  readonly sphere: string;
  readonly ground: string;
  readonly kinds: Readonly<Record<AlertKind, string>>;
}

/** The classes that colour kinds; the legend and the table use the same. */
export const TONES: Readonly<Record<AlertKind, string>> = {
  internal: "severity-critical",
  external: "c1",
  victim: "c4",
  reflector: "c3",
  misconfig: "c5",
  spoofed: "c9",
};

export interface Hit {
  readonly x: number;
  readonly y: number;
  readonly ring: number;
  readonly alert: string; // "": the ring itself
}

export interface Said {
  readonly chosen: string; // id of the alert that is open
  readonly organisation: string; // id of the one that is picked out
  readonly names: (ring: Ring) => string;
}

export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  const kinds = Object.fromEntries(Object.entries(TONES).map(([kind, name]) => [kind, of(`--${name}`)]));
  return {
    ink: of("--ink"),
    soft: of("--ink-soft"),
    line: of("--line-strong"),
    live: of("--bar"),
    dark: of("--bar-soft"),
    chosen: of("--pivot"),
    sphere: of("--accent"),
    ground: of("--surface"),
    kinds: kinds as Record<AlertKind, string>,
  };
}

const MIDDLE: Vector = [0, 0, 0];
const BEHIND = 0.5; // rings behind the sphere are named only where there are few
const FEW = 12;

/** Draws everything, and says where what can be clicked stands. */
export function paint(on: CanvasRenderingContext2D, rings: readonly Ring[], view: View, frame: Frame, colour: Colours, said: Said): Hit[] {
  on.clearRect(0, 0, frame.width, frame.height);
  const seen = rings.map((ring, i) => ({ ring, i, at: project(ring.middle, view, frame) }));
  seen.sort((a, b) => a.at.near - b.at.near);
  const hits: Hit[] = [];
  let sphere = false;
  for (const one of seen) {
    if (!sphere && one.at.near > 0.5) {
      globe(on, view, frame, colour);
      sphere = true;
    }
    ring(on, one.ring, one.i, one.at, { view, frame, colour, said, hits, many: rings.length });
  }
  if (!sphere) globe(on, view, frame, colour);
  names(on, seen.reverse(), { view, frame, colour, said, hits, many: rings.length });
  return hits;
}

interface Drawing {
  readonly view: View;
  readonly frame: Frame;
  readonly colour: Colours;
  readonly said: Said;
  readonly hits: Hit[];
  readonly many: number;
}

/** The Internet: a sphere with a few circles, which show how it is turned. */
function globe(on: CanvasRenderingContext2D, view: View, frame: Frame, colour: Colours): void {
  const middle = project(MIDDLE, view, frame);
  const edge = SPHERE * Math.min(frame.width, frame.height) * SCALE * view.zoom;
  on.globalAlpha = 1;
  on.beginPath();
  on.arc(middle.x, middle.y, edge, 0, 2 * Math.PI);
  const shade = on.createRadialGradient(middle.x - edge / 3, middle.y - edge / 3, edge / 8, middle.x, middle.y, edge);
  shade.addColorStop(0, colour.dark);
  shade.addColorStop(1, colour.live);
  on.fillStyle = shade;
  on.fill();
  on.strokeStyle = colour.ground;
  on.lineWidth = 0.8;
  on.globalAlpha = 0.55;
  for (const height of [-0.6, 0, 0.6]) {
    const flat = Math.sqrt(1 - height * height) * SPHERE;
    loop(on, 48, (share) => {
      const angle = 2 * Math.PI * share;
      return project([flat * Math.cos(angle), height * SPHERE, flat * Math.sin(angle)], view, frame);
    });
  }
  on.globalAlpha = 1;
}

function loop(on: CanvasRenderingContext2D, steps: number, at: (share: number) => Point): void {
  on.beginPath();
  for (let step = 0; step <= steps; step++) {
    const point = at(step / steps);
    if (step === 0) on.moveTo(point.x, point.y);
    else on.lineTo(point.x, point.y);
  }
  on.stroke();
}

function ring(on: CanvasRenderingContext2D, of: Ring, index: number, middle: Point, as: Drawing): void {
  const { view, frame, said, hits } = as;
  const picked = said.organisation === of.organisation.id;
  const edge = project(around(of.middle, of.size, 0), view, frame);
  const large = Math.hypot(edge.x - middle.x, edge.y - middle.y);
  on.lineWidth = Math.max(1.5, Math.min(9, large / 7)) * (picked ? 1.25 : 1);
  on.globalAlpha = 0.35 + 0.65 * middle.near;
  for (const arc of of.arcs) bow(on, of, arc, large, as);
  hits.push({ x: middle.x, y: middle.y, ring: index, alert: "" });
  for (const mark of of.marks) traffic(on, mark.alert.kind, project(mark.at, view, frame), as);
  for (const mark of of.marks) {
    const point = project(mark.at, view, frame);
    sign(on, mark.alert.kind, point, mark.alert.id === said.chosen, Math.max(4, Math.min(9, large / 6)), as);
    hits.push({ x: point.x, y: point.y, ring: index, alert: mark.alert.id });
  }
}

/** One prefix of a ring. */
function bow(on: CanvasRenderingContext2D, of: Ring, arc: Arc, large: number, as: Drawing): void {
  const steps = Math.max(2, Math.ceil((arc.to - arc.from) * (large > 60 ? 96 : 40)));
  on.beginPath();
  for (let step = 0; step <= steps; step++) {
    const share = arc.from + ((arc.to - arc.from) * step) / steps;
    const point = project(around(of.middle, of.size, share), as.view, as.frame);
    if (step === 0) on.moveTo(point.x, point.y);
    else on.lineTo(point.x, point.y);
  }
  on.strokeStyle = arc.dark ? as.colour.dark : as.colour.live;
  on.stroke();
}

/** Where the packets went or came from: the unused addresses in the middle, or the ring itself. */
function traffic(on: CanvasRenderingContext2D, kind: AlertKind, from: Point, as: Drawing): void {
  const to = project(MIDDLE, as.view, as.frame);
  const edge = SPHERE * Math.min(as.frame.width, as.frame.height) * SCALE * as.view.zoom;
  const far = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  if (kind === "internal" || far < edge) return;
  on.beginPath();
  on.moveTo(from.x, from.y);
  on.lineTo(to.x + ((from.x - to.x) * edge) / far, to.y + ((from.y - to.y) * edge) / far);
  on.strokeStyle = as.colour.kinds[kind];
  on.globalAlpha = 0.25 + 0.5 * from.near;
  on.lineWidth = 1.4;
  on.setLineDash(kind === "spoofed" ? [2, 4] : kind === "victim" || kind === "reflector" ? [6, 4] : []);
  on.stroke();
  on.setLineDash([]);
}

/** A mark that is told from others by its form too. */
function sign(on: CanvasRenderingContext2D, kind: AlertKind, at: Point, chosen: boolean, size: number, as: Drawing): void {
  const corners = CORNERS[kind];
  on.globalAlpha = 1;
  on.beginPath();
  if (corners === 0) on.arc(at.x, at.y, size, 0, 2 * Math.PI);
  else {
    for (let i = 0; i < corners; i++) {
      const angle = -Math.PI / 2 + (2 * Math.PI * i) / corners;
      on.lineTo(at.x + size * 1.15 * Math.cos(angle), at.y + size * 1.15 * Math.sin(angle));
    }
    on.closePath();
  }
  on.fillStyle = as.colour.kinds[kind];
  on.fill();
  on.strokeStyle = chosen ? as.colour.ink : as.colour.ground;
  on.lineWidth = chosen ? 3 : 1.5;
  on.stroke();
}

const CORNERS: Readonly<Record<AlertKind, number>> = {
  internal: 3,
  external: 0,
  victim: 4,
  reflector: 5,
  misconfig: 6,
  spoofed: 8,
};

interface Seen {
  readonly ring: Ring;
  readonly at: Point;
}

/** Names of the rings, the near ones first; one that would lie on another is left out. */
function names(on: CanvasRenderingContext2D, seen: readonly Seen[], as: Drawing): void {
  const taken: [number, number, number][] = [];
  const picked = (one: Seen): boolean => one.ring.organisation.id === as.said.organisation;
  const ordered = [...seen].sort((a, b) => Number(picked(b)) - Number(picked(a)));
  on.textAlign = "center";
  on.textBaseline = "middle";
  for (const one of ordered) {
    if (one.at.near < BEHIND && as.many > FEW && !picked(one)) continue;
    name(on, one, picked(one), taken, as);
  }
  on.globalAlpha = 1;
}

function name(on: CanvasRenderingContext2D, one: Seen, picked: boolean, taken: [number, number, number][], as: Drawing): void {
  const { ring: of, at } = one;
  const text = as.said.names(of);
  const short = text.length > 22 ? `${text.slice(0, 21)}…` : text;
  on.font = `${picked ? "650 " : ""}12px system-ui, sans-serif`;
  const edge = project(around(of.middle, of.size, 0), as.view, as.frame);
  const large = Math.hypot(edge.x - at.x, edge.y - at.y);
  const y = large > 42 && !picked ? at.y : at.y + large + 12;
  const half = on.measureText(short).width / 2 + 4;
  if (taken.some(([x, line, other]) => Math.abs(x - at.x) < half + other && Math.abs(line - y) < 15)) return;
  taken.push([at.x, y, half]);
  on.globalAlpha = 0.5 + 0.5 * at.near;
  on.lineWidth = 3;
  on.strokeStyle = as.colour.ground;
  on.strokeText(short, at.x, y);
  on.fillStyle = picked ? as.colour.chosen : as.colour.ink;
  on.fillText(short, at.x, y);
}

/** What stands nearest to a point, within reach; marks before rings. */
export function near(hits: readonly Hit[], x: number, y: number, reach: number): Hit | null {
  let best: Hit | null = null;
  let least = reach;
  for (const hit of hits) {
    const far = Math.hypot(hit.x - x, hit.y - y) + (hit.alert ? 0 : reach / 3);
    if (far <= least) [best, least] = [hit, far];
  }
  return best;
}

/** A ring of addresses: the prefixes of one organisation, laid around a circle. */

export interface Arc {
  readonly prefix: string;
  readonly dark: boolean;
  readonly from: number; // share of the circle, 0 to 1
  readonly to: number;
  readonly first: bigint;
  readonly last: bigint;
}

interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

const FOUR = 0xffffn << 32n; // IPv4 lies in IPv6 (RFC 4291, section 2.5.5.2)

/** An address as a number of 128 bits; null when it is none. */
export function value(text: string): bigint | null {
  const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (quad) {
    const octets = quad.slice(1).map(Number);
    if (octets.some((octet) => octet > 255)) return null;
    return FOUR | octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  }
  return six(text);
}

function six(text: string): bigint | null {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return null;
  const groups = (part: string): string[] => (part ? part.split(":") : []);
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const all = [...before, ...Array<string>(tail === undefined ? 0 : missing).fill("0"), ...after];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function range(prefix: string): Range | null {
  const [address = "", length] = prefix.split("/");
  const at = value(address);
  if (at === null) return null;
  const bits = (at >> 32n === 0xffffn ? 32n : 128n) - BigInt(length ?? "0");
  const size = 1n << (bits < 0n ? 0n : bits);
  return { first: at, last: at + size - 1n };
}

/** How much room a prefix gets: by the logarithm, so that a /30 is seen beside a /16. */
function weight(of: Range): number {
  return (of.last - of.first + 1n).toString(2).length;
}

/** The arcs of an organisation by address; what holds others is cut by them. */
export function arcs(live: readonly string[], dark: readonly string[]): readonly Arc[] {
  const given = [
    ...live.map((prefix) => ({ prefix, dark: false })),
    ...dark.map((prefix) => ({ prefix, dark: true })),
  ].flatMap((one) => {
    const found = range(one.prefix);
    return found ? [{ ...one, ...found }] : [];
  });
  given.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.last > b.last ? -1 : 1));
  const pieces = given.flatMap((one, i) => {
    const inside: Range[] = []; // they follow the one that holds them
    for (let j = i + 1; j < given.length && (given[j]?.first ?? 0n) <= one.last; j++) inside.push(given[j] as Range);
    return outside(one, inside).map((piece) => ({ prefix: one.prefix, dark: one.dark, ...piece }));
  });
  pieces.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const total = pieces.reduce((sum, piece) => sum + weight(piece), 0);
  let at = 0;
  return pieces.map((piece) => {
    const from = at / total;
    at += weight(piece);
    return { ...piece, from, to: at / total };
  });
}

/** What is left of a range without the ranges inside it. */
function outside(whole: Range, inside: readonly Range[]): Range[] {
  const left: Range[] = [];
  let at = whole.first;
  for (const one of inside) {
    if (one.first > at) left.push({ first: at, last: one.first - 1n });
    if (one.last >= at) at = one.last + 1n;
  }
  if (at <= whole.last) left.push({ first: at, last: whole.last });
  return left;
}

/** Where a host stands on the circle, 0 to 1; null when no arc holds it. */
export function place(of: readonly Arc[], host: string): number | null {
  const at = value(host);
  if (at === null) return null;
  const arc = of.find((one) => one.first <= at && at <= one.last);
  if (!arc) return null;
  const size = Number(arc.last - arc.first + 1n);
  return arc.from + ((Number(at - arc.first) + 0.5) / size) * (arc.to - arc.from);
}

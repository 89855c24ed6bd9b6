/** Addresses from the lake's two signed 64-bit words, as RFC 5952 writes them. */

const MASK = (1n << 64n) - 1n;

export function ip(hi: string | number | bigint, lo: string | number | bigint): string {
  const high = BigInt(hi) & MASK;
  const low = BigInt(lo) & MASK;
  if (high === 0n && low >> 32n === 0xffffn) return v4(low & 0xffffffffn);
  return v6((high << 64n) | low);
}

function v4(word: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (word >> shift) & 255n).join(".");
}

function v6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  const [start, length] = longestZeros(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

/** Where the first longest run of zero groups begins, and its length. */
function longestZeros(groups: readonly string[]): [number, number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  groups.forEach((group, i) => {
    if (group !== "0") start = i + 1;
    else if (i + 1 - start > best[1]) best = [start, i + 1 - start];
  });
  return best;
}

const ADDRESS = /[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]+(?:\/\d{1,3})?/g;

/** The distinct addresses in pasted text: lines, CSV, log excerpts, defanged or not. */
export function addresses(text: string, most: number): string[] {
  const plain = text.replace(/\[\.\]|\(\.\)/g, ".").replace(/\[:\]/g, ":");
  const found = new Set<string>();
  for (const [match] of plain.matchAll(ADDRESS)) {
    const candidate = match.replace(/^[.]+|[.:]+$/g, "").toLowerCase();
    if (isAddress(candidate)) found.add(candidate);
    if (found.size >= most) break;
  }
  return [...found];
}

/** Whether a text is one address, or a prefix. */
export function isAddress(text: string): boolean {
  const [address = ""] = text.split("/");
  const parts = address.split(".");
  if (!address.includes(":")) {
    return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  }
  const groups = address.split(":");
  const short = address.includes("::");
  return (
    groups.every((group) => /^[0-9a-f]{0,4}$/.test(group)) &&
    (short ? groups.length <= 9 && address.split("::").length === 2 : groups.length === 8)
  );
}

/** The two signed words of an address, the way the lake holds it. */
export function words(text: string): readonly [bigint, bigint] {
  const value = text.includes(":") ? fromV6(text) : (0xffffn << 32n) | fromV4(text);
  return [BigInt.asIntN(64, value >> 64n), BigInt.asIntN(64, value)];
}

function fromV4(text: string): bigint {
  return text.split(".").reduce((all, part) => (all << 8n) | BigInt(part), 0n);
}

function fromV6(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  const groups = [...before, ...(tail === undefined ? [] : zeros), ...after];
  return groups.reduce((all, group) => (all << 16n) | BigInt(`0x${group}`), 0n);
}

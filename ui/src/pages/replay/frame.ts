/** Packets as they are sent for pictures (`KNP1`): columns that are read where they lie. */

export interface Header {
  readonly count: number;
  readonly base: number; // microseconds UTC; `after` counts from here
  readonly until: number;
  readonly unit_us: number; // of `after`
  readonly packets: number; // that the points stand for
  readonly at: number; // when the frame was made
  readonly live: boolean;
  readonly missed: number; // packets that this client was too slow for
  readonly folded: number; // points of IPv6
  readonly sensors: readonly string[];
  readonly ptypes: readonly string[];
  readonly credits: readonly (readonly [string, string])[]; // text and link, to be shown with countries
}

export interface Frame extends Header {
  readonly after: Uint32Array;
  readonly src: Uint32Array;
  readonly dst: Uint32Array;
  readonly sport: Uint16Array;
  readonly dport: Uint16Array;
  readonly marks: Uint16Array;
  readonly country: Uint16Array; // two letters, 0: unknown
  readonly ptype: Uint8Array; // place in `ptypes`
}

export const NO_DPORT = 0x2000;
export const NO_SPORT = 0x4000;
export const FOLDED = 0x8000;

const MAGIC = "KNP1";
const BYTES = 21; // of a packet
const REST = { live: false, missed: 0, folded: 0, sensors: [], ptypes: [], credits: [] };

export class Malformed extends Error {}

function header(buffer: ArrayBuffer): [Header, number] {
  const text = (from: number, length: number): string => new TextDecoder().decode(new Uint8Array(buffer, from, length));
  if (buffer.byteLength < 8 || text(0, 4) !== MAGIC) throw new Malformed("not a frame of packets");
  const length = new DataView(buffer).getUint32(4, true);
  if (length % 4 !== 0 || 8 + length > buffer.byteLength) throw new Malformed("the header is cut off");
  const told = JSON.parse(text(8, length)) as Partial<Header>;
  if (!Number.isSafeInteger(told.count) || (told.count as number) < 0) throw new Malformed("no number of packets");
  return [{ ...REST, ...told } as Header, 8 + length];
}

/** The frame in `buffer`, without a copy. Bytes are little-endian, as all browsers' arrays are. */
export function decode(buffer: ArrayBuffer): Frame {
  const [told, start] = header(buffer);
  const n = told.count;
  if (start + BYTES * n > buffer.byteLength) throw new Malformed("the columns are cut off");
  const word = (i: number): Uint32Array => new Uint32Array(buffer, start + 4 * n * i, n);
  const half = (i: number): Uint16Array => new Uint16Array(buffer, start + 12 * n + 2 * n * i, n);
  return {
    ...told,
    after: word(0), src: word(1), dst: word(2),
    sport: half(0), dport: half(1), marks: half(2), country: half(3),
    ptype: new Uint8Array(buffer, start + 20 * n, n),
  };
}

/** An IPv4 address from its 32 bits. */
export function dotted(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** The two letters of a country, empty where it is not known. */
export function letters(country: number): string {
  return country === 0 ? "" : String.fromCharCode(country >> 8, country & 255);
}

/** The first packet at or after `after` (in the frame's unit); packets lie in order of time. */
export function firstAt(frame: Frame, after: number): number {
  let [low, high] = [0, frame.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((frame.after[middle] as number) < after) low = middle + 1;
    else high = middle;
  }
  return low;
}

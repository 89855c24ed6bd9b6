/** The map of all IPv4 addresses that keeps neighbours together: Hilbert's curve, as censuses of the Internet draw it. */

const ORDER = 16; // 65,536 × 65,536 places for 2^32 addresses

/** Place of an address, both coordinates 0 to 65,535 (C. Hamilton's walk, from the high bits down). */
export function hilbert(address: number): readonly [number, number] {
  let [x, y] = [0, 0];
  for (let level = 0; level < ORDER; level++) {
    const quarter = (address >>> (2 * level)) & 3;
    const [right, down] = [quarter >> 1, (quarter ^ (quarter >> 1)) & 1];
    const side = 2 ** level;
    if (down === 0) {
      if (right === 1) [x, y] = [side - 1 - x, side - 1 - y];
      [x, y] = [y, x];
    }
    x += side * right;
    y += side * down;
  }
  return [x, y];
}

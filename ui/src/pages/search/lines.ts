/** A pasted text taken apart. */

export const MOST = 100_000;

/** The distinct values of what was pasted; fields of a line are taken apart. */
export function lines(text: string, most = MOST): string[] {
  const found = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    for (const word of line.split(/[\s,;|\t"]+/)) {
      if (word) found.add(word);
      if (found.size >= most) return [...found];
    }
  }
  return [...found];
}

/** The first sentence of a description: what an analysis asks, in one line. */

export function question(text: string): string {
  const paragraph = text.trim().split(/\n\s*\n/)[0]?.replace(/\s*\n\s*/g, " ") ?? "";
  // Two letters before a full stop: the ones of abbreviations such as "e.g." end nothing.
  return /^.+?(?:[\p{L}\p{N})]{2}[.?!](?=\s|$)|[。？！])/u.exec(paragraph)?.[0] ?? paragraph;
}

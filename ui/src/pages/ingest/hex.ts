/** Bytes of damaged input as a dump: offset, sixteen bytes, and what of them is ASCII. */

export function dump(hex: string, offset: number): string {
  const bytes = hex.match(/../g) ?? [];
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += 16) {
    const part = bytes.slice(i, i + 16);
    const at = (offset + i).toString(16).padStart(8, "0");
    const halves = [part.slice(0, 8), part.slice(8)].map((half) => half.join(" ")).join("  ");
    const text = part.map((byte) => printable(parseInt(byte, 16))).join("");
    lines.push(`${at}  ${halves.padEnd(48)}  |${text}|`);
  }
  return lines.join("\n");
}

function printable(code: number): string {
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ".";
}

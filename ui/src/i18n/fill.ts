/** Values in texts. */

export type Values = Readonly<Record<string, string | number>>;

const PLACE = /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g;

/** `{n}` becomes the value of `n`; `{n:file|files}` the word that fits one or many. */
export function fill(text: string, values: Values): string {
  return text.replace(PLACE, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (many === undefined) return String(value);
    return String(value) === "1" ? (one ?? "") : many;
  });
}

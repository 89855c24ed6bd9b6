/** SQL cut into coloured pieces, and the queries that the console itself proposes. */

export type Piece = readonly [kind: "word" | "text" | "number" | "note" | "mark" | "", text: string];

const WORDS = new Set(
  `all and any array as asc between by case cast count cross cube describe desc distinct else end
   except exists extract false filter first from full group grouping having in inner intersect
   interval is join last lateral left like limit list map max min not null nulls offset on or order
   outer over partition pivot qualify range right row rows select sets show struct sum table then
   true union unnest using values when where window with`.split(/\s+/),
);

const TOKEN = /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?|"[^"]*"?)|(\b\d[\d._]*(?:e[+-]?\d+)?\b)|([A-Za-z_]\w*)|([^\w\s])|(\s+)/gi;

/** All of the text, in order: joining the pieces gives the input again. */
export function pieces(sql: string): Piece[] {
  return [...sql.matchAll(TOKEN)].map(([whole, note, text, number, word, mark]): Piece => {
    if (note) return ["note", whole];
    if (text) return ["text", whole];
    if (number) return ["number", whole];
    if (word) return [WORDS.has(word.toLowerCase()) ? "word" : "", whole];
    return [mark ? "mark" : "", whole];
  });
}

/** A query with line breaks before its clauses, where it has none yet. */
export function laid(sql: string): string {
  if (sql.includes("\n")) return sql;
  const clause = /\s+(?=(?:FROM|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|UNION|QUALIFY)\b)/g;
  return sql
    .split(/('(?:[^']|'')*')/)
    .map((part, i) => (i % 2 ? part : part.replace(clause, "\n").replace(/\s+(?=AND\b)(?!AND \d)/g, "\n  ")))
    .join("")
    .replace(/(BETWEEN [^\n]+)\n {2}AND/g, "$1 AND");
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Microseconds as a timestamp that DuckDB compares with `ts`. */
export function stamp(us: number): string {
  return `TIMESTAMPTZ ${literal(new Date(us / 1000).toISOString().replace("T", " ").replace("Z", "+00"))}`;
}

/** How often the rows behind a finding came: `steps` bins over their time range. */
export function timeline(
  query: string,
  column: string,
  { first, last, steps }: { first: number; last: number; steps: number },
): string {
  const width = Math.max(60, Math.ceil((last - first) / 1e6 / steps / 60) * 60);
  const body = query.trim().replace(/;$/, "");
  return (
    `SELECT time_bucket(INTERVAL ${width} SECOND, "${column.replaceAll('"', '""')}") AS bin, count(*) AS n\n` +
    `FROM (${body}) AS evidence\nGROUP BY 1 ORDER BY 1`
  );
}

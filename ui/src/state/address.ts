/** The part of the URL after `#`, taken apart and put together. The whole state is in it. */

export type Params = Readonly<Record<string, string>>;

export interface Place {
  readonly path: readonly string[];
  readonly params: Params;
}

export function parse(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split(/\?(.*)/s, 2);
  return {
    path: path.split("/").filter(Boolean).map(decode),
    params: Object.fromEntries(new URLSearchParams(query)),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % typed by hand
  }
}

/** Empty and undefined parameters are left out, so that equal states have equal links. */
export function link(path: readonly string[], params: Record<string, unknown> = {}): string {
  const kept = Object.entries(params)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([key, value]) => [key, String(value)]);
  const query = new URLSearchParams(kept).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${query ? `?${query}` : ""}`;
}

/** A link that the server wrote, with or without its `#`. */
export function hash(route: string): string {
  return route.startsWith("#") ? route : `#${route.startsWith("/") ? "" : "/"}${route}`;
}

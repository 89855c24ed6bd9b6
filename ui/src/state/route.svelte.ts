/** Where the console is. Pages read `route`, and change it by `go`, `set` or plain links. */

import { link, parse, type Params, type Place } from "./address";

class Route {
  #place = $state.raw<Place>(parse(location.hash));

  constructor() {
    addEventListener("hashchange", () => this.#read());
    addEventListener("popstate", () => this.#read());
  }

  get path(): readonly string[] {
    return this.#place.path;
  }

  get params(): Params {
    return this.#place.params;
  }

  get page(): string {
    return this.#place.path[0] ?? "";
  }

  /** What stands behind the name of `page`; nothing on the way to another page. */
  below(page: string): string {
    return this.page === page ? (this.path[1] ?? "") : "";
  }

  go(path: readonly string[], params: Record<string, unknown> = {}): void {
    history.pushState(null, "", link(path, params));
    this.#read();
  }

  replace(path: readonly string[], params: Record<string, unknown> = {}): void {
    history.replaceState(null, "", link(path, params));
    this.#read();
  }

  /** Change some parameters of this page; a changed filter starts at the first page again. */
  set(change: Record<string, unknown>, { keep = false } = {}): void {
    const first = keep ? {} : { cursor: "", n: "" };
    this.go(this.path, { ...this.params, ...first, ...change });
  }

  #read(): void {
    this.#place = parse(location.hash);
  }
}

export const route = new Route();

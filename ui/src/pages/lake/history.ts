/** Queries that were run in this browser, the newest first. */

const KEY = "kaname.queries";
const MOST = 50;

class History {
  #list: string[] | null = null;

  get list(): readonly string[] {
    if (this.#list) return this.#list;
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      this.#list = Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
    } catch {
      this.#list = []; // storage is off or was written by something else
    }
    return this.#list;
  }

  add(sql: string): void {
    this.#list = [sql, ...this.list.filter((one) => one !== sql)].slice(0, MOST);
    try {
      // A pasted list of ten thousand addresses would crowd out all the rest.
      localStorage.setItem(KEY, JSON.stringify(this.#list.filter((one) => one.length < 8192)));
    } catch {
      // Without storage the history lives as long as the page.
    }
  }
}

export const history = new History();

/** Which cells of a design have a page: those whose reasons and surroundings were kept. */

import { nets, type CircuitNode, type NetPage } from "../../api/hardware";
import { link } from "../../state/address";
import { Resource } from "../../state/resource.svelte";

const MOST = 1000;

export class Kept {
  #digest = $state("");
  readonly #page = new Resource<NetPage>();
  readonly #places = $derived((this.#page.value?.items ?? []).map((one) => one.place));

  /** To be called in an effect. */
  load(digest: string): void {
    this.#digest = digest;
    this.#page.load((signal) => nets(digest, { limit: MOST }, signal));
  }

  /** The page of a gate; empty where it has none. */
  href = (node: CircuitNode): string =>
    node.flagged || this.#places.includes(node.id) ? link(["designs", this.#digest, String(node.id)]) : "";
}

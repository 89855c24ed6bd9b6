/** Labels of findings in words. Until they are known, and for foreign ones, the label itself. */

import { get } from "../api/client";
import type { LabelOut, Text } from "../api/shapes";
import { preferences } from "./preferences.svelte";

class Labels {
  list = $state.raw<readonly LabelOut[]>([]);
  #words = $derived(new Map<string, Text>(this.list.map((one) => [one.label, one.text])));

  async load(): Promise<void> {
    this.list = await get<readonly LabelOut[]>("/labels");
  }

  /** The label in the chosen language. */
  say(label: string): string {
    return this.#words.get(label)?.[preferences.language] ?? label;
  }

  /** All labels, sorted as the language sorts them; of one analysis where it is given. */
  of(analysis = ""): readonly string[] {
    const names = this.list.filter((one) => !analysis || one.analysis === analysis).map((one) => one.label);
    return [...new Set(names)].sort((a, b) => this.say(a).localeCompare(this.say(b), preferences.language));
  }
}

export const labels = new Labels();

/** Keyboard commands: one listener for the page, bindings that come and go with components. */

import { preferences } from "./preferences.svelte";

/** `j`, `Enter`, or two keys one after the other: `g f`. */
export type Bindings = Record<string, (event: KeyboardEvent) => void>;

const TYPING = "input:not([type=checkbox], [type=radio], [type=file]), textarea, select";
const OWN_ENTER = "a, button, summary, [role=button], [role=slider]";

class Keys {
  #stack: Bindings[] = [];
  #first = "";
  #timer = 0;

  constructor() {
    addEventListener("keydown", (event) => this.#press(event));
  }

  /** Bind while a component lives; the youngest binding of a key wins. */
  bind(bindings: Bindings): () => void {
    this.#stack.push(bindings);
    return () => {
      this.#stack = this.#stack.filter((one) => one !== bindings);
    };
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || !this.#ours(event)) return;
    const command = this.#find(`${this.#first}${event.key}`) ?? this.#find(event.key);
    const starts = !command && this.#first === "" && this.#leads(`${event.key} `);
    this.#remember(starts ? `${event.key} ` : "");
    if (!command) return;
    event.preventDefault();
    command(event);
  }

  #ours(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
    const target = event.target as Element;
    if (target.matches(TYPING) || document.querySelector("dialog[open]")) return false;
    if (event.key === "Enter" && target.matches(OWN_ENTER)) return false;
    // WCAG 2.1.4: commands of one character can be switched off.
    return event.key.length > 1 || preferences.shortcuts;
  }

  #find(key: string): ((event: KeyboardEvent) => void) | undefined {
    return this.#stack.findLast((bindings) => key in bindings)?.[key];
  }

  #leads(prefix: string): boolean {
    return this.#stack.some((bindings) => Object.keys(bindings).some((key) => key.startsWith(prefix)));
  }

  #remember(first: string): void {
    clearTimeout(this.#timer);
    this.#first = first;
    if (first) this.#timer = window.setTimeout(() => (this.#first = ""), 1500);
  }
}

export const keys = new Keys();

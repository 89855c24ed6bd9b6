/** What a person chose for this browser: language, zone, theme. Kept in local storage. */

export const LANGUAGES = ["ja", "en"] as const;
export const ZONES = ["JST", "UTC"] as const;
export const THEMES = ["auto", "light", "dark"] as const;

export type Language = (typeof LANGUAGES)[number];
export type Zone = (typeof ZONES)[number];
export type Theme = (typeof THEMES)[number];

const KEY = "kaname.preferences";

interface Stored {
  language?: Language;
  zone?: Zone;
  theme?: Theme;
  shortcuts?: boolean;
}

function stored(): Stored {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Stored;
  } catch {
    return {}; // storage may be switched off, or hold what another version wrote
  }
}

class Preferences {
  language = $state<Language>("en");
  zone = $state<Zone>("UTC");
  theme = $state<Theme>("auto");
  shortcuts = $state(true);
  #chosen: Stored;

  constructor() {
    this.#chosen = stored();
    const guess: Language = navigator.language.startsWith("ja") ? "ja" : "en";
    this.language = this.#chosen.language ?? guess;
    this.zone = this.#chosen.zone ?? (this.language === "ja" ? "JST" : "UTC");
    this.theme = this.#chosen.theme ?? "auto";
    this.shortcuts = this.#chosen.shortcuts ?? true;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.apply());
  }

  /** Take what the server is set to, where the person has chosen nothing. */
  suggest(language: string, zone: string): void {
    if (!this.#chosen.language && (language === "ja" || language === "en")) this.language = language;
    if (!this.#chosen.zone && (zone === "JST" || zone === "UTC")) this.zone = zone;
    this.apply();
  }

  choose(change: Stored): void {
    Object.assign(this, change);
    Object.assign(this.#chosen, change);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#chosen));
    } catch {
      // Without storage the choice holds until the page is closed.
    }
    this.apply();
  }

  /** Write language and theme on the document, where CSS and screen readers look. */
  apply(): void {
    const dark =
      this.theme === "dark" ||
      (this.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
    document.documentElement.lang = this.language;
  }
}

export const preferences = new Preferences();

/** Who is signed in, and what the nexus says of itself. */

import { Failure, get, post, remove } from "../api/client";
import { live } from "../api/live.svelte";
import type { MeOut, StatusOut } from "../api/shapes";
import { labels } from "./labels.svelte";
import { preferences } from "./preferences.svelte";

const RANK = ["viewer", "analyst", "publisher", "admin"];

class Session {
  me = $state.raw<MeOut | null>(null);
  status = $state.raw<StatusOut | null>(null);
  known = $state(false); // whether we have asked already

  /** Whether the account may do what needs `role`. The server decides; this only hides. */
  may(role: string): boolean {
    return this.me !== null && RANK.indexOf(this.me.role) >= RANK.indexOf(role);
  }

  async resume(): Promise<void> {
    try {
      this.me = await get<MeOut>("/me");
      await this.refresh();
      if (this.status) preferences.suggest(this.status.language, this.status.zone);
      live.open();
      void labels.load().catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error; // without words, labels stand as they are
      });
    } finally {
      this.known = true;
    }
  }

  async refresh(): Promise<void> {
    this.status = await get<StatusOut>("/status");
  }

  async signIn(token: string): Promise<void> {
    await post("/session", { token });
    await this.resume();
  }

  async signOut(): Promise<void> {
    await remove("/session");
    this.forget();
  }

  forget(): void {
    live.close();
    this.me = null;
    this.known = true;
  }
}

export const session = new Session();

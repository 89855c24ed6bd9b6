/** What a page of moving pictures begins with: packets that arrive now, or the stored ones. */

import { untrack } from "svelte";

import { route } from "../../state/route.svelte";
import type { Show } from "./show.svelte";
import type { Stored } from "./stored.svelte";

/** Keep `show` at what the address of the page says; called while a page is made. */
export function begin(stored: Stored, show: () => Show): void {
  const live = $derived(
    route.params["mode"] ? route.params["mode"] === "live" : stored.table.value !== null && stored.fresh,
  );
  const since = $derived(stored.period?.since);
  const until = $derived(stored.period?.until);
  const sensor = $derived(route.params["sensor"] ?? "");

  $effect(() => {
    if (since !== undefined && until !== undefined) stored.count({ since, until }, sensor);
  });
  $effect(() => {
    const on = show();
    if (live) untrack(() => start(on, () => on.player.goLive()));
    else if (since !== undefined && until !== undefined) {
      const [from, to] = [since, until];
      untrack(() => start(on, () => on.player.replay(from, to)));
    }
  });
}

/** Where there is no picture nobody asks for the next one: time passes all the same. */
export function passWithout(flat: () => boolean, show: () => Show): void {
  $effect(() => {
    if (!flat()) return;
    const on = show();
    const timer = setInterval(() => {
      on.tick(performance.now());
      on.drew(performance.now(), 0);
    }, 100);
    return () => clearInterval(timer);
  });
}

function start(on: Show, how: () => void): void {
  on.clear();
  // Who asked for less motion starts it by hand.
  on.player.playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  how();
}

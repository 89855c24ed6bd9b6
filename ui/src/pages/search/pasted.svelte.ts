/** A pasted list that is too long for an address: kept while the console is open. */

class Pasted {
  values = $state.raw<readonly string[]>([]);
}

export const pasted = new Pasted();

/** Whether the list of keys is open; the header and the `?` key both open it. */

class Help {
  open = $state(false);

  show(): void {
    this.open = true;
  }

  hide(): void {
    this.open = false;
  }
}

export const help = new Help();

/** Short messages at the edge of the page: what was copied, what failed. */

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly bad: boolean;
}

class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #next = 1;

  say(text: string, { bad = false } = {}): void {
    const notice = { id: this.#next++, text, bad };
    this.list = [...this.list.slice(-2), notice];
    // A failure stays until it is dismissed; a confirmation may go by itself.
    if (!bad) setTimeout(() => this.dismiss(notice.id), 4000);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();

/** Packets as they arrive: a WebSocket that is opened again when it breaks. */

import { decode, type Frame } from "./frame";

export type FeedState = "closed" | "opening" | "open" | "waiting";

/** As much of a WebSocket as is used here. */
export interface Socket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}

interface Told {
  frame(frame: Frame): void;
  state(state: FeedState): void;
}

const FIRST_MS = 500;
const LAST_MS = 15_000;
const SILENT_MS = 6000; // the server says something every second

export class Feed {
  readonly #url: string;
  readonly #told: Told;
  readonly #connect: (url: string) => Socket;
  #socket: Socket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = FIRST_MS;

  constructor(url: string, told: Told, connect: (url: string) => Socket = (at) => new WebSocket(at) as unknown as Socket) {
    this.#url = url;
    this.#told = told;
    this.#connect = connect;
  }

  open(): void {
    if (this.#socket) return;
    this.#told.state("opening");
    const socket = this.#connect(this.#url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = (event) => this.#heard(socket, event.data);
    socket.onclose = () => this.#lost(socket);
    this.#socket = socket;
    this.#watch(socket);
  }

  close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#wait = FIRST_MS;
    this.#told.state("closed");
  }

  #opened(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#wait = FIRST_MS;
    this.#told.state("open");
  }

  #heard(socket: Socket, data: unknown): void {
    if (socket !== this.#socket) return;
    this.#watch(socket);
    if (data instanceof ArrayBuffer) this.#told.frame(decode(data));
  }

  /** A connection that nothing comes through any more is given up. */
  #watch(socket: Socket): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      socket.close();
      this.#lost(socket);
    }, SILENT_MS);
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#timer);
    this.#told.state("waiting");
    this.#timer = setTimeout(() => this.open(), this.#wait);
    this.#wait = Math.min(LAST_MS, this.#wait * 2);
  }
}

/** The address of the live feed at the server that this page is from. */
export function feedUrl(sensor: string, at: { protocol: string; host: string } = location): string {
  const query = sensor ? `?${new URLSearchParams({ sensor }).toString()}` : "";
  return `${at.protocol === "https:" ? "wss" : "ws"}://${at.host}/api/v1/telescope/live${query}`;
}

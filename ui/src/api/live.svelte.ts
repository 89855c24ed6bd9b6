/** Server-sent events: one stream for the whole console, shared by all who listen. */

import { url } from "./client";

export const TOPICS = [
  "ingest.progress",
  "ingest.done",
  "lake.committed",
  "findings.changed",
  "indicators.changed",
  "analysis.done",
  "health",
  "artifact.new",
  "watch.hit",
  "report.in",
  "review.new",
  "feed.state",
  "organisation.alert",
] as const;

export type Topic = (typeof TOPICS)[number];
export type Listener = (body: unknown, topic: Topic) => void;

class Live {
  connected = $state(false);
  #source: EventSource | null = null;
  #listeners: Record<string, readonly Listener[]> = {};

  open(): void {
    if (this.#source) return;
    const source = new EventSource(url("/events", { topics: TOPICS.join(",") }));
    source.addEventListener("open", () => (this.connected = true));
    source.addEventListener("error", () => {
      this.connected = false;
      // The browser retries by itself, except when the server said no; then we ask anew.
      if (source.readyState === EventSource.CLOSED) this.#reopen(source);
    });
    for (const topic of TOPICS) {
      source.addEventListener(topic, (event) => this.#tell(topic, event.data as string));
    }
    // We were too slow and missed some: everybody looks anew.
    source.addEventListener("gap", () => TOPICS.forEach((topic) => this.#tell(topic, "{}")));
    this.#source = source;
  }

  close(): void {
    this.#source?.close();
    this.#source = null;
    this.connected = false;
  }

  /** Hear of `topics` until the returned function is called. */
  listen(topics: readonly Topic[], listener: Listener): () => void {
    for (const topic of topics) {
      this.#listeners[topic] = [...(this.#listeners[topic] ?? []), listener];
    }
    return () => {
      for (const topic of topics) {
        this.#listeners[topic] = (this.#listeners[topic] ?? []).filter((one) => one !== listener);
      }
    };
  }

  #reopen(source: EventSource): void {
    setTimeout(() => {
      if (this.#source !== source) return;
      this.#source = null;
      this.open();
    }, 5000);
  }

  #tell(topic: Topic, data: string): void {
    const body: unknown = JSON.parse(data);
    this.#listeners[topic]?.forEach((listener) => listener(body, topic));
  }
}

export const live = new Live();

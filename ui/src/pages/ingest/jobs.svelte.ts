/** Ingest jobs as they run, kept by live events, and uploads that leave this browser. */

import { Failure, get, remove, upload, url, type Upload } from "../../api/client";
import { live } from "../../api/live.svelte";
import type { JobOut } from "../../api/shapes";
import { merged } from "./merge";

export interface Sending {
  readonly id: number;
  readonly name: string;
  readonly total: number;
  sent: number;
  failure: string;
}

export interface Options {
  readonly sensor: string;
  readonly tlp: string;
  readonly packets: boolean;
  readonly reader: string; // empty: the one that recognises the file
  readonly options: readonly string[]; // KEY=VALUE
}

class Jobs {
  list = $state.raw<readonly JobOut[]>([]);
  sending = $state<Sending[]>([]);
  #uploads = new Map<number, Upload<JobOut>>();
  #next = 1;

  /** Read the list once, then follow the events until the returned function is called. */
  follow(signal: AbortSignal): () => void {
    get<readonly JobOut[]>("/ingest/jobs", {}, signal).then(
      (jobs) => [...jobs].reverse().forEach((job) => this.#take(job)),
      (error: unknown) => {
        if (!signal.aborted && !(error instanceof Failure)) throw error;
      },
    );
    return live.listen(["ingest.progress", "ingest.done"], (body) => {
      if (isJob(body)) this.#take(body);
    });
  }

  async send(file: File, options: Options): Promise<void> {
    const entry: Sending = { id: this.#next++, name: file.name, total: file.size, sent: 0, failure: "" };
    this.sending.push(entry);
    const mine = this.sending.at(-1) ?? entry; // the one that is watched
    const { sensor, tlp, packets, reader } = options;
    const path = [url("/ingest", { name: file.name, sensor, tlp, packets, reader })];
    const more = options.options.map((one) => `option=${encodeURIComponent(one)}`);
    const job = upload<JobOut>([...path, ...more].join("&"), file, (sent) => (mine.sent = sent));
    this.#uploads.set(entry.id, job);
    try {
      this.#take(await job.result);
      this.drop(entry.id);
    } catch (error) {
      if (error instanceof Failure) mine.failure = error.message;
      else this.drop(entry.id); // the person stopped it
    }
  }

  stopSending(id: number): void {
    this.#uploads.get(id)?.cancel();
    this.drop(id);
  }

  drop(id: number): void {
    this.#uploads.delete(id);
    this.sending = this.sending.filter((one) => one.id !== id);
  }

  async cancel(job: JobOut): Promise<void> {
    await remove(`/ingest/jobs/${encodeURIComponent(job.id)}`);
  }

  #take(job: JobOut): void {
    this.list = merged(this.list, job);
  }
}

function isJob(body: unknown): body is JobOut {
  return typeof body === "object" && body !== null && "id" in body && "state" in body && "bytes_read" in body;
}

export const jobs = new Jobs();

import { expect, test } from "vitest";

import type { JobOut } from "../../api/shapes";
import { merged } from "./merge";

const job = (id: string, rest: Partial<JobOut> = {}): JobOut => ({
  id, path: "a.pcap", sensor: "s", tlp: "green", state: "running", bytes_read: 0, bytes_total: 10,
  records: 0, rows: 0, started: 1, ended: null, error: null, batch: null, ...rest,
});

test("a job that is new goes on top", () => {
  expect(merged([job("a")], job("b")).map((one) => one.id)).toEqual(["b", "a"]);
});

test("the answer to an upload that arrives after its end does not set it running again", () => {
  const failed = job("a", { state: "failed", ended: 2 });
  expect(merged([failed], job("a"))).toEqual([failed]);
});

test("progress goes forward only", () => {
  const half = job("a", { bytes_read: 5 });
  expect(merged([half], job("a", { bytes_read: 3 }))).toEqual([half]);
  expect(merged([half], job("a", { bytes_read: 8 }))[0]?.bytes_read).toBe(8);
  expect(merged([half], job("a", { state: "done", ended: 3 }))[0]?.state).toBe("done");
});

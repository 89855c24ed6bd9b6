import { expect, test } from "vitest";

import type { Dossier } from "../../api/sources";
import { chance, command, course, lasting, rowsDuring, rowsOf, tone } from "./model";

const SQL = "SELECT * FROM flowtuples\nWHERE ts >= X AND ts < Y\n  AND src_hi = 0 AND src_lo = 7\nORDER BY ts";

test("the course of time has a series for each packet type, up to the end of its last bin", () => {
  const of = { course: { start: 60e6, step: 60e6, series: { tcp_syn: [1, 0, 2], udp: [0, 5, 0] } } } as unknown as Dossier;
  const drawn = course(of);
  expect([drawn.since, drawn.until, drawn.step]).toEqual([60e6, 240e6, 60e6]);
  expect(drawn.series.map((one) => [one.key, one.tone])).toEqual([
    ["tcp_syn", "c0"],
    ["udp", "c1"],
  ]);
});

test("what is unsure is never shown as sure", () => {
  expect(tone({ label: "mirai", probability: 0.999 })).toBe("good");
  expect(tone({ label: "mirai", probability: 0.7 })).toBe("warn");
  expect(tone({ label: "unsure", probability: 0.99 })).toBe("bad");
  expect(tone({ label: "mirai", probability: 0.59 })).toBe("bad");
});

test("no probability is written as 1", () => {
  expect(chance(1)).toBe("0.999");
  expect(chance(0.9987)).toBe("0.999");
  expect(chance(0.62)).toBe("0.62");
});

test("spans are told in a unit that fits", () => {
  expect(lasting(0, 59e6)).toBe("59 s");
  expect(lasting(0, 120e6)).toBe("2 min");
  expect(lasting(0, 5400e6)).toBe("1.5 h");
  expect(lasting(0, 4 * 86_400e6)).toBe("4 d");
});

test("a number leads to its rows", () => {
  expect(rowsOf(SQL, { ptype: "tcp_syn", port: 23 })).toBe(
    "SELECT * FROM flowtuples\nWHERE ts >= X AND ts < Y\n  AND src_hi = 0 AND src_lo = 7\n  AND ptype = 'tcp_syn' AND port = 23\nORDER BY ts",
  );
  const during = rowsDuring(SQL, 61e6, 119e6);
  expect(during).toContain("ts >= TIMESTAMPTZ '1970-01-01 00:01:00");
  expect(during).toContain("ts < TIMESTAMPTZ '1970-01-01 00:02:00");
});

test("the command asks for what the page shows", () => {
  expect(command({ label: "mirai", unsure: "1", order: "last" })).toBe(
    "kaname telescope sources --label 'mirai' --unsure --sort last",
  );
  expect(command({ network: "a'b" })).toBe("kaname telescope sources --network 'a'\\''b'");
});

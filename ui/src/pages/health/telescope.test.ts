import { describe, expect, test } from "vitest";
import type { NamedGap, TelescopeSensor } from "../../api/sensors";
import { latest, monitored } from "./telescope";

const gap = (sensor: string, since: number): NamedGap => ({ sensor, kind: "outage", since, until: since + 1, amount: 1 });

describe("gaps", () => {
  test("the latest of all sensors come first, as many as are shown", () => {
    const found = latest([gap("a", 1), gap("b", 3), gap("a", 3), gap("b", 2)], 3);
    expect(found.map((one) => `${one.sensor}${one.since}`)).toEqual(["a3", "b3", "b2"]);
  });
});

test("a prefix is shown while it is monitored", () => {
  const sensor = {
    prefixes: [
      { prefix: "198.18.0.0/20" },
      { prefix: "198.19.0.0/24", since: 10, until: 20 },
      { prefix: "2001:db8::/32", since: 15, until: null },
    ],
  } as unknown as TelescopeSensor;
  expect(monitored(sensor, 9)).toEqual(["198.18.0.0/20"]);
  expect(monitored(sensor, 15)).toEqual(["198.18.0.0/20", "198.19.0.0/24", "2001:db8::/32"]);
  expect(monitored(sensor, 20)).toEqual(["198.18.0.0/20", "2001:db8::/32"]);
});

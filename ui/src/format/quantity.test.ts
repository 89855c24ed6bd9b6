import { expect, test } from "vitest";

import { digits, duration, energy, power } from "./quantity";

test("three digits count", () => {
  expect([0.12345, 1.2345, 12.345, 123.45, 12_345, 0, 100, 9.999].map(digits)).toEqual([
    "0.123", "1.23", "12.3", "123", "12345", "0", "100", "10",
  ]);
});

test("a quantity has the unit that fits", () => {
  expect([0, 0.25, 12.5, 1500].map(power)).toEqual(["0 mW", "250 µW", "12.5 mW", "1.5 W"]);
  expect([0, 800, 12_000, 3.2e6, 7.2e12].map(energy)).toEqual(["0 µJ", "800 µJ", "12 mJ", "3.2 J", "2 kWh"]);
  expect([500, 12_000, 1.5e6, 90e6, 5400e6, 172_800e6].map(duration)).toEqual(["500 µs", "12 ms", "1.5 s", "1.5 min", "1.5 h", "2 d"]);
});

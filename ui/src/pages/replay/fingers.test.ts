import { expect, it } from "vitest";

import { Fingers } from "./fingers";

it("tells a drag, and how far it went since last time", () => {
  const fingers = new Fingers();
  expect(fingers.move(1, [5, 5])).toBeNull(); // it passes over
  fingers.down(1, [10, 10]);
  expect(fingers.any).toBe(true);
  expect(fingers.move(1, [13, 14])).toEqual({ by: [3, 4], pinch: null });
  expect(fingers.move(1, [13, 10])).toEqual({ by: [0, -4], pinch: null });
  expect(fingers.up(1)).toBe(false); // it moved 9 pixels on the way
  expect(fingers.any).toBe(false);
});

it("tells a click by a pointer that hardly moved", () => {
  const fingers = new Fingers();
  fingers.down(1, [10, 10]);
  fingers.move(1, [12, 10]);
  expect(fingers.up(1)).toBe(true);
  expect(fingers.up(1)).toBe(false); // it is gone
});

it("pinches by the distance of two, about the one that rests", () => {
  const fingers = new Fingers();
  fingers.down(1, [0, 0]);
  fingers.down(2, [30, 40]);
  expect(fingers.move(2, [60, 80])).toEqual({ by: [30, 40], pinch: { factor: 2, about: [0, 0] } });
  expect(fingers.move(2, [0, 0])?.pinch?.factor).toBe(1 / 100); // never to nothing
  expect(fingers.up(2)).toBe(false);
  fingers.drop(1);
  expect(fingers.any).toBe(false);
});

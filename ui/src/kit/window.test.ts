import { expect, it } from "vitest";

import { visible } from "./window";

it("draws what is in view and a little beyond, within the list", () => {
  const view = { rows: 10_000, top: 0, height: 500, tall: 25, ahead: 5 };
  expect(visible(view)).toEqual({ from: 0, to: 30 });
  expect(visible({ ...view, top: 2500 })).toEqual({ from: 95, to: 125 });
  expect(visible({ ...view, top: 250_000 })).toEqual({ from: 9970, to: 10_000 });
  expect(visible({ ...view, rows: 300, top: 2500 })).toEqual({ from: 0, to: 300 });
});

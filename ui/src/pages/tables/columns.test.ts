import { expect, it } from "vitest";

import { shownColumns, tabularBy } from "./columns";

const data = { columns: ["src", "ts", "ttl", "batch"], kinds: ["address", "timestamp", "int16", "int64"], rows: [["a", 1, 2, 3]] };

it("columns are those that were chosen, in that order, or those to begin with", () => {
  expect(shownColumns("hops", data.columns, "ttl,ts,nothing")).toEqual(["ttl", "ts"]);
  expect(shownColumns("hops", data.columns)).toEqual(["ts", "src", "ttl"]);
  expect(tabularBy(data, "hops", "ttl,src")).toEqual({ columns: ["ttl", "src"], kinds: ["int16", "address"], rows: [[2, "a"]] });
});

import { expect, it } from "vitest";

import { chosen, telling } from "./summary";

it("a row is told by the cells that say most, empty ones left out", () => {
  const cells = { ts: 1, sensor: "s", qname: "a.example", qtype: 1, rcode: 0, src: "192.0.2.1", dst: "::", answers: [] };
  expect(telling("dns", cells)).toEqual([["qname", "a.example"], ["qtype", 1], ["src", "192.0.2.1"]]);
  expect(telling("of_somebody", { ts: 1, batch: "2", what: "x" })).toEqual([["what", "x"]]);
});

it("a table begins with the columns that say most, of those it has", () => {
  expect(chosen("hops", ["ts", "sensor", "src", "hop", "ttl"])).toEqual(["ts", "sensor", "src", "ttl", "hop"]);
  expect(chosen("of_somebody", ["ts", "batch", "what"])).toEqual(["ts", "what"]);
});

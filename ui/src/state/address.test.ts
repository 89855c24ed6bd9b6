import { describe, expect, it } from "vitest";

import { hash, link, parse } from "./address";

describe("the address", () => {
  it("gives back what was put in, whatever the characters", () => {
    const sql = "SELECT 'a/b?c&d=é#' AS x\nFROM flowtuples -- 100 %";
    const place = parse(link(["lake", "a/b"], { sql, empty: "", none: undefined }));
    expect(place).toEqual({ path: ["lake", "a/b"], params: { sql } });
  });

  it("reads the bare forms", () => {
    for (const bare of ["", "#", "#/", "/"]) expect(parse(bare)).toEqual({ path: [], params: {} });
  });

  it("survives a stray percent sign", () => {
    expect(parse("#/findings/100%").path).toEqual(["findings", "100%"]);
  });

  it("accepts server links with and without the hash", () => {
    expect(hash("/findings?label=scan")).toBe("#/findings?label=scan");
    expect(hash("#/lake")).toBe("#/lake");
    expect(hash("lake")).toBe("#/lake");
  });
});

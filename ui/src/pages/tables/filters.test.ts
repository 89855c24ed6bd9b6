import { describe, expect, it } from "vitest";

import { abilities, asked, narrowing, protocol, statement } from "./filters";

const columns = ["ts", "sensor", "src_hi", "src_lo", "dst_hi", "dst_lo", "sport", "dport", "proto", "qname"]
  .map((name) => ({ name, kind: "int64" }));

describe("the filters of a table", () => {
  it("are sent under the names of the API", () => {
    const sent = Object.entries(asked({ address: "192.0.2.0/24", name: "a.example", sub: "1", proto: "tcp" }));
    expect(sent.filter(([, value]) => value)).toEqual([
      ["ip.net", "192.0.2.0/24"], ["fqdn.sub", "a.example"], ["proto", 6],
    ]);
    expect([asked({ address: "192.0.2.1" })["ip"], asked({ name: "x" })["fqdn"]]).toEqual(["192.0.2.1", "x"]);
  });

  it("know protocols by name and number", () => {
    expect(["UDP", "47", "x", "1000"].map(protocol)).toEqual([17, 47, NaN, NaN]);
  });

  it("are offered where the table has columns for them", () => {
    expect(abilities(["ts", "qname", "dport"])).toEqual({ port: true, proto: false, name: true });
    expect(narrowing({ address: "x", sub: "1", since: "1" })).toBe(1);
  });

  it("are the same in SQL", () => {
    // 192.0.2.0/24 as ::ffff:c000:200/120: 0xffffc0000200 = 281473902969344, and 255 more.
    expect(statement("t", columns, { address: "192.0.2.0/24", port: "53", sensor: "it's" })).toBe(
      "SELECT ip(src_hi, src_lo) AS src, ip(dst_hi, dst_lo) AS dst, *\nFROM t\n" +
        "WHERE ((src_hi = 0 AND src_lo BETWEEN 281473902969344 AND 281473902969599) OR " +
        "(dst_hi = 0 AND dst_lo BETWEEN 281473902969344 AND 281473902969599))\n" +
        "  AND (sport = 53 OR dport = 53)\n  AND sensor = 'it''s'\nORDER BY ts",
    );
    expect(statement("t", columns, { address: "2001:db8::/32" })).toContain("src_hi BETWEEN 2306139568115548160 AND 2306139572410515455");
    expect(statement("t", columns, { name: "A.example.", sub: "1" })).toContain(
      "WHERE (qname = 'a.example' OR ends_with(qname, '.a.example'))",
    );
    expect(statement("t", columns, {})).toMatch(/FROM t\nORDER BY ts$/);
  });
});

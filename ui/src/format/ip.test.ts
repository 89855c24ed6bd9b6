import { describe, expect, it } from "vitest";

import { addresses, ip, words } from "./ip";

describe("addresses", () => {
  // Expected texts: RFC 5952 sections 4.2.1 to 4.2.3, RFC 4291 section 2.5.5.2.
  it("writes both families from signed words", () => {
    expect(ip(0, "281473902969345")).toBe("192.0.2.1"); // 0xffffc0000201
    expect(ip("2306139568115548160", 1)).toBe("2001:db8::1"); // 0x20010db8_00000000
    expect(ip("-108086391056891904", "-1")).toBe("fe80::ffff:ffff:ffff:ffff"); // 0xfe80 << 48
    expect(ip(0, 0)).toBe("::");
    expect(ip(0, 1)).toBe("::1");
  });

  it("shortens the first longest run only", () => {
    const hi = 0x20010db800000001n;
    expect(ip(hi, 0x0000000000000001n)).toBe("2001:db8:0:1::1");
    expect(ip(0x2001000000000001n, 0x0000000000000001n)).toBe("2001:0:0:1::1");
  });

  it("gives the words that the lake holds", () => {
    expect(words("192.0.2.1")).toEqual([0n, 281473902969345n]);
    expect(words("2001:db8::1")).toEqual([2306139568115548160n, 1n]);
    expect(words("fe80::ffff:ffff:ffff:ffff")).toEqual([-108086391056891904n, -1n]);
    expect(words("::")).toEqual([0n, 0n]);
  });

  it("finds addresses in whatever is pasted", () => {
    const text = `src=192.0.2.1, 198.51.100[.]7;\n"2001:DB8::5" 10.0.0.0/8 2026-01-31 12:00:05
      version 1.2.3 999.1.1.1 192.0.2.1. sha a1b2:c3`;
    expect(addresses(text, 100)).toEqual(["192.0.2.1", "198.51.100.7", "2001:db8::5", "10.0.0.0/8"]);
    expect(addresses(text, 2)).toHaveLength(2);
  });
});

import { describe, expect, it } from "vitest";

import { guess, key, parts } from "./artifact-kind";

describe("a guess at what a string is", () => {
  it("takes the disguise off first", () => {
    expect(guess("hxxps://login[.]example[.]com/a")).toEqual({ kind: "url", value: "https://login.example.com/a" });
    expect(guess("192[.]0[.]2[.]7")).toEqual({ kind: "ip", value: "192.0.2.7" });
    expect(guess("user[at]example[.]org")).toEqual({ kind: "mail", value: "user@example.org" });
  });

  it("knows the kinds that have a shape of their own", () => {
    expect(guess("cve-2021-44228")).toEqual({ kind: "vulnerability", value: "CVE-2021-44228" });
    expect(guess("198.51.100.0/24").kind).toBe("prefix");
    expect(guess("as64496").kind).toBe("asn");
    expect(guess("HKLM\\Software\\Run").kind).toBe("registry");
    expect(guess("E3B0C44298FC1C149AFBF4C8996FB924")).toEqual({ kind: "hash", value: "e3b0c44298fc1c149afbf4c8996fb924" });
    // The address of the first block of Bitcoin.
    expect(guess("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa").kind).toBe("wallet");
  });

  it("leaves words as they are", () => {
    expect(guess(" lazarus group ")).toEqual({ kind: "", value: "lazarus group" });
  });
});

describe("the key of an artifact", () => {
  it("comes apart at the first colon only", () => {
    expect(parts(key("url", "https://a.example/b"))).toEqual({ kind: "url", value: "https://a.example/b" });
    expect(parts("ip:2001:db8::1")).toEqual({ kind: "ip", value: "2001:db8::1" });
  });
});

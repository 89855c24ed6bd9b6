import { describe, expect, it } from "vitest";

import { isArtifact, kindOf, refang, values } from "./artifact";

describe("artifacts", () => {
  it("are read in the forms that reports write them", () => {
    expect(refang("hxxps[://]evil[.]example/a?b=1")).toBe("https://evil.example/a?b=1");
    expect(refang("hxxp://evil(dot)example")).toBe("http://evil.example");
    expect(refang("192[.]0[.]2[.]1")).toBe("192.0.2.1");
    expect(refang("2001[:]db8[:][:]1")).toBe("2001:db8::1");
    expect(refang("“user[at]example[.]org”".replace(/[“”]/g, '"'))).toBe("user@example.org");
    expect(refang("ｅｖｉｌ．ｅｘａｍｐｌｅ")).toBe("evil.example");
  });

  it("are told apart", () => {
    const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const told = ["192.0.2.1", "2001:db8::/32", "2001:db8::1", "example.co.jp", "https://a.example/", "a@b.example", hash, "AS64500", "WIN-PC01", "日本語.jp", "1.2.3.400"].map(kindOf);
    expect(told).toEqual(["ip", "net", "ip", "domain", "url", "email", "hash", "asn", "name", "domain", "name"]);
  });

  it("are found in pasted lines, once each", () => {
    expect(values("192[.]0[.]2[.]1\nevil[.]example\n192.0.2.1\n", 10)).toEqual(["192.0.2.1", "evil.example"]);
    expect(values("seen 192.0.2.1, then hxxp://e.example/x\nWIN-PC01", 10)).toEqual([
      "192.0.2.1", "http://e.example/x", "WIN-PC01",
    ]);
    expect(values("John Smith", 10)).toEqual(["John Smith"]);
    expect(values("a.example\nb.example\nc.example", 2)).toHaveLength(2);
  });

  it("stand in columns that are known by name", () => {
    expect([isArtifact("qname"), isArtifact("src", "address"), isArtifact("octets")]).toEqual([true, true, false]);
  });
});

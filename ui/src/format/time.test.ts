import { describe, expect, it } from "vitest";

import { ago, field, fromField, instant, span } from "./time";

// RFC 3339's own example instant, 1985-04-12T23:20:50Z, is 482196050 s (`date -u -d ... +%s`).
const AT = 482_196_050_000_000;

describe("instants", () => {
  it("shows the zone, and Japan nine hours ahead", () => {
    expect(instant(AT, "UTC", { seconds: true })).toBe("1985-04-12 23:20:50 UTC");
    expect(instant(AT, "JST", { seconds: true })).toBe("1985-04-13 08:20:50 JST");
    expect(instant(AT, "JST", { date: false, zone: false })).toBe("08:20");
    expect(instant(AT, "UTC", { year: false })).toBe("04-12 23:20 UTC");
  });

  it("reads back what a person types in their zone", () => {
    const minute = 482_196_000_000_000;
    for (const zone of ["UTC", "JST"] as const) expect(fromField(field(AT, zone), zone)).toBe(minute);
    expect(fromField("", "UTC")).toBeNull();
  });

  it("says lengths in one unit", () => {
    expect(span(90e6, "en")).toBe("1.5 minutes");
    expect(span(86_400e6, "ja")).toBe("1 日");
    expect(span(12_300, "en")).toBe("12 milliseconds");
  });

  it("says how long ago", () => {
    expect(ago(AT - 180e6, AT, "en")).toBe("3 minutes ago");
    expect(ago(AT - 7200e6, AT, "ja")).toBe("2 時間前");
  });
});

import { describe, expect, it } from "vitest";

import { fitting, gaps, labelled, newest, packetType } from "./stats";

const DAY = 86_400e6;

describe("fitting", () => {
  it("keeps a step that the time allows, and takes a longer one where it does not", () => {
    expect(fitting("5m", { since: 0, until: DAY })).toBe("5m");
    expect(fitting("5m", { since: 0, until: 3 * DAY })).toBe("1h");
    expect(fitting("5m", { since: 0, until: 30 * DAY })).toBe("1d");
    expect(fitting("1h", { since: 0, until: 15 * DAY })).toBe("1d");
  });
  it("counts days without a choice, and with one that is none", () => {
    expect(fitting(undefined, null)).toBe("1d");
    expect(fitting("7w", { since: 0, until: DAY })).toBe("5m");
  });
});

describe("newest", () => {
  it("ends with the step of the last packet and begins no earlier than the first", () => {
    expect(newest(0, 100 * DAY + 5, "1d")).toEqual({ since: 71 * DAY, until: 101 * DAY });
    expect(newest(99.5 * DAY, 100 * DAY + 5, "1d")).toEqual({ since: 99 * DAY, until: 101 * DAY });
  });
});

describe("gaps", () => {
  it("joins neighbours, and takes a zero for an observation", () => {
    const bins = [null, 3, null, null, 0].map((hosts, i) => ({ at: i * 10, packets: hosts, hosts }));
    expect(gaps(bins, 10)).toEqual([{ since: 0, until: 10 }, { since: 20, until: 40 }]);
    expect(gaps([], 10)).toEqual([]);
  });
});

describe("names", () => {
  it("tells the protocol of a label beside its kind", () => {
    expect(labelled("mirai")).toEqual({ key: "tiles.label.mirai", protocol: "" });
    expect(labelled("udp_scan")).toEqual({ key: "tiles.label.udp_scan", protocol: "" });
    expect(labelled("backscatter_icmp")).toEqual({ key: "tiles.label.backscatter", protocol: "ICMP" });
    expect(labelled("tcp_reflection")).toEqual({ key: "tiles.label.reflection", protocol: "TCP" });
    expect(labelled("what_is_new")).toEqual({ key: null, protocol: "" });
  });
  it("writes packet types as the field does", () => {
    expect(packetType("tcp_synack")).toBe("TCP SYNACK");
    expect(packetType("icmp_time_exceeded")).toBe("ICMP time exceeded");
    expect(packetType("udp")).toBe("UDP");
    expect(packetType("other_ip")).toBe("other ip");
  });
});

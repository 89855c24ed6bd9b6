/** The arithmetic of the page of statistics: steps that fit a time, runs of gaps, names. */

import type { StatsBin, StatsBy, Step } from "../../api/stats";
import type { Key } from "../../i18n/index.svelte";
import type { Span } from "../../kit/plot";

const DAY = 86_400e6;

/** Each step with its length (us), the longest time that it is counted for, and the usual one. */
export const STEPS: readonly { step: Step; length: number; most: number; usual: number }[] = [
  { step: "5m", length: 300e6, most: 2 * DAY, usual: DAY / 2 },
  { step: "1h", length: 3600e6, most: 14 * DAY, usual: 2 * DAY },
  { step: "1d", length: DAY, most: 3700 * DAY, usual: 30 * DAY },
];

export const RANKED: readonly StatsBy[] = ["country", "asn", "tcp", "udp", "label", "ptype"];

/** The step that was chosen, or the next longer one that the time allows. */
export function fitting(chosen: string | undefined, span: Span | null): Step {
  const from = Math.max(0, STEPS.findIndex((one) => one.step === (chosen ?? "1d")));
  const length = span ? span.until - span.since : 0;
  return STEPS.slice(from).find((one) => length <= one.most)?.step ?? "1d";
}

/** The time to show when nobody chose one: the newest of what is there. */
export function newest(first: number, last: number, step: Step): Span {
  const { length, usual } = STEPS.find((one) => one.step === step) ?? { length: DAY, usual: 30 * DAY };
  const until = Math.ceil((last + 1) / length) * length;
  return { since: Math.max(Math.floor(first / length) * length, until - usual), until };
}

/** The times of which nothing is known: neighbouring steps without an observation are one. */
export function gaps(bins: readonly StatsBin[], step: number): Span[] {
  const found: { since: number; until: number }[] = [];
  for (const bin of bins) {
    if (bin.hosts !== null) continue;
    const last = found.at(-1);
    if (last?.until === bin.at) last.until = bin.at + step;
    else found.push({ since: bin.at, until: bin.at + step });
  }
  return found;
}

const LABELS: Readonly<Record<string, Key>> = {
  mirai: "tiles.label.mirai",
  bot_unnamed: "tiles.label.bot_unnamed",
  worm_scan: "tiles.label.worm_scan",
  masscan: "tiles.label.masscan",
  zmap: "tiles.label.zmap",
  zmap4: "tiles.label.zmap4",
  nmap: "tiles.label.nmap",
  tool_unnamed: "tiles.label.tool_unnamed",
  host_scan: "tiles.label.host_scan",
  udp_scan: "tiles.label.udp_scan",
  ping_scan: "tiles.label.ping_scan",
  survey: "tiles.label.survey",
  backscatter: "tiles.label.backscatter",
  reflection: "tiles.label.reflection",
  spoofed_flood: "tiles.label.spoofed_flood",
  p2p_misconf: "tiles.label.p2p_misconf",
  misconfig: "tiles.label.misconfig",
  unsure: "tiles.label.unsure",
};

/** The message of a label, and the protocol that it is told of, if any. */
export function labelled(label: string): { key: Key | null; protocol: string } {
  const own = LABELS[label];
  if (own) return { key: own, protocol: "" };
  const protocol = /(?:^|_)(tcp|udp|icmp)(?:_|$)/.exec(label)?.[1] ?? "";
  const kind = label.replace(`_${protocol}`, "").replace(`${protocol}_`, "");
  return { key: LABELS[kind] ?? null, protocol: protocol.toUpperCase() };
}

/** Numbers of packet types as people write them: `tcp_syn` is "TCP SYN". */
export function packetType(ptype: string): string {
  const [protocol = "", ...rest] = ptype.split("_");
  const word = rest.join(" ");
  const known = ["syn", "synack", "ack", "rst"].includes(word) ? word.toUpperCase() : word;
  return ["tcp", "udp", "icmp"].includes(protocol) ? `${protocol.toUpperCase()} ${known}`.trim() : ptype.replaceAll("_", " ");
}

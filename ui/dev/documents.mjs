/* Documents in the shapes of kaname.api.shapes, for drawing the console only. */
import { indicatorOf } from "./intelligence.mjs";

const HOUR = 3600e6;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-11-25T07:00:00Z") * 1000;
const text = (en, ja) => ({ en, ja });

const ARTIFACTS = [
  { kind: "ip", value: "203.0.113.45", role: "attacker" },
  { kind: "port", value: "tcp/23", role: "target" },
  { kind: "prefix", value: "198.18.0.0/20", role: "target" },
];
const LABELS = ["mirai", "masscan", "zmap", "backscatter", "misconfig", "survey"];
const LEVELS = ["critical", "high", "medium", "low", "info"];

const row = (i) => ({
  id: `fd_${(0x5eed + i * 7919).toString(16)}c0ffee${i}`,
  title: text(
    `203.0.113.${45 + i} scans ${1200 - i * 37} addresses on tcp/23 with the mark of Mirai`,
    `203.0.113.${45 + i} が Mirai の特徴をもって ${1200 - i * 37} アドレスの tcp/23 を探索`,
  ),
  label: LABELS[i % LABELS.length],
  analysis: "darknet.sources",
  severity: LEVELS[Math.min(4, Math.floor(i / 3))],
  confidence: 0.99 - i * 0.03,
  first_seen: NOW - 5 * HOUR,
  last_seen: NOW - i * 11 * 60e6,
  created: NOW,
  sensor: i % 2 ? "tokyo" : "default",
  tlp: i % 4 ? "amber" : "green",
  artifacts: ARTIFACTS.slice(0, 1 + (i % 3)),
  status: i === 7 ? "withdrawn" : "active",
});
const rows = Array.from({ length: 14 }, (_, i) => row(i));

const QUERY =
  "SELECT ts, src_hi, src_lo, dst_hi, dst_lo, port, ptype, packets FROM flowtuples WHERE ts >= TIMESTAMPTZ '2026-11-24 00:00:00+00' AND ts < TIMESTAMPTZ '2026-11-25 00:00:00+00' AND src_hi = 0 AND src_lo = 281474087551277 ORDER BY ts, batch, row_in_src";
const SAMPLE = Array.from({ length: 5 }, (_, i) => ({
  ts: NOW - 5 * HOUR + i * 61e6, src_hi: 0, src_lo: "281474087551277", dst_hi: 0,
  dst_lo: String(281474003632128 + i * 255), port: 23, ptype: "tcp_syn", packets: 1 + i,
}));

const finding = (id) => {
  const base = rows.find((one) => one.id === id) ?? rows[0];
  return {
    ...base, version: 1, params: { min_packets: 3, mirai_share: 0.9 },
    window_start: NOW - 31 * HOUR, window_end: NOW - 7 * HOUR, spoofable: base.label === "backscatter",
    text: text(
      "203.0.113.45 sent 1,204 TCP SYN packets to 1,200 unused addresses on port 23 within 5 hours. Every packet carried the destination address as its sequence number, as the Mirai family does. The host is almost certainly infected.",
      "203.0.113.45 は 5 時間に未使用アドレス 1,200 件のポート 23 へ TCP SYN を 1,204 個送りました。すべてのパケットでシーケンス番号が宛先アドレスと一致しており、Mirai 系の特徴です。このホストはほぼ確実に感染しています。",
    ),
    reasons: [
      text("sequence number = destination in 1,204 of 1,204 packets (threshold 90 %)", "1,204 個中 1,204 個でシーケンス番号 = 宛先(しきい値 90 %)"),
      text("1,200 distinct destinations (threshold 25)", "異なる宛先 1,200 件(しきい値 25)"),
      text("one service, tcp/23, which Mirai is known for", "Mirai が狙うことで知られる tcp/23 のみ"),
    ],
    artifacts: ARTIFACTS, techniques: ["T1595.001", "T1110"],
    evidence: {
      query: QUERY, tables: ["flowtuples"], rows: 987, columns: Object.keys(SAMPLE[0]), sample: SAMPLE,
      digest: "9f2c1f6a0d3b5e7788aa11223344556677889900aabbccddeeff001122334455",
      sources: [{ batch: "1764000000000001", offset: "40213", path: "/data/captures/ibr_shared.pcap.gz" }],
    },
    indicators: ["in_77aa"], command: `kaname explain ${base.id} --rerun`,
  };
};

const indicator = (i) => indicatorOf({
  id: i ? `in_77aa${i}` : "in_77aa", artifact: { kind: "ip", value: `203.0.113.${45 + i}`, role: "attacker" },
  label: LABELS[i % 3], valid_from: NOW - 5 * HOUR, valid_until: NOW + 21 * DAY, updated: NOW, active: i < 9,
  tlp: "amber", techniques: ["T1595.001"],
}, i);
const indicators = Array.from({ length: 12 }, (_, i) => indicator(i));

const sensors = [
  { sensor: "default", sources: 3, rows: 1_204_331, last_event: NOW - 60e6, last_ingest: NOW, damaged_share: 0, state: "ok" },
  { sensor: "tokyo", sources: 12, rows: 88_213_004, last_event: NOW - 9 * HOUR, last_ingest: NOW - 8 * HOUR, damaged_share: 0, state: "late" },
  { sensor: "osaka", sources: 1, rows: 412, last_event: NOW - 2 * HOUR, last_ingest: NOW - 2 * HOUR, damaged_share: 0.25, state: "damaged" },
];

const summary = {
  since: NOW - DAY, until: NOW, live: true, sensors,
  changes: [
    { kind: "new_label", text: text("mirai appeared: 214 sources, none the day before", "mirai が新たに出現: 送信元 214 件(前日 0 件)"), severity: "high", link: "#/findings?label=mirai" },
    { kind: "surge", text: text("tcp/9530 is asked by ×7.4 as many hosts as the day before", "tcp/9530 への送信元が前日の ×7.4 に増加"), severity: "medium", link: "#/lake?table=flowtuples" },
    { kind: "source_late", text: text("sensor tokyo has sent nothing for 9 hours", "センサー tokyo から 9 時間データがありません"), severity: "medium", link: "#/ingest" },
    { kind: "damaged", text: text("1 source of sensor osaka was damaged", "センサー osaka の入力 1 件に破損"), severity: "low", link: "#/ingest?batch=2" },
  ],
  severities: LEVELS.map((key, i) => ({ key, count: 3 + i * i * 9, before: 2 + i * i * 8 })),
  labels: LABELS.map((key, i) => ({ key, count: 214 - i * 31, before: i ? 230 - i * 29 : 0 })),
  packets: { key: "packets", count: 176060, before: 131200 },
  hosts: { key: "hosts", count: 3856, before: 4120 },
  ports: [23, 445, 22, 80, 9530, 8291, 26, 3389, 5555, 53].map((port, i) => ({ key: `${port === 53 ? "udp" : "tcp"}/${port}`, count: 900 - i * 83, before: i === 4 ? 40 : 850 - i * 80 })),
  series: Array.from({ length: 96 }, (_, i) => ({
    at: NOW - DAY + i * 15 * 60e6, packets: Math.round(1500 + 600 * Math.sin(i / 9) + ((i * 7919) % 400) + (i > 70 ? 1400 : 0)), hosts: Math.round(120 + 30 * Math.sin(i / 11) + ((i * 104729) % 25)),
  })),
  findings: rows.slice(0, 10), indicators: { key: "indicators", count: 187, before: 160 },
};

const column = (name, kind, en, ja, nullable = false) => ({ name, kind, nullable, en, ja });
const tables = [
  {
    name: "flowtuples", description: text("Packets per minute, source, destination /24 and service", "1 分・送信元・宛先 /24・サービスごとのパケット数"),
    rows: 1_204_331, bytes: 9_812_331, files: 4, first: NOW - 9 * DAY, last: NOW,
    columns: [column("ts", "timestamp", "event time, UTC", "発生時刻(UTC)"), column("sensor", "label", "sensor that observed it", "観測したセンサー"), column("src_hi", "int64", "source address, high 64 bits", "送信元アドレス上位 64 ビット"), column("src_lo", "int64", "source address, low 64 bits", "送信元アドレス下位 64 ビット"), column("port", "int32", "service", "サービスのポート"), column("vic_hi", "int64", "victim", "被害先", true)],
    partitions: Array.from({ length: 9 }, (_, i) => ({ dt: new Date((NOW - (8 - i) * DAY) / 1000).toISOString().slice(0, 10), rows: 90_000 + ((i * 7919) % 70_000), bytes: 800_000, files: 1 })),
  },
  { name: "packets", description: text("One row per packet: headers, no payload", "パケットごとのヘッダー(ペイロードなし)"), rows: 0, bytes: 0, files: 0, first: null, last: null, columns: [], partitions: [] },
];

const sources = [
  { batch: "1", path: "/data/captures/ibr_shared.pcap.gz", size: 4_663_622, damaged: false, counters: { ipv4: 175_900, ipv6: 41, non_ip: 119 }, records: 176_060, rows: 120_411, problems: [], notes: { truncated: 12 } },
  {
    batch: "2", path: "/data/captures/cut-short.pcap", size: 40_213, damaged: true, counters: { ipv4: 400, malformed: 12 }, records: 412, rows: 388, notes: { resync: 1 },
    problems: [{ offset: 40_096, reason: "record claims 1717986918 bytes, 101 are left", hex: "66666666deadbeef450000283a4c4000310647a1cb00712dc612000a9c4000175f3ac612000a0000000050023908a1b20000" }],
  },
].map((one) => ({ sensor: "default", tlp: "amber", reader: "pcap", ingested: NOW, first: NOW - 6 * HOUR, last: NOW, seconds: 0.412, ...one }));

const jobs = [
  { id: "j3", path: "/data/inbox/live-0700.pcap", sensor: "tokyo", tlp: "amber", state: "running", bytes_read: 31_000_000, bytes_total: 88_000_000, records: 401_220, rows: 288_010, started: NOW, ended: null, error: null, batch: null },
  { id: "j2", path: "/data/captures/cut-short.pcap", sensor: "osaka", tlp: "amber", state: "damaged", bytes_read: 40_213, bytes_total: 40_213, records: 412, rows: 388, started: NOW, ended: NOW, error: null, batch: "2" },
  { id: "j1", path: "/data/captures/notes.txt", sensor: "default", tlp: "amber", state: "failed", bytes_read: 0, bytes_total: 120, records: 0, rows: 0, started: NOW, ended: NOW, error: text("no reader knows the format of notes.txt; known: pcap", "notes.txt の形式を読み取れるリーダーがありません。対応形式: pcap"), batch: null },
];

const analyses = [{
  name: "darknet.sources", version: 1, text: text("Labels each source seen by a darknet.\nRules with evidence codes, then calibrated.", "ダークネットで観測した送信元にラベルを付けます。\n根拠つきの規則を使います。"),
  tables: ["flowtuples"], period: DAY, labels: LABELS, techniques: ["T1595.001"], references: ["RFC 5737"], limitations: [text("one day at least", "1 日以上の観測が必要")], last_run: NOW, pending: 2,
  parameters: [{ name: "min_packets", default: 3, low: 1, high: 1000, unit: "packets", text: text("packets before a source is labelled", "ラベルを付けるのに必要なパケット数") }],
}];

const result = (sql) =>
  /AS at, count/.test(sql)
    ? { columns: ["at", "n"], kinds: ["timestamp", "int64"], rows: Array.from({ length: 60 }, (_, i) => [NOW - 5 * HOUR + i * 300e6, 3 + ((i * 7919) % 17)]), truncated: false, files: 1, missing: [], seconds: 0.012, next: null }
    : { columns: Object.keys(SAMPLE[0]), kinds: ["timestamp", "int64", "int64", "int64", "int64", "int32", "string", "int64"], rows: Array.from({ length: 120 }, (_, i) => Object.values({ ...SAMPLE[i % 5], ts: SAMPLE[0].ts + i * 7e6 })), truncated: true, files: 4, missing: [{ table: "flowtuples", dt: "2026-11-24", rows: 1200 }], seconds: 0.041, next: null };

const setting = (name, value, origin, en, ja) => ({ name, value, origin, text: text(en, ja) });
const page = (items) => ({ items, next: "more", total: 1234 });

const FIXED = {
  "/me": { name: "admin", role: "admin", clearance: "red", language: "ja" },
  "/status": { version: "0.1.0", started: NOW, now: NOW, generation: 3, language: "ja", zone: "JST", sources: 2, rows: 1_204_331, bytes: 9_812_331, findings: 214, indicators: 187, analysing: false, ingesting: 0, disk_free: 312e9 },
  "/summary": summary, "/findings": page(rows), "/indicators": page(indicators), "/lake/tables": tables,
  "/lake/sources": { items: sources, next: null, total: 2 }, "/lake/health": sensors, "/ingest/jobs": jobs, "/analyses": analyses,
  "/settings": [setting("data", "/var/lib/kaname", "flag", "folder that holds everything", "すべてを置くフォルダー"), setting("listen", "127.0.0.1:8750", "default", "address and port to serve", "待ち受ける場所"), setting("query_rows", 10_000, "file /etc/xdg/kaname/kaname.toml", "rows a query may give", "照会の最大行数")],
  "/tokens": [{ id: "t1", account: "admin", label: "first start", created: NOW - DAY, expires: null, last_used: NOW, revoked: false, secret: null }, { id: "t2", account: "admin", label: "laptop", created: NOW - DAY, expires: NOW, last_used: null, revoked: true, secret: null }],
  "/accounts": [{ name: "admin", role: "admin", clearance: "red", disabled: false }, { name: "sato", role: "analyst", clearance: "amber", disabled: true }],
  "/audit": { items: [{ at: NOW, actor: "admin", action: "token.create", subject: "t2", details: { account: "admin" } }], next: null, total: 1 },
};

export function document(method, path, _query, body) {
  if (path === "/lake/query") return result(JSON.parse(body).sql);
  if (path.endsWith("/rerun")) {
    const then = finding("").evidence;
    return { status: "holds", rows_then: then.rows, rows_now: then.rows, digest_then: then.digest, digest_now: then.digest, missing: 0, seconds: 0.08, sample: SAMPLE, text: text("The query gives the same 987 rows, digest and all.", "照会の結果は同じ 987 行で、ダイジェストも一致しました。") };
  }
  if (method === "POST" && path === "/tokens") return { ...FIXED["/tokens"][0], id: "t3", secret: "kn_9f2c1f6a0d3b5e7788aa" };
  if (method === "DELETE") return null;
  const [, kind, id, rest] = path.split("/");
  if (kind === "findings" && id) return finding(id);
  if (kind === "indicators" && id) return indicators.find((one) => one.id === id) ?? indicators[0];
  if (path.startsWith("/lake/tables/")) return tables.find((one) => one.name === rest);
  if (path.startsWith("/lake/sources/")) return sources.find((one) => one.batch === rest);
  return FIXED[path];
}

/* Documents of the routes of intelligence, for drawing the console only. */
const HOUR = 3600e6;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-11-25T07:00:00Z") * 1000;
const text = (en, ja) => ({ en, ja });
const pick = (list, i) => list[i % list.length];
const SOURCES = ["darknet", "honeypot", "pdns", "partner-misp", "edr", "spamtrap"];
const page = (items) => ({ items, next: null, total: items.length });

const term = (name, en, ja, value, age, count) => ({
  name, text: text(en, ja), value, now: value > 0 ? value * (1 - age / 40) : value, observed: age ? NOW - age * DAY : 0,
  evidence: Array.from({ length: Math.min(3, count) }, (_, i) => `obs-${name.length}${i}f3a`), count, digest: "9f2c1f6a0d3b5e7788aa11223344556677889900aabbccddeeff001122334455",
});
const TERMS = [
  term("intelligence.term.cluster", "Seen by darknet on 5 days, 312 times", "darknet が 5 日間に 312 回観測", 1.6, 1, 312),
  term("intelligence.term.cluster", "Listed by partner-misp; two copying feeds add 20 %", "partner-misp に掲載。転載フィード 2 件で 20 % 加算", 1.2, 6, 3),
  term("intelligence.term.payload", "Delivered a payload", "ペイロードを配布", 0.9, 3, 4),
  term("intelligence.term.orgs", "Sighted by 2 organisations", "2 組織が目撃", 0.5, 3, 2),
  term("intelligence.term.popular", "Under a popular domain (rank 8,412)", "人気ドメインの配下(8,412 位)", -0.8, 0, 1),
];

export function indicatorOf(base, i) {
  return {
    ...base, state: pick(["assessed", "shared", "deployed"], i), model: "score-1", score: Math.max(12, 88 - i * 6), bias: -1.9, threshold: 50,
    terms: TERMS.slice(0, 5 - (i % 3)), revoked: i > 10, groups: [], pap: "clear", findings: [], inputs: "77aa",
  };
}

const explanation = {
  score: 82, logit: 1.52, as_of: NOW, model: "score-1", model_sha256: "0b7c6f6a0d3b5e7788aa11223344556677889900aabbccddeeff001122334455", terms: TERMS,
  minimal_evidence: ["obs-27c0f3a", "obs-270f3a"],
  counterfactuals: [
    { without: "darknet", text: text("Without the observations of darknet", "darknet の観測がなければ"), score: 61 },
    { without: "partner-misp", text: text("Without partner-misp", "partner-misp がなければ"), score: 74 },
    { until: NOW + 21 * DAY, text: text("With no new evidence until 2026-12-16", "2026-12-16 まで新しい証拠がなければ"), score: 50 },
  ],
  contradicting: ["obs-benign7"], against: [text("24 lists checked, 1 matched: popular domains", "24 リストを照合し 1 件が該当: 人気ドメイン"), text("Two feeds copy partner-misp and count as one", "フィード 2 件は partner-misp の転載のため 1 件と数える")],
  marking_basis: { effective: "green", dropped: ["edr"] },
  text: text("Five sources in three independent clusters saw it attack; one delivered a payload. It lies under a popular domain, which lowers the score.", "独立した 3 系統・5 情報源が攻撃を観測し、うち 1 件はペイロードを配布しました。人気ドメインの配下にあるためスコアは下がります。"),
  signature: "ed25519:kN3jUO2m0hQ9vX1yZ8tT7sR6qP5oN4mL3kJ2iH1g", curve: Array.from({ length: 60 }, (_, i) => ({ at: NOW - 10 * DAY + i * DAY, score: Math.round(86 / (1 + Math.exp((i - 34) / 9))) })),
};

const KINDS = ["ip", "domain", "url", "hash", "mail"];
const named = (i) => {
  const kind = pick(KINDS, i);
  const value = { ip: `203.0.113.${i % 250}`, domain: `cdn${i}.example.net`, url: `https://login${i}.example.com/a?id=${i}`, hash: (i * 2654435761 % 2 ** 32).toString(16).padStart(8, "0").repeat(8), mail: `billing${i}@example.org` }[kind];
  return { kind, value };
};
const relations = Array.from({ length: 140 }, (_, i) => ({ ...named(i), how: pick(["resolves to", "downloaded", "seen with", "mail from"], i), observations: 1 + (i * 7919) % 90, df: 1 + (i * 104729) % 4000, weight: Math.round((9 - i / 18) * 100) / 100 }));

const artifact = (kind, value) => ({
  kind, value, known: !value.includes("unknown"), first_seen: NOW - 12 * DAY, last_seen: NOW - HOUR, observations: 1204, days: 9, cold: false,
  sources: SOURCES.slice(0, 5).map((source, i) => ({ source, count: 700 - i * 140, first: NOW - (12 - i) * DAY, last: NOW - i * HOUR })),
  roles: [{ role: "src", count: 812 }, { role: "answer", count: 203 }, { role: "listed", count: 12 }],
  timeline: Array.from({ length: 12 }, (_, i) => ({ at: Math.floor((NOW - (11 - i) * DAY) / DAY) * DAY, count: 30 + ((i * 7919) % 190) })),
  relations, withheld: [{ kind: "ip", value: "203.0.113.10", neighbours: 185191 }, { kind: "domain", value: "cdn.example.com", neighbours: 22011 }],
  suppressions: [{ list: "tranco", name: "Popular domains", category: "popular", weight: -0.8, version: "20260820" }], lists_checked: 24, lists_version: "9f2c1f6a0d3b5e77",
  indicator: value.includes("unknown") ? null : indicatorOf({ id: "in_77aa", artifact: { kind, value, role: "attacker" }, label: "mirai", valid_from: NOW - 5 * DAY, valid_until: NOW + 21 * DAY, updated: NOW, active: true, tlp: "amber", techniques: ["T1595.001"] }, 0),
  entities: [{ id: "e1", type: "malware", name: "Mirai" }, { id: "c1", type: "campaign", name: "Campaign 2026-48-1" }, { id: "T1595.001", type: "technique", name: "Scanning IP Blocks" }],
  cases: [{ id: "k1", title: "IoT bots at the branch offices", state: "open" }], reports: [{ id: "r1", title: "Mirai variants in autumn" }],
});
const observations = (kind, value) => page(Array.from({ length: 40 }, (_, i) => ({
  id: i === 0 ? "obs-27c0f3a" : `obs-${i}f3a`, source: pick(SOURCES, i), kind: pick(["scan", "download", "resolution", "listing", "finding"], i), at: NOW - i * 5 * HOUR, org: "org-a", tlp: pick(["amber", "green", "clear"], i), role: pick(["src", "host", "answer", "listed"], i), weight: 0.9,
  behaviours: i % 3 ? [] : ["scan"], finding: i % 5 === 4 ? "fd_1" : "", mentions: [{ kind, value, role: "src" }, { ...named(i), role: "dst" }, { ...named(i + 1), role: "query" }], body: { port: 23, packets: 12 + i },
})));

const rand = (i) => { const x = Math.sin(i * 12.9898) * 43758.5453; return x - Math.floor(x); };
const TYPES = ["actor", "malware", "tool", "technique", "campaign", "report"];
function graph(cap) {
  const n = Math.min(cap, Number(process.env.NODES ?? 4000));
  const upper = Math.max(3, Math.floor(n / 60));
  const hubs = Array.from({ length: 24 }, (_, i) => [(rand(i + 1) - 0.5) * 900, (rand(i + 77) - 0.5) * 900]);
  const x = new Float32Array(n), y = new Float32Array(n), layer = new Uint8Array(n), kind = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const up = i < upper;
    const [cx, cy] = hubs[i % 24];
    const r = 130 * Math.sqrt(rand(i * 3 + 1)), a = rand(i * 3 + 2) * 6.283;
    [x[i], y[i], layer[i], kind[i]] = [cx + r * Math.cos(a), cy + r * Math.sin(a), up ? 1 : 0, i % (up ? TYPES.length : KINDS.length)];
  }
  const m = n * 3, a = new Uint32Array(m), b = new Uint32Array(m);
  for (let e = 0; e < m; e++) {
    const p = Math.floor(rand(e + 11) * n), c = p % 24;
    a[e] = p;
    b[e] = e % 3 === 0 ? (c + 24 * Math.floor(rand(e + 5) * (upper / 24))) % n : Math.min(n - 1, c + 24 * Math.floor((n / 24 - 1) * rand(e + 7) ** 3));
  }
  return { n, m, x, y, layer, kind, a, b, upper };
}
const labelsOf = ({ n, upper }) => Array.from({ length: n }, (_, i) => i < upper ? `${pick(TYPES, i)}:${pick(["Lantern Panda", "Mirai", "ExampleLoader", "T1595 Active Scanning", "Campaign 48", "Autumn report"], i)} ${i}` : `${named(i - (i % 5) + (i % KINDS.length)).kind}:${named(i - (i % 5) + (i % KINDS.length)).value}`);

export function layers(query) {
  const g = graph(Number(query.get("cap") ?? 100000));
  const head = Buffer.from(JSON.stringify({ nodes: g.n, edges: g.m, kinds: KINDS, types: TYPES, total_nodes: g.n + 1830, total_edges: g.m + 9120, gated: [{ kind: "ip", value: "203.0.113.10", neighbours: 185191 }, { kind: "domain", value: "cdn.example.com", neighbours: 22011 }] }));
  const start = Math.ceil((8 + head.length) / 4) * 4, after = Math.ceil((start + 10 * g.n) / 4) * 4;
  const out = Buffer.alloc(after + 8 * g.m);
  out.write("KNL1"); out.writeUInt32LE(head.length, 4); head.copy(out, 8);
  const put = (array, at) => Buffer.from(array.buffer).copy(out, at);
  put(g.x, start); put(g.y, start + 4 * g.n); put(g.layer, start + 8 * g.n); put(g.kind, start + 9 * g.n); put(g.a, after); put(g.b, after + 4 * g.m);
  return out;
}

const TACTICS = ["Reconnaissance", "Resource Development", "Initial Access", "Execution", "Persistence", "Privilege Escalation", "Defense Evasion", "Credential Access", "Discovery", "Lateral Movement", "Collection", "Command and Control", "Exfiltration", "Impact"];
const matrix = {
  version: "18.1", total: 1830,
  tactics: TACTICS.map((name, t) => ({ id: `TA00${40 + t}`, name, techniques: Array.from({ length: 8 + ((t * 7) % 9) }, (_, i) => ({
    id: `T${1500 + t * 20 + i}`, name: pick(["Active Scanning", "Phishing", "Command and Scripting Interpreter", "Scheduled Task/Job", "Process Injection", "Brute Force", "System Information Discovery", "Remote Services", "Application Layer Protocol", "Data Encrypted for Impact"], t + i * 3),
    count: i % 3 ? 0 : (t * 131 + i * 37) % 211, indicators: i % 4 ? 0 : (t * 17 + i) % 40, reports: i % 2 ? 0 : (t + i) % 12,
    sub: i % 4 ? [] : [1, 2, 3].map((s) => ({ id: `T${1500 + t * 20 + i}.00${s}`, name: pick(["Scanning IP Blocks", "Spearphishing Link", "PowerShell"], s), count: s * i, indicators: s, reports: 0 })),
  })) })),
};
const campaigns = Array.from({ length: 6 }, (_, i) => ({ id: `c${i + 1}`, name: `Campaign 2026-48-${i + 1}`, state: pick(["proposed", "confirmed", "rejected", "split"], i), artifacts: 120 - i * 17, sources: 4 - (i % 3), first_seen: NOW - (9 + i) * DAY, last_seen: NOW - i * HOUR, reason: text("3 rare artifacts are shared by observations of 4 sources", "4 情報源の観測がまれなアーティファクト 3 件を共有") }));
const campaign = (id) => ({
  ...(campaigns.find((one) => one.id === id) ?? campaigns[0]), members: Array.from({ length: 90 }, (_, i) => ({ ...named(i), role: pick(["c2", "payload", "src"], i) })),
  merges: Array.from({ length: 7 }, (_, i) => ({ a: `ip:203.0.113.${i}`, b: `domain:cdn${i}.example.net`, because: { ...named(3 + i * 5), observations: 4 + i, idf: 9.2 - i * 0.4 }, assertion: `as${i}`, undone: i === 5 })),
});
const cases = [["k1", "IoT bots at the branch offices", "open"], ["k2", "Phishing against payroll", "open"], ["k3", "Old sinkhole", "closed"], ["k4", "Scanner of a university", "watching"]].map(([id, title, state], i) => ({ id, title, state, created: NOW - i * DAY, changed: NOW - i * HOUR, owner: "admin", tlp: "amber", items: 3 + i, notes: i }));
const watches = [["w1", "domain", "*.example.com", 3], ["w2", "prefix", "192.0.2.0/24", 0], ["w3", "regex", "^login\\d+\\.example\\.(com|net)$", 1]].map(([id, kind, value, hits]) => ({ id, kind, value, hits, note: "own names", created: NOW - DAY, actor: "admin" }));
const hits = Array.from({ length: 9 }, (_, i) => ({ id: `h${i}`, watch: "w1", ...named(i * 2 + 1), at: NOW - i * HOUR, source: pick(SOURCES, i), observation: `obs-${i}`, matched: "*.example.com", seen: i > 3 }));
const feeds = [["partner-misp", "misp", "https://misp.example.org/feed", "ok", null], ["isac-taxii", "taxii", "https://taxii.example.org/api1/", "late", null], ["blocklist", "csv", "https://lists.example.net/ips.csv", "failing", "HTTP 503 from lists.example.net"]].map(([id, kind, url, state, error], i) => ({
  id, kind, url, path: "", state, reliability: pick(["A", "B", "D"], i), tlp: pick(["amber", "green", "clear"], i), due: NOW + HOUR, changed: NOW, every: HOUR, last: { at: NOW - i * 3 * HOUR, new: 120 - i * 60, duplicates: 2301, rejected: i, error },
  days: Array.from({ length: 14 }, (_, d) => ({ day: "", new: i === 2 && d > 9 ? 0 : 40 + ((d * 7919 + i) % 90), duplicates: 3, rejected: 0 })),
}));
const BODY = "Lantern Panda returned in autumn with a new loader.\n\nThe mail came from billing3@example[.]org and carried a link to hxxps://login1[.]example[.]com/a. The loader ran PowerShell to fetch a second stage from 203.0.113[.]45 and kept itself with a scheduled task.\n\n攻撃者は 203.0.113[.]45 からペイロードを取得し、スケジュールタスクで永続化した。\n\nReferences: https://www.example.edu/report";
const span = (shown, from = 0) => { const start = [...BODY.slice(0, BODY.indexOf(shown, from))].length; return { start, end: start + [...shown].length, shown }; };
const report = {
  id: "r1", title: "Lantern Panda in autumn", at: NOW - DAY, language: "en", tlp: "green", state: "proposed", text: BODY,
  artifacts: [{ kind: "mail", value: "billing3@example.org", ...span("billing3@example[.]org"), role: "indicator", state: "proposed" }, { kind: "url", value: "https://login1.example.com/a", ...span("hxxps://login1[.]example[.]com/a"), role: "indicator", state: "proposed" }, { kind: "ip", value: "203.0.113.45", ...span("203.0.113[.]45"), role: "indicator", state: "accepted" }, { kind: "url", value: "https://www.example.edu/report", ...span("https://www.example.edu/report"), role: "reference", state: "declined" }],
  entities: [{ id: "e9", type: "actor", name: "Lantern Panda", ...span("Lantern Panda"), state: "proposed" }],
  techniques: [{ id: "T1059.001", name: "PowerShell", score: 0.91, sentence: "", ...span("The loader ran PowerShell to fetch a second stage from 203.0.113[.]45 and kept itself with a scheduled task."), reasons: ["ran powershell +1.4", "fetch a second +0.6"], state: "proposed" }, { id: "T1053.005", name: "Scheduled Task", score: 0.83, sentence: "", ...span("スケジュールタスクで永続化した。"), reasons: ["永続化 +1.2"], state: "proposed" }],
  relations: [{ a: "Lantern Panda", how: "uses", b: "T1059.001", sentence: "", ...span("Lantern Panda returned in autumn with a new loader."), state: "proposed" }],
};
const reviews = Array.from({ length: 8 }, (_, i) => ({ id: `v${i}`, kind: pick(["campaign", "report", "publish", "alias"], i), subject: pick(["c1", "r1", "in_77aa", "Lantern Panda"], i), title: pick([text("Campaign 2026-48-1 with 120 artifacts", "120 アーティファクトのキャンペーン 2026-48-1"), text("Report: Lantern Panda in autumn", "レポート: 秋の Lantern Panda"), text("Publish 203.0.113.45 at TLP:GREEN", "203.0.113.45 を TLP:GREEN で公開"), text("Is Lantern Panda the same as Paper Crane?", "Lantern Panda は Paper Crane と同一か")], i), state: "review", priority: i % 3, created: NOW - i * HOUR, tlp: "green", reason: text("4 sources, the deciding edge is a rare hash", "4 情報源、決め手はまれなハッシュ") }));
const entities = [{ id: "e9", type: "actor", name: "Lantern Panda", names: [{ name: "Lantern Panda", authority: "MITRE" }, { name: "Paper Crane", authority: "MISP" }, { name: "ランタン・パンダ", authority: "own" }], artifacts: 91, reports: 4 }, { id: "e1", type: "malware", name: "Mirai", names: [{ name: "Mirai", authority: "MITRE" }], artifacts: 1200, reports: 12 }];

const looked = (value, i) => {
  const kind = /^\d+\.\d+\.\d+\.\d+$/.test(value) ? "ip" : /^[0-9a-f]{32,}$/.test(value) ? "hash" : /:\/\//.test(value) ? "url" : /\./.test(value) ? "domain" : null;
  const known = kind !== null && i % 3 !== 2;
  return { kind, value, known, first_seen: known ? NOW - 9 * DAY : null, last_seen: known ? NOW - i * 61e6 : null, observations: known ? (i * 7919) % 500 : 0, sources: known ? 1 + (i % 5) : 0, score: known && i % 2 ? (i * 37) % 100 : null, indicator: known && i % 2 ? `in_${i}` : null, suppressed: known && i % 11 === 0 };
};

const FIXED = {
  "/attack/matrix": matrix, "/campaigns": page(campaigns), "/cases": page(cases), "/watches": watches, "/watches/hits": page(hits),
  "/suppressions": [{ id: "s1", kind: "domain", value: "intranet.example.jp", note: "ours", created: NOW - DAY, actor: "admin" }], "/feeds": feeds, "/reports": page([{ ...report, text: undefined, artifacts: 4, techniques: 2 }]), "/reviews": page(reviews),
};

export function answer(method, path, query, body) {
  const [, kind, id, rest] = path.split("/");
  if (path === "/lookup" && method === "POST") {
    const rows = JSON.parse(body).values.map(looked);
    return Object.fromEntries(Object.keys(looked("a.b", 0)).map((name) => [name, rows.map((row) => row[name])]));
  }
  if (path === "/lookup") return looked(query.get("q"), 1);
  if (path === "/artifact") return artifact(query.get("kind"), query.get("value"));
  if (path === "/artifact/observations") return observations(query.get("kind"), query.get("value"));
  if (path === "/layers/labels") return { labels: labelsOf(graph(Number(query.get("cap") ?? 100000))).slice(Number(query.get("from")), Number(query.get("to"))) };
  if (path === "/entities") return page(entities.filter((one) => JSON.stringify(one.names).toLowerCase().includes((query.get("q") ?? "").toLowerCase())));
  if (kind === "indicators" && rest === "explanation") return explanation;
  if (kind === "indicators" && rest === "verdicts") return page([{ verdict: "malicious", note: "seen at our honeypot", at: NOW - HOUR, actor: "sato" }]);
  if (kind === "attack" && id === "techniques") return { id: rest, name: "Active Scanning", description: "Adversaries may execute active reconnaissance scans to gather information.", tactics: ["Reconnaissance"], reports: [{ id: "r1", title: "Lantern Panda in autumn", sentence: "scanned the whole prefix" }], indicators: [{ id: "in_77aa", kind: "ip", value: "203.0.113.45", score: 82 }] };
  if (kind === "campaigns" && id && method === "GET") return campaign(id);
  if (kind === "cases" && id && method === "GET") return { ...(cases.find((one) => one.id === id) ?? cases[0]), items: [0, 1, 2].map((i) => ({ ...named(i), note: "first seen here", at: NOW, by: "admin" })), notes: [{ text: "Asked the provider.", at: NOW, by: "admin" }], history: [{ at: NOW, by: "admin", what: "open", value: "" }, { at: NOW, by: "admin", what: "state", value: "open" }] };
  if (kind === "reports" && id && method === "GET") return report;
  if (method === "POST" && ["cases", "reports", "watches", "suppressions", "feeds", "reviews", "campaigns", "indicators"].includes(kind)) return { id: kind === "cases" ? "k1" : "r1" };
  return FIXED[path];
}

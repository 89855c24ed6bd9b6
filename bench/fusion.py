"""The fusion store at full size, beside what one would use instead.

    python bench/fusion.py [--artifacts N] [--edges N] [--only PART ...] [--peers-python EXE]

Parts, each in a process of its own:

store   artifacts (IPv4, domain, URL, SHA-256, a quarter each), two new ones per observation:
        durable ingest per core, bytes per artifact (arrays, and growth of the process),
        look-ups from a second thread during ingest, batches.
graph   the graph of the reference: u uniform, v = perm[floor(n r^3)], one observation an
        edge; 3-hop pivots from random seeds, hub gate 10,000, cap 50,000, in process and as
        the JSON that the API sends.
dict    the same artifacts in a Python dict.
igraph  a graph of a tenth of the size, 3 hops (where --peers-python has igraph).
redis   the same artifacts, key and number only (where redis-server and redis-py are there).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "fusion.json"

COMMON = """
import json, random, sys, threading, time
from pathlib import Path

def rss():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024

def centiles(values):
    values = sorted(values)
    return {"p50": values[len(values) // 2], "p99": values[len(values) * 99 // 100]}

count, folder = int(sys.argv[1]), Path(sys.argv[2])
"""

STORE = """
from kaname.intelligence.bench.store import artifact, observations
from kaname.intelligence.store import FusionStore

store = FusionStore.open(folder)
before, spent, lookups, done, number = rss(), 0.0, [], threading.Event(), 0

def look():
    dice = random.Random(7)
    while not done.wait(0.02):
        keys = [artifact(dice.randrange(max(1, number) * 4)) for _ in range(200)]
        for kind, value in keys:
            begun = time.perf_counter_ns()
            store.brief(kind, value)
            lookups.append((time.perf_counter_ns() - begun) / 1000)

looker = threading.Thread(target=look)
looker.start()
wall = 0.0
for batch in observations(count // 2):
    cpu, begun = time.thread_time(), time.perf_counter()
    store.add(batch)
    spent += time.thread_time() - cpu
    wall += time.perf_counter() - begun
    number += len(batch)
done.set()
looker.join()
dice = random.Random(9)
keys = [artifact(dice.randrange(count * 2)) for _ in range(100_000)]
batches = []
for _ in range(5):
    begun = time.perf_counter()
    store.lookup(keys)
    batches.append(len(keys) / (time.perf_counter() - begun))
quiet = []
for kind, value in keys:
    begun = time.perf_counter_ns()
    store.brief(kind, value)
    quiet.append((time.perf_counter_ns() - begun) / 1000)
grown = rss() - before
begun = time.perf_counter()
FusionStore.open(folder, read_only=True)
print(json.dumps({
    "artifacts": store.counts[0], "observations": store.counts[1],
    "ingest_per_core": number / spent, "ingest_wall": number / wall,
    "bytes_per_artifact": store.bytes / store.counts[0],
    "rss_per_artifact": grown / store.counts[0],
    "lookup_during_ingest_us": centiles(lookups), "lookups": len(lookups),
    "lookup_quiet_us": centiles(quiet), "batch_per_s": sorted(batches)[2],
    "open_s": time.perf_counter() - begun,
}))
"""

GRAPH = """
import msgspec, numpy
from kaname._native import FusionCore

class Mention(msgspec.Struct):
    kind: str
    value: str

class Slim(msgspec.Struct):
    id: str
    source: str
    kind: str
    at: int
    tlp: str
    mentions: tuple[Mention, Mention]

nodes = count // 4
core = FusionCore(folder, ["clear"], False)
random_ = numpy.random.default_rng(5)
perm = random_.permutation(nodes)
encode = msgspec.msgpack.Encoder().encode
before, spent = rss(), 0.0
for first in range(0, count, 20_000):
    many = min(20_000, count - first)
    u = random_.integers(0, nodes, many).tolist()
    v = perm[(nodes * random_.random(many) ** 3).astype(int)].tolist()
    batch = [
        Slim(str(first + i), "s", "k", first + i, "clear",
             (Mention("ip", f"n{a}"), Mention("ip", f"n{b}")))
        for i, (a, b) in enumerate(zip(u, v)) if a != b
    ]
    cpu = time.process_time()
    core.add(encode(batch))
    spent += time.process_time() - cpu
grown = rss() - before
dice = random.Random(3)
seeds = [("ip", f"n{dice.randrange(nodes)}") for _ in range(1000)]
result = {"nodes": core.counts[0], "edges": core.counts[1], "ingest_per_core": count / spent,
          "bytes_per_edge": core.bytes / count, "rss_per_edge": grown / count}
for hops in (1, 2, 3):
    times, spent_ms, sizes, gated = [], [], [], 0
    for seed in seeds:
        cpu, begun = time.thread_time(), time.perf_counter()
        text = core.pivot_json([seed], hops, 10_000, 50_000, 0)
        times.append((time.perf_counter() - begun) * 1000)
        spent_ms.append((time.thread_time() - cpu) * 1000)
        found = json.loads(text)
        sizes.append(found["total"])
        gated += len(found["gated"])
    result[f"hops_{hops}_ms"] = centiles(times)
    result[f"hops_{hops}_cpu_ms"] = centiles(spent_ms)
    result[f"hops_{hops}_nodes"] = centiles(sizes)
    result[f"hops_{hops}_gated"] = gated
print(json.dumps(result))
"""

DICT = """
from kaname.intelligence.bench.store import artifact
before = rss()
table = {f"{kind}:{value}": n for n, (kind, value) in enumerate(map(artifact, range(count)))}
grown = rss() - before
dice, times = random.Random(9), []
keys = [artifact(dice.randrange(count * 2)) for _ in range(100_000)]
for kind, value in keys:
    begun = time.perf_counter_ns()
    table.get(f"{kind}:{value}")
    times.append((time.perf_counter_ns() - begun) / 1000)
print(json.dumps({"rss_per_artifact": grown / count, "lookup_us": centiles(times)}))
"""

IGRAPH = """
import igraph, numpy
nodes = count // 4
random_ = numpy.random.default_rng(5)
perm = random_.permutation(nodes)
u = random_.integers(0, nodes, count)
v = perm[(nodes * random_.random(count) ** 3).astype(int)]
graph = igraph.Graph(n=nodes, edges=numpy.column_stack([u, v]))
dice, times, spent_ms = random.Random(3), [], []
for _ in range(300):
    seed = dice.randrange(nodes)
    cpu, begun = time.thread_time(), time.perf_counter()
    graph.neighborhood(seed, order=3)
    times.append((time.perf_counter() - begun) * 1000)
    spent_ms.append((time.thread_time() - cpu) * 1000)
print(json.dumps({"nodes": nodes, "edges": count, "hops_3_ms": centiles(times),
                  "hops_3_cpu_ms": centiles(spent_ms)}))
"""

REDIS = """
import redis, subprocess
from kaname.intelligence.bench.store import artifact
socket = folder / "redis.sock"
server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", str(socket),
                           "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL)
try:
    time.sleep(1)
    client = redis.Redis(unix_socket_path=str(socket))
    before = client.info("memory")["used_memory"]
    begun = time.perf_counter()
    for first in range(0, count, 10_000):
        pipe = client.pipeline(transaction=False)
        for n in range(first, first + 10_000):
            pipe.set("%s:%s" % artifact(n), n)
        pipe.execute()
    loaded = time.perf_counter() - begun
    memory = client.info("memory")["used_memory"] - before
    dice, times = random.Random(9), []
    for _ in range(20_000):
        key = "%s:%s" % artifact(dice.randrange(count * 2))
        begun = time.perf_counter_ns()
        client.get(key)
        times.append((time.perf_counter_ns() - begun) / 1000)
    keys = ["%s:%s" % artifact(dice.randrange(count * 2)) for _ in range(100_000)]
    begun = time.perf_counter()
    for first in range(0, len(keys), 500):
        client.mget(keys[first:first + 500])
    batch = len(keys) / (time.perf_counter() - begun)
    print(json.dumps({"bytes_per_artifact": memory / count, "set_per_s": count / loaded,
                      "lookup_us": centiles(times), "batch_per_s": batch}))
finally:
    server.terminate()
    server.wait()
"""


def measure(name: str, script: str, count: int, python: str = sys.executable) -> dict[str, Any]:
    """What one part prints; empty where it does not run here."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [python, "-c", COMMON + script, str(count), folder]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: not measured ({done.stderr.strip().splitlines()[-1:]})")
        return {}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(name, json.dumps(found, indent=1))
    return found


def ratios(results: dict[str, dict[str, Any]]) -> None:
    """Ours beside theirs, where both were measured."""
    ours = results["store"]
    for name in ("redis", "dict"):
        peer = results.get(name)
        if ours and peer:
            theirs = peer["lookup_us"]["p50"] / ours["lookup_quiet_us"]["p50"]
            print(f"{name}: {theirs:.1f} times the time of a look-up")
    graph, peer = results.get("graph"), results.get("igraph")
    if graph and peer:
        ours, theirs = graph["hops_3_cpu_ms"], peer["hops_3_cpu_ms"]
        times = {at: round(theirs[at] / ours[at], 1) for at in ("p50", "p99")}
        size = graph["edges"] / peer["edges"]
        print(f"igraph at 1/{size:.0f} of the size: {times} times the time of 3 hops")


def main() -> None:
    """Measure the parts asked for and keep what they print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--artifacts", type=int, default=10_000_000)
    parser.add_argument("--edges", type=int, default=40_000_000)
    parser.add_argument("--peers-python", default=sys.executable)
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    parts = {
        "store": (STORE, asked.artifacts, sys.executable),
        "graph": (GRAPH, asked.edges, sys.executable),
        "dict": (DICT, asked.artifacts, sys.executable),
        "igraph": (IGRAPH, asked.edges // 10, asked.peers_python),
    }
    if shutil.which("redis-server"):
        parts["redis"] = (REDIS, min(asked.artifacts, 2_000_000), sys.executable)
    results: dict[str, dict[str, Any]] = {}
    if RESULTS.exists():
        results = json.loads(RESULTS.read_text())
    for name, (script, count, python) in parts.items():
        if not asked.only or name in asked.only:
            results[name] = measure(name, script, count, python) or results.get(name, {})
    ratios(results)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Hierarchical heavy hitters: flows a second of a core, beside agurim on the same flows.

    python bench/heavy_hitters.py [--flows N] [--agurim PROGRAM]

The flows are those of a published workload (clients and servers by Zipf's law, log-normal
sizes; reference of the lake, appendix A) in one bin. Charged is the CPU time of the search
from Arrow columns to aggregates, without reading. agurim (`github.com/necoma/agurim`) reads
the same flows in its own binary form; it is charged as a whole, since it aggregates while
it reads, and its output is compared line by line.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kaname._native import hierarchy
from kaname.traffic.aguri import text
from kaname.traffic.evaluation.bench import Scene
from kaname.traffic.evaluation.heavy_hitters import RECORD, START, lines, of_agurim
from kaname.traffic.heavy_hitters import hierarchy as bins
from kaname.traffic.simulator.records import table

GOAL = 2_000_000  # flows a second of a core
NAMES = ("src_hi", "src_lo", "dst_hi", "dst_lo", "proto", "sport", "dport", "octets", "packets")
PORTS = np.array([443, 80, 53, 123, 22, 25, 3389, 445, 993, 8080, 8443, 1883])
SHARES = np.array([0.52, 0.12, 0.16, 0.03, 0.01, 0.02, 0.005, 0.005, 0.01, 0.02, 0.01, 0.005])


def _zipf(rng: np.random.Generator, n: int, power: float, draws: int) -> Any:
    weights = 1 / np.arange(1, n + 1) ** power
    return rng.choice(n, draws, p=weights / weights.sum())


def workload(n: int) -> np.ndarray:
    """``n`` flows in agurim's binary form."""
    rng = np.random.default_rng(7)
    clients = (10 << 24) + rng.choice(1 << 22, 20_000, replace=False)
    servers = rng.integers(0x01000000, 0xDF000000, 600_000)
    client, server = clients[_zipf(rng, 20_000, 0.8, n)], servers[_zipf(rng, 600_000, 1.05, n)]
    reply = rng.random(n) < 0.45
    found = np.zeros(n, RECORD)
    for side, address in (("src", (client, server)), ("dst", (server, client))):
        chosen = np.where(reply, address[1], address[0]).astype(">u4")
        found[side][:, :4] = chosen.view("u1").reshape(-1, 4)
    near, far = rng.integers(32_768, 61_000, n), rng.choice(PORTS, n, p=SHARES / SHARES.sum())
    found["sport"], found["dport"] = np.where(reply, far, near), np.where(reply, near, far)
    found["proto"] = np.where(np.isin(far, (53, 123)) | (rng.random(n) < 0.12), 17, 6)
    found["packets"] = packets = np.maximum(1, np.exp(rng.normal(1.8, 1.4, n))).astype(np.int64)
    found["octets"] = packets * np.clip(rng.normal(500, 300, n), 40, 1500)
    found["version"], found["first"], found["last"] = 4, START // 10**6, START // 10**6
    return found


def _ours(flows: dict[str, Any]) -> float:
    batch = pa.RecordBatch.from_arrays([pa.array(flows[n]) for n in NAMES], names=NAMES)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        hierarchy(batch, 1, "address")
        seconds.append(time.process_time() - start)
    return sorted(seconds)[1]


def _theirs(program: str, path: Path) -> tuple[float, str]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "TZ": "UTC"}
    with path.open("rb") as source:
        done = subprocess.run(
            [program, "-F", "-t", "1"], stdin=source, env=environment, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, done.stdout


def main() -> int:
    """Print what was measured; 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=int, default=2_000_000)
    parser.add_argument("--agurim", default=shutil.which("agurim"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workload.flows"
        path.write_bytes(workload(given.flows).tobytes())
        flows = of_agurim(path)
        result: dict[str, Any] = {"flows": given.flows}
        result["flows_per_core_second"] = round(given.flows / _ours(flows))
        if given.agurim:
            print("agurim", file=sys.stderr)
            spent, output = _theirs(given.agurim, path)
            with Scene(flows=table(flows)) as scene:
                (found,) = bins(scene.table("flows"), START, START + 10**9, 1000, 1)
            result["agurim_flows_per_core_second"] = round(given.flows / spent)
            result["ratio"] = round(spent * result["flows_per_core_second"] / given.flows, 2)
            result["lines"] = len(lines(output))
            result["lines_different"] = len(set(lines(output)) ^ set(lines(text(found, 1))))
    print(json.dumps(result))
    return int(result["flows_per_core_second"] < GOAL or result.get("lines_different", 0) > 0)


if __name__ == "__main__":
    raise SystemExit(main())

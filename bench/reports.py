"""A month's report of a telescope of NICTER's size: seconds and memory, beside the goal.

    python bench/reports.py [--days 30] [--sources 300000]

Makes a lake in a temporary folder (not timed): every day so many sources, a flowtuple each,
of which a part comes again on other days; with the table of sources by day. Then it makes
the report of the month as HTML and as PDF in a process of its own. Goal: 60 seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from kaname.knowledge import Knowledge
from kaname.lake import Lake
from kaname.lake.tables import table
from kaname.model.instant import DAY, MINUTE
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport

START = 1_767_225_600_000_000  # 2026-01-01
GOAL = 60.0
V4 = 0xFFFF << 32
PORTS = np.array([23, 2323, 22, 80, 443, 445, 3389, 5555, 8080, 1433])


def day(rng: np.random.Generator, number: int, sources: int) -> dict[str, np.ndarray]:
    """Columns of a day: a third of the sources are those of the days around it."""
    pool = 1 << 24 | rng.integers(0, 3 * sources, sources // 3)
    fresh = (2 + number) << 24 | rng.permutation(1 << 24)[: sources - len(pool)]
    src = np.unique(np.concatenate([pool, fresh]))
    count = len(src)
    port = np.where(
        rng.random(count) < 0.6, rng.choice(PORTS, count), rng.integers(1, 65536, count)
    )
    udp = rng.random(count) < 0.15
    return {
        "ts": np.sort(START + number * DAY + rng.integers(0, 1440, count) * MINUTE),
        "src_hi": np.zeros(count, np.int64),
        "src_lo": V4 + rng.permutation(src),
        "dst_hi": np.zeros(count, np.int64),
        "dst_lo": V4 + (198 << 24 | 18 << 16) + rng.integers(0, 1 << 16, count),
        "port": port,
        "packets": rng.geometric(0.2, count),
        "udp": udp,
        "survey": rng.random(count) < 0.02,
    }


def batch(name: str, columns: dict[str, object], count: int) -> pa.RecordBatch:
    """A batch of the table; columns not given are zeros, empty or null."""
    arrays = []
    for field in table(name).arrow_schema():
        given = columns.get(field.name)
        if isinstance(given, list):
            indices = pa.array(np.asarray(given[0], np.int8))
            arrays.append(pa.DictionaryArray.from_arrays(indices, pa.array(given[1])))
        elif given is not None:
            arrays.append(pa.array(np.asarray(given)).cast(field.type))
        elif field.nullable:
            arrays.append(pa.nulls(count, field.type))
        elif pa.types.is_dictionary(field.type):
            zeros = pa.array(np.zeros(count, np.int8))
            arrays.append(pa.DictionaryArray.from_arrays(zeros, pa.array([""])))
        else:
            arrays.append(pa.array(np.zeros(count, np.int64)).cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=table(name).arrow_schema())


def commit(lake: Lake, name: str, number: int, made: pa.RecordBatch) -> None:
    with lake.writer(
        identity=hashlib.sha256(f"{name}/{number}".encode()).hexdigest(), path=f"/{name}/{number}",
        size=1, sensor="bench", tlp=Tlp.GREEN, reader="bench", reader_version=1,
    ) as writer:  # fmt: skip
        for start in range(0, made.num_rows, 1 << 17):
            writer.write(name, made.slice(start, 1 << 17))
        writer.commit(ReadReport(records=made.num_rows, rows=made.num_rows))


def fill(data: Path, days: int, sources: int) -> int:
    """Write the lake; how many rows of flowtuples."""
    rng = np.random.default_rng(1)
    rows = 0
    with Lake.open(data) as lake:
        for number in range(days):
            made = day(rng, number, sources)
            count = len(made["ts"])
            rows += count
            kinds = [made["udp"].astype(np.int8), ["tcp_syn", "udp"]]
            proto = np.where(made["udp"], 17, 6)
            own = {k: made[k] for k in ("ts", "src_hi", "src_lo", "port", "packets")}
            tuples = own | {
                "dst_hi": made["dst_hi"], "dst_lo": made["dst_lo"], "ptype": kinds, "proto": proto,
                "uniq_dst": np.ones(count), "sensor": [np.zeros(count), ["bench"]],
                "tlp": [np.zeros(count), ["green"]],
            }  # fmt: skip
            commit(lake, "flowtuples", number, batch("flowtuples", tuples, count))
            labels = own | {
                "last": made["ts"], "ptype": kinds,
                "family": [made["udp"].astype(np.int8), ["bare", "udp"]],
                "label": [made["survey"].astype(np.int8), ["tool_unnamed", "survey"]],
                "sensor": [np.zeros(count), ["bench"]], "tlp": [np.zeros(count), ["green"]],
            }  # fmt: skip
            commit(lake, "source_days", number, batch("source_days", labels, count))
    return rows


def measure(data: Path, form: str) -> dict[str, float]:
    """Seconds and the most memory of `kaname telescope report month`."""
    out = data.parent / f"report.{form}"
    begun, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    argv = [sys.executable, "-m", "kaname", "--data", str(data), "telescope", "report", "month"]
    subprocess.run([*argv, "2026-01", "--output", str(out)], check=True, capture_output=True)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return {
        "seconds": round(time.monotonic() - begun, 1),
        "cpu_seconds": round(cpu, 1),  # what a busy machine does not change
        "peak_mib": round(now.ru_maxrss / 1024),
        "bytes": out.stat().st_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--sources", type=int, default=300_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        rows = fill(data, given.days, given.sources)
        Knowledge.open(f"sqlite:///{data}/knowledge.sqlite").close()
        found = {form: measure(data, form) for form in ("html", "pdf")}
    print(json.dumps({
        "flowtuples": rows, "days": given.days, "sources_a_day": given.sources,
        "goal_seconds": GOAL, "report": found,
        "ratio_to_goal": round(found["html"]["seconds"] / GOAL, 2),
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()

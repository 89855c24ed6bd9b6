"""Packet capture to stored Parquet flowtuples, beside the programs one would use instead.

    python bench/flowtuples.py [--packets N] [--capture FILE]

CPU time is what counts: it says what a core can do whatever else the machine is doing.
Every program runs in a process of its own on the same capture (slow ones on its first
packets), one after the other, and is charged user and system time from its start to its end;
for kaname the time after the start of the interpreter is given as well.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import _workload_d as workload

RESULTS = Path(__file__).parent / "results" / "flowtuples.json"
FIRST = {"nfpcapd": 500_000, "tshark": 100_000, "nfstream": 100_000}

WORKER = """
import json, sys, time
from pathlib import Path
from kaname._native import ParquetWriter
from kaname.lake.tables.flowtuples import TABLE
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.pcap import PcapReader

def peak_mib():  # not ru_maxrss: that one is inherited from the process that started this one
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024

source, target, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
schema, encodings = TABLE.arrow_schema(), {c.name: str(c.encoding) for c in TABLE.all_columns}
job = ReadJob(path=source, sensor="bench", tlp=Tlp.AMBER, batch=1, threads=threads)
cpu, wall = time.process_time(), time.perf_counter()
with target.open("wb") as sink:
    writer = ParquetWriter(
        sink, schema, encodings, metadata={}, group_rows=1_000_000, level=1, threads=threads
    )
    for table, batch in PcapReader().read(job):
        if table == TABLE.name:
            writer.write(batch)
    rows, size, _ = writer.close()
print(json.dumps({
    "packets": job.report.records, "rows": rows, "bytes": size,
    "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall,
    "rss": peak_mib(),
}))
"""

INGEST = """
import json, sys, time
from pathlib import Path
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest

def peak_mib():  # not ru_maxrss: that one is inherited from the process that started this one
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024

lake = Lake.open(Path(sys.argv[2]))
for again in (False, True):  # the second time libraries are loaded
    cpu, wall = time.process_time(), time.perf_counter()
    source = ingest(
        lake, Path(sys.argv[1]), sensor="bench", tlp=Tlp.AMBER, replace=again, threads=2
    ).source
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
print(json.dumps({
    "packets": source.records, "rows": source.rows, "cpu": cpu, "wall": wall,
    "bytes": sum(file.bytes for file in lake.files("flowtuples")),
    "rss": peak_mib(),
}))
"""

NFSTREAM = """
import sys
from nfstream import NFStreamer
stream = NFStreamer(
    source=sys.argv[1], n_dissections=0, statistical_analysis=False, idle_timeout=60,
    active_timeout=60, n_meters=1,
)
print(sum(1 for _ in stream))
"""


@dataclass(frozen=True)
class Run:
    """What a process cost: CPU and wall seconds, and what it printed."""

    cpu: float
    wall: float
    output: str


def run(argv: list[str]) -> Run:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(cpu, wall, done.stdout)


def ours(source: Path, folder: Path, threads: int, times: int = 3) -> dict[str, Any]:
    """The best of some runs, and the CPU of the whole process."""
    runs = []
    for _ in range(times):
        argv = [
            sys.executable,
            "-c",
            WORKER,
            str(source),
            str(folder / "out.parquet"),
            str(threads),
        ]
        whole = run(argv)
        runs.append(json.loads(whole.output) | {"process": whole.cpu})
    return min(runs, key=lambda one: one["cpu"] if threads == 1 else one["wall"])


def into_a_lake(source: Path, folder: Path) -> dict[str, Any]:
    """What `kaname ingest` does, to the committed files of a lake."""
    found: dict[str, Any] = json.loads(
        run([sys.executable, "-c", INGEST, str(source), str(folder / "data")]).output
    )
    return found


def first_packets(source: Path, count: int, target: Path) -> None:
    """The beginning of a little-endian capture."""
    data = source.read_bytes()
    at = 24
    for _ in range(count):
        if at + 16 > len(data):
            break
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "little")
    target.write_bytes(data[:at])


def peers(source: Path, folder: Path) -> dict[str, float]:
    """Million packets a second and core of the programs that are installed."""
    found = {}
    for name, count in FIRST.items():
        part = folder / f"{name}.pcap"
        first_packets(source, count, part)
        out = folder / name
        out.mkdir()
        argv = {
            "nfpcapd": ["nfpcapd", "-r", str(part), "-l", str(out), "-t", "300"],
            "tshark": ["tshark", "-n", "-r", str(part), "-T", "fields"]
            + [
                word
                for f in ("frame.time_epoch", "ip.src", "ip.dst", "ip.proto", "tcp.dstport")
                for word in ("-e", f)
            ],
            "nfstream": [sys.executable, "-c", NFSTREAM, str(part)],
        }[name]
        if name != "nfstream" and shutil.which(name) is None:
            continue
        try:
            found[name] = count / run(argv).cpu / 1e6
        except subprocess.CalledProcessError:
            continue
    return found


def row(what: str, value: float, unit: str, goal: str | None = None) -> dict[str, Any]:
    entry: dict[str, Any] = {"what": what, "value": round(value, 3), "unit": unit}
    return entry if goal is None else entry | {"goal": goal}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=workload.PACKETS)
    parser.add_argument("--capture", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as place:
        folder = Path(place)
        source = options.capture or folder / "d.pcap"
        if options.capture is None:
            workload.write(source, options.packets)
        packed = folder / "d.pcap.gz"
        with source.open("rb") as plain, gzip.open(packed, "wb", compresslevel=6) as zipped:
            shutil.copyfileobj(plain, zipped, 1 << 20)
        one, two = ours(source, folder, 1), ours(source, folder, 2)
        zipped_two = ours(packed, folder, 2)
        lake = into_a_lake(source, folder)
        others = peers(source, folder)
    packets, core = one["packets"], one["packets"] / one["cpu"] / 1e6
    rows = [
        row("kaname, one thread, per core", core, "M packets/s", ">= 6"),
        row("kaname, start of Python included", packets / one["process"] / 1e6, "M packets/s"),
        row("kaname, two threads, wall", packets / two["wall"] / 1e6, "M packets/s"),
        row("two threads against one", one["wall"] / two["wall"], "x", ">= 1.7"),
        row("gz against plain, two threads", two["wall"] / zipped_two["wall"], "x", ">= 0.5"),
        row("stored", one["bytes"] / packets, "bytes/packet", "<= 9"),
        row("rows", one["rows"] / packets, "rows/packet"),
        row("into a lake, per core", packets / lake["cpu"] / 1e6, "M packets/s"),
        row("into a lake, two threads, wall", packets / lake["wall"] / 1e6, "M packets/s"),
        row("into a lake, memory", lake["rss"], "MiB", "<= 1024"),
        row("reader and bare writer, memory", max(two["rss"], zipped_two["rss"]), "MiB"),
        *(row(f"{name}, per core", rate, "M packets/s") for name, rate in others.items()),
        *(row(f"kaname against {name}", core / rate, "x") for name, rate in others.items()),
        row("load of the machine", os.getloadavg()[0], "processes"),
    ]
    claim = "pcap to stored Parquet flowtuples with fingerprints, workload D"
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"claim": claim, "rows": rows}, indent=2) + "\n")
    for entry in rows:
        print(
            f"{entry['what']:<40} {entry['value']:>10} {entry['unit']:<14} {entry.get('goal', '')}"
        )


if __name__ == "__main__":
    main()

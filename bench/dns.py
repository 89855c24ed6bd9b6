"""DNS from the wire to stored rows: captures with the join, dnstap, query logs; tshark beside.

    python bench/dns.py [--exchanges N]

CPU time is what counts: it says what a core can do whatever else the machine is doing. Each
measurement runs in a process of its own, one thread, and is charged user and system time
from after the imports to the last byte of its Parquet file. "Into a lake" is `kaname
ingest` with all that belongs to it: the digest of the source, the index of the file, the
manifest. tshark prints the fields of the same capture's first packets and joins nothing.
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
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import _workload_dns as workload

EXCHANGES = 1_500_000
LINES = 100_000
FIRST = 200_000
PACKETS_GOAL, FRAMES_GOAL = 1.5e6, 2e6

WORKER = """
import json, sys, time
from pathlib import Path
from kaname._native import ParquetWriter
from kaname.lake.parquet import conform
from kaname.lake.tables.dns import TABLE
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import reader_called
import kaname.readers.rows, pyarrow.compute

name, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
reader, schema = reader_called(name), TABLE.arrow_schema()
encodings = {c.name: str(c.encoding) for c in TABLE.all_columns}
job = ReadJob(path=source, sensor="bench", tlp=Tlp.AMBER, batch=1)
cpu, wall = time.process_time(), time.perf_counter()
with target.open("wb") as sink:
    writer = ParquetWriter(
        sink, schema, encodings, metadata={}, group_rows=1_000_000, level=1, threads=1
    )
    for _, batch in reader.read(job):
        writer.write(batch if name in ("dns_capture", "dnstap") else conform(batch, TABLE))
    rows, size, _ = writer.close()
status = Path("/proc/self/status").read_text()
print(json.dumps({
    "records": job.report.records, "rows": rows, "bytes": size,
    "joined": job.report.notes.get("joined", 0),
    "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall,
    "rss_mib": int(status.partition("VmHWM:")[2].split()[0]) / 1024,
}))
"""

INGEST = """
import json, sys, time
from pathlib import Path
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest

lake = Lake.open(Path(sys.argv[3]))
for again in (False, True):  # the second time libraries are loaded
    cpu, wall = time.process_time(), time.perf_counter()
    source = ingest(
        lake, Path(sys.argv[2]), sensor="bench", tlp=Tlp.AMBER, replace=again, threads=1,
        reader=sys.argv[1],
    ).source
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
print(json.dumps({"records": source.records, "rows": source.rows, "cpu": cpu, "wall": wall}))
"""


def tell(text: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(text + "\n")


def measured(program: str, reader: str, source: Path, target: Path, times: int) -> dict[str, Any]:
    """The run that took the least CPU time."""
    argv = [sys.executable, "-c", program, reader, str(source), str(target)]
    runs = []
    for number in range(times):
        tell(f"{reader} {number + 1}/{times}")
        out = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
        runs.append(json.loads(out))
    best: dict[str, Any] = min(runs, key=lambda one: one["cpu"])
    return best | {"records_a_second_and_core": round(best["records"] / best["cpu"])}


def first_packets(source: Path, count: int, target: Path) -> int:
    """The beginning of a little-endian capture; the number of packets."""
    data, at, packets = source.read_bytes(), 24, 0
    while packets < count and at + 16 <= len(data):
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "little")
        packets += 1
    target.write_bytes(data[:at])
    return packets


def tshark(source: Path, folder: Path) -> dict[str, Any] | None:
    """Question, code and answers of the first packets, by tshark."""
    if shutil.which("tshark") is None:
        return None
    part = folder / "first.pcap"
    packets = first_packets(source, FIRST, part)
    fields = ("frame.time_epoch", "ip.src", "ip.dst", "dns.id", "dns.qry.name", "dns.qry.type")
    fields += ("dns.flags.rcode", "dns.a")
    argv = ["tshark", "-n", "-r", str(part), "-T", "fields"]
    argv += [word for field in fields for word in ("-e", field)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    tell("tshark")
    subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"records": packets, "cpu": cpu, "records_a_second_and_core": round(packets / cpu)}


def main() -> int:
    """Measure all and print one JSON object; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=EXCHANGES)
    count = parser.parse_args().exchanges
    lines = min(LINES, count)
    made = {
        "dns_capture": (workload.capture, count),
        "dnstap": (workload.dnstap, count),
        "unbound": (workload.unbound, lines // 2),
        "bind": (workload.bind, lines),
    }
    found: dict[str, Any] = {"workload": "N", "exchanges": count, "load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as place:
        folder = Path(place)
        for reader, (write, size) in made.items():
            source = folder / reader
            tell(f"writing {reader}")
            write(source, size)
            found[reader] = measured(WORKER, reader, source, folder / "out.parquet", 3)
            if reader in {"dns_capture", "dnstap"}:
                lake = folder / f"lake-{reader}"
                found[f"{reader}_into_a_lake"] = measured(INGEST, reader, source, lake, 1)
            if reader == "dns_capture":
                found["tshark"] = tshark(source, folder)
            source.unlink()
    capture, tap = (found[name]["records_a_second_and_core"] for name in ("dns_capture", "dnstap"))
    if found["tshark"]:
        found["capture_times_tshark"] = capture / found["tshark"]["records_a_second_and_core"]
    found["goals"] = {"dns_capture": capture >= PACKETS_GOAL, "dnstap": tap >= FRAMES_GOAL}
    print(json.dumps(found, indent=2))
    return 0 if all(found["goals"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Flow exports to a committed lake, beside the programs one would use instead.

    python bench/netflow.py [--flows N] [--seconds S] [--rate FLOWS]

NetFlow v9 of 14 fields and sFlow v5 samples of the made-up provider (`_workload_export`), as
captures and live over the loopback. CPU time is what counts: it says what a core can do
whatever else the machine is doing. `netflow` (Python) decodes the same datagrams, `nfcapd`
receives the same ones live.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import _workload_export as workload

RESULTS = Path(__file__).parent / "results" / "netflow.json"
FOR_PYTHON = 300_000  # flows that the Python peer is given

INGEST = """
import json, sys, time
from pathlib import Path
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import ingest, reader_called

def peak_mib():  # not ru_maxrss: that one is inherited from the process that started this one
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024

source, lake = Path(sys.argv[1]), Lake.open(Path(sys.argv[2]))
found = {}
for again in (False, True):  # the second time libraries are loaded
    cpu, wall = time.process_time(), time.perf_counter()
    done = ingest(
        lake, source, sensor="bench", tlp=Tlp.AMBER, replace=again, threads=2,
        reader=sys.argv[3],
    ).source
    found |= {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
job = ReadJob(path=source, sensor="bench", tlp=Tlp.AMBER, batch=1)
cpu = time.process_time()
for _ in reader_called(sys.argv[3]).read(job):
    pass
found |= {
    "decode": time.process_time() - cpu, "rows": done.rows, "records": done.records,
    "bytes": sum(file.bytes for file in lake.files("flows")), "rss": peak_mib(),
}
print(json.dumps(found))
"""

LISTEN = """
import json, sys, time
from pathlib import Path
import msgspec
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.live import Intake, place

lake = Lake.open(Path(sys.argv[1]))
intake = Intake(
    lake, place(f"{sys.argv[2]}=udp://127.0.0.1:0"), sensor="bench", tlp=Tlp.AMBER, every_s=2.0
)
intake.start()
print(intake.port, flush=True)
cpu = time.process_time()
sys.stdin.readline()
intake.stop()
found = {"cpu": time.process_time() - cpu, "standing": msgspec.to_builtins(intake.standing())}
found["stored"] = sum(file.rows for file in lake.files("flows"))
print(json.dumps(found))
"""

PYTHON = """
import struct, sys, time
from pathlib import Path
from netflow.v9 import V9ExportPacket

data, at, datagrams = Path(sys.argv[1]).read_bytes(), 0, []
while at < len(data):
    (size,) = struct.unpack_from(">H", data, at)
    datagrams.append(data[at + 2 : at + 2 + size])
    at += 2 + size
templates, flows = {}, 0
cpu = time.process_time()
for datagram in datagrams:
    flows += len(V9ExportPacket(datagram, templates).flows)
print(flows / (time.process_time() - cpu))
"""


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ingested(source: Path, folder: Path, reader: str) -> dict[str, Any]:
    """What `kaname ingest` costs, to the committed files of a lake."""
    argv = [sys.executable, "-c", INGEST, str(source), str(folder / f"lake-{reader}"), reader]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def send(datagrams: Iterator[bytes], port: int, rate: float, seconds: float) -> tuple[int, float]:
    """Send ``rate`` datagrams a second for so long; how many went out, and the true rate."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect(("127.0.0.1", port))
    began, sent = time.perf_counter(), 0
    for data in datagrams:
        out.send(data)
        sent += 1
        ahead = sent / rate - (time.perf_counter() - began)
        if ahead > 0.002:
            time.sleep(ahead)
        if sent >= rate * seconds:
            break
    return sent, sent / (time.perf_counter() - began)


def live(
    datagrams: Iterator[bytes], folder: Path, listener: str, rate: float, seconds: float
) -> dict[str, Any]:
    """A listener that commits every two seconds, fed at ``rate`` datagrams a second."""
    argv = [sys.executable, "-c", LISTEN, str(folder / f"live-{listener}"), listener]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        port = int(process.stdout.readline()) if process.stdout else 0
        sent, true_rate = send(datagrams, port, rate, seconds)
        time.sleep(1.0)
        told, _ = process.communicate("stop\n", timeout=120)
    return json.loads(told) | {"sent": sent, "rate": true_rate}


def python_netflow(datagrams: Iterator[bytes], folder: Path) -> float | None:
    """Flows a second of the package `netflow`, when it can be had."""
    if shutil.which("uv") is None:
        return None
    source, flows = folder / "datagrams", 0
    with source.open("wb") as file:
        for data in datagrams:
            file.write(len(data).to_bytes(2, "big") + data)
            flows += workload.PER_DATAGRAM
            if flows >= FOR_PYTHON:
                break
    argv = ["uv", "run", "--no-project", "--with", "netflow==0.12.2", "python", "-c", PYTHON]
    done = subprocess.run([*argv, str(source)], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


def nfcapd(datagrams: Iterator[bytes], folder: Path, rate: float, seconds: float) -> float | None:
    """Flows a second and core of `nfcapd`, when it is installed."""
    if shutil.which("nfcapd") is None or shutil.which("nfdump") is None:
        return None
    target, port = folder / "nfcapd", 29_995
    target.mkdir()
    argv = ["nfcapd", "-b", "127.0.0.1", "-p", str(port), "-w", str(target), "-t", "3600"]
    before = children()
    process = subprocess.Popen(
        [*argv, "-B", "100000000", "-y"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(1.0)
    send(datagrams, port, rate, seconds)
    time.sleep(1.0)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    cpu = children() - before
    file = next(target.glob("nfcapd.2*"), None)
    if file is None:
        return None
    told = subprocess.run(["nfdump", "-I", "-r", file], capture_output=True, text=True, check=False)
    flows = [line.split()[-1] for line in told.stdout.splitlines() if line.startswith("Flows:")]
    return int(flows[0]) / cpu if flows else None


def row(what: str, value: float, unit: str, goal: str | None = None) -> dict[str, Any]:
    entry: dict[str, Any] = {"what": what, "value": round(value, 3), "unit": unit}
    return entry if goal is None else entry | {"goal": goal}


def live_rows(name: str, found: dict[str, Any], each: int, extra: int) -> list[dict[str, Any]]:
    """Rows on one live run; ``extra`` datagrams of those sent hold no flows."""
    expected = (found["sent"] - extra) * each
    lost = expected - found["stored"]
    told = sum(found["standing"]["lost"].values())
    return [
        row(f"{name} live, sent", found["rate"] * each / 1e6, "M flows/s"),
        row(f"{name} live, rows missing in the lake", lost, "flows", "0"),
        row(f"{name} live, losses told", told, ""),
        row(f"{name} live, per core", found["stored"] / found["cpu"] / 1e6, "M flows/s"),
    ]


def measure(options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    columns = workload.columns(options.flows)
    v9, samples = workload.netflow(columns, 9), workload.sflow(columns)
    captures = {"flow_export": folder / "v9.pcap", "sflow": folder / "sflow.pcap"}
    seconds = v9["seconds"].astype(np.int64) * 1_000_000
    workload.write(v9, seconds, 2055, captures["flow_export"])
    times = columns["ts"][:: workload.SAMPLES][: len(samples)]
    workload.write(samples, times, 6343, captures["sflow"])
    netflow, sflow = (ingested(path, folder, name) for name, path in captures.items())
    rows = []
    for name, found, goal in (("NetFlow v9", netflow, ">= 2"), ("sFlow v5", sflow, None)):
        flows = found["rows"]
        rows += [
            row(f"{name} to a committed lake, per core", flows / found["cpu"] / 1e6, "M flows/s",
                goal),
            row(f"{name} to a committed lake, wall", flows / found["wall"] / 1e6, "M flows/s"),
            row(f"{name} decoded to Arrow, per core", flows / found["decode"] / 1e6, "M flows/s"),
            row(f"{name} stored", found["bytes"] / flows, "bytes/flow",
                "<= 14" if goal else None),
            row(f"{name} into a lake, memory", found["rss"], "MiB"),
        ]  # fmt: skip
    rate = options.rate / workload.PER_DATAGRAM
    told = live(workload.datagrams(v9), folder, "netflow", rate, options.seconds)
    templates = -(-told["sent"] // (workload.TEMPLATE_EVERY + 1))
    rows += live_rows("NetFlow v9", told, workload.PER_DATAGRAM, templates)
    rate = options.rate / workload.SAMPLES
    told = live(workload.datagrams(samples), folder, "sflow", rate, options.seconds)
    rows += live_rows("sFlow v5", told, workload.SAMPLES, 0)
    rate = options.rate / workload.PER_DATAGRAM
    peers = {
        "netflow 0.12.2 (Python), decode only": python_netflow(workload.datagrams(v9), folder),
        "nfcapd, live": nfcapd(workload.datagrams(v9), folder, rate, options.seconds),
    }
    core = netflow["rows"] / netflow["cpu"]
    for name, speed in peers.items():
        if speed:
            rows.append(row(f"{name}, per core", speed / 1e6, "M flows/s"))
            rows.append(row(f"kaname to a lake against {name}", core / speed, "x"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=250_000.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as place:
        rows = measure(options, Path(place))
    rows.append(row("load of the machine", os.getloadavg()[0], "processes"))
    claim = "flow exports to a committed lake, and live without loss"
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"claim": claim, "rows": rows}, indent=2) + "\n")
    for entry in rows:
        print(
            f"{entry['what']:<58} {entry['value']:>10} {entry['unit']:<12} {entry.get('goal', '')}"
        )


if __name__ == "__main__":
    main()

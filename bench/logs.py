"""Records a second of the readers of logs, and flows a second of live input without loss.

    python bench/logs.py [--records N] [--seconds S]

Every log is a real one of `shared/data/lake`, its records repeated. A reader is measured in
CPU seconds from the open file to record batches that fit the table (columns typed,
addresses as words, registered domains, the rest as JSON); the peers beside it only take the
fields apart, so they do less. Live input is NetFlow v5 sent over loopback at 250,000 flows
a second into a lake that commits every two seconds; the sum of flows that were sent and
committed is compared.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import importlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import reader_called

DATA = Path(__file__).parents[2] / "shared" / "data" / "lake"
LOGS = {
    "zeek dns": ("zeek", "zeek/dns.log.gz"),
    "zeek ssl": ("zeek", "zeek/ssl.log.gz"),
    "zeek conn": ("zeek", "zeek/ctu-sme-11/conn.log.labeled.gz"),
    "eve": ("eve", "eve/eve-a.json.gz"),
    "sshd": ("syslog", "userlog/OpenSSH_2k.log.gz"),
    "apache error": ("weberror", "userlog/Apache_2k.log.gz"),
}
GOALS = {"zeek dns": 500_000, "zeek ssl": 500_000, "zeek conn": 500_000}
FLOWS_A_SECOND = 250_000
FLOWS_A_DATAGRAM = 30  # NetFlow v5's most

SENDER = """
import socket, struct, sys, time
port, rate, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
flow = struct.pack(">IIIHHIIIIHHBBBBHHBBH", 0xC0000201, 0xC6336401, 0, 1, 2, 3, 180, 1000, 2000,
                   1024, 443, 0, 2, 6, 0, 0, 0, 24, 24, 0)
body, sequence, sent, began = flow * 30, 0, 0, time.perf_counter()
while (now := time.perf_counter() - began) < seconds:
    due = int(now * rate / 30)
    while sent < due:
        head = struct.pack(">HHIIIIBBH", 5, 30, 5000, 1700000000 + int(now), 0, sequence, 0, 0, 0)
        sock.sendto(head + body, ("127.0.0.1", port))
        sequence, sent = (sequence + 30) & 0xFFFFFFFF, sent + 1
    time.sleep(0.001)
print(sent * 30)
"""


def repeated(source: Path, records: int, target: Path) -> int:
    """Write a log of about that many records; gives how many there are."""
    lines = gzip.decompress(source.read_bytes()).splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"#") and not line.startswith(b"#close")]
    body = [line if line.endswith(b"\n") else line + b"\n" for line in lines if line[:1] != b"#"]
    times = max(1, records // len(body))
    with target.open("wb") as out:
        out.writelines(head)
        for _ in range(times):
            out.writelines(body)
    return times * len(body)


def per_cpu_second(work: Callable[[], Any], records: int, times: int = 3) -> float:
    """The best of some runs, after one to load what is loaded once."""
    best = float("inf")
    for _ in range(times + 1):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return records / best


def ours(reader: str, path: Path) -> int:
    job = ReadJob(path=path, sensor="bench", tlp=Tlp.AMBER, batch=1)
    for _ in reader_called(reader).read(job):
        pass
    return job.report.records


def split_lines(path: Path) -> int:
    with path.open(encoding="utf-8") as text:
        return sum(len(line.split("\t")) > 1 for line in text if not line.startswith("#"))


def with_zat(path: Path) -> int:
    module = importlib.import_module("zat.zeek_log_reader")
    with contextlib.redirect_stdout(sys.stderr):  # it talks
        return sum(1 for _ in module.ZeekLogReader(str(path)).readrows())


def with_json(path: Path) -> int:
    with path.open("rb") as text:
        return sum("event_type" in json.loads(line) for line in text)


def with_orjson(path: Path) -> int:
    loads = importlib.import_module("orjson").loads
    with path.open("rb") as text:
        return sum("event_type" in loads(line) for line in text)


SYSLOG = re.compile(r"(\w{3} +\d+ \d\d:\d\d:\d\d) (\S+) ([^\s\[:]+)(?:\[(\d+)\])?: (.*)")


def with_regex(path: Path) -> int:
    with path.open(encoding="utf-8", errors="replace") as text:
        return sum(SYSLOG.match(line) is not None for line in text)


def peers_of(name: str) -> Iterable[tuple[str, Callable[[Path], int]]]:
    if name.startswith("zeek"):
        return (("str.split", split_lines), ("zat", with_zat))
    if name == "eve":
        return (("json of the standard library", with_json), ("orjson", with_orjson))
    return (("one regular expression", with_regex),)


def measured(name: str, records: int, folder: Path) -> dict[str, Any]:
    """One format: ours, each peer that is installed, and the ratio."""
    reader, source = LOGS[name]
    path = folder / "bench.log"
    count = repeated(DATA / source, records, path)
    mine = per_cpu_second(lambda: ours(reader, path), count)
    entry: dict[str, Any] = {"records": count, "kaname_per_cpu_s": round(mine)}
    if name in GOALS:
        entry |= {"goal": GOALS[name], "holds": mine >= GOALS[name]}
    for peer, work in peers_of(name):
        try:
            rate = per_cpu_second(lambda work=work: work(path), count, times=1)
        except ImportError:
            continue
        entry[peer] = {"per_cpu_s": round(rate), "ratio": round(mine / rate, 2)}
    return entry


def live(seconds: float, folder: Path) -> dict[str, Any]:
    """NetFlow v5 at `FLOWS_A_SECOND` over loopback, counted at both ends."""
    from kaname.lake import Lake
    from kaname.readers.live import Intake, place

    with Lake.open(folder / "live") as lake:
        intake = Intake(lake, place("netflow=:0"), sensor="b", tlp=Tlp.AMBER, every_s=2.0)
        intake.start()
        began = time.process_time()
        argv = [sys.executable, "-c", SENDER, str(intake.port), str(FLOWS_A_SECOND), str(seconds)]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        intake.stop()
        cpu = time.process_time() - began
        standing = intake.standing()
        stored = sum(table.rows for table in lake.tables())
    sent = int(done.stdout)
    return {
        "sent": sent,
        "sent_per_s": round(sent / seconds),
        "committed": stored,
        "lost": sent - stored,
        "counted_as_lost": standing.lost,
        "batches": standing.batches,
        "cpu_share_of_a_core": round(cpu / seconds, 2),
        "goal": "0 lost at 250,000 flows/s",
        "holds": stored == sent and sent / seconds >= 0.98 * FLOWS_A_SECOND,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    document: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as place:
        for name in LOGS:
            sys.stderr.write(f"{name}\n")
            document[name] = measured(name, options.records, Path(place))
        sys.stderr.write("live\n")
        document["live netflow"] = live(options.seconds, Path(place))
    print(json.dumps(document, indent=2))
    return 0 if all(entry.get("holds", True) for entry in document.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

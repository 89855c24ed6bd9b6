"""BGP archives, Windows event logs and mail to record batches, beside what reads them today.

    python bench/sources.py

Inputs are the shared files, repeated. Figures are records per CPU second, user and system.
Peers do less: they type nothing, look up no registered domain, and give no columns.
``PEER_PATH`` names a folder with `mailparser` and `Evtx`, where they are not installed.
"""

from __future__ import annotations

import email
import gzip
import importlib
import json
import logging
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kaname.model.marking import Tlp
from kaname.readers.endpoint.evtx import EvtxReader
from kaname.readers.frame import Reader, ReadJob
from kaname.readers.mail.reader import MailReader
from kaname.readers.mrt import MrtReader

DATA = Path(__file__).parents[2] / "shared/data/lake"
TIMES = 3
SEPARATOR = b"From a@b.example Mon Jan  1 12:00:00 2024\n"

sys.path.append(os.environ.get("PEER_PATH", ""))


def rate(count: Callable[[], int]) -> float:
    """Best of some runs: what was counted a CPU second."""
    best = 0.0
    for _ in range(TIMES):
        began = time.process_time()
        found = count()
        best = max(best, found / (time.process_time() - began))
    return best


def rows(reader: Reader, path: Path) -> int:
    job = ReadJob(path=path, sensor="bench", tlp=Tlp.AMBER, batch=1)
    return sum(batch.num_rows for _, batch in reader.read(job))


def command_rate(argv: list[str], count: int) -> float:
    """The same of a program: what it was given, a CPU second."""
    best = 0.0
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = max(best, count / cpu)
    return best


def mrt(folder: Path) -> dict[str, Any]:
    """The archive a hundred times over; rows and lines are prefixes."""
    path = folder / "updates.mrt"
    path.write_bytes(gzip.decompress((DATA / "bgp/updates.20100227.1610.gz").read_bytes()) * 100)
    count = rows(MrtReader(), path)
    found: dict[str, Any] = {"rows": count, "kaname": rate(lambda: rows(MrtReader(), path))}
    if shutil.which("bgpdump"):
        found["bgpdump"] = command_rate(["bgpdump", "-m", str(path)], count)
    return found


def evtx(folder: Path) -> dict[str, Any]:
    """The Sysmon log; the library that parses it for us alone, and python-evtx."""
    path = folder / "sysmon.evtx"
    path.write_bytes(gzip.decompress((DATA / "endpoint/sysmon.evtx.gz").read_bytes()))
    again = 50
    found: dict[str, Any] = {
        "rows": rows(EvtxReader(), path),
        "kaname": rate(lambda: sum(rows(EvtxReader(), path) for _ in range(again))),
        "evtx, JSON texts": rate(lambda: sum(texts(path) for _ in range(again))),
    }
    peer = module("Evtx.Evtx")
    if peer is not None:
        found["python-evtx, XML texts"] = rate(lambda: python_evtx(peer, path))
    return found


def texts(path: Path) -> int:
    from evtx import PyEvtxParser

    records, count = PyEvtxParser(str(path), number_of_threads=1).records_json(), 0
    while True:
        try:
            count += bool(next(records)["data"])
        except StopIteration:
            return count
        except RuntimeError:
            continue


def python_evtx(peer: Any, path: Path) -> int:
    count = 0
    with peer.Evtx(str(path)) as log:
        try:
            for record in log.records():
                count += bool(record.xml())
        except Exception:  # noqa: BLE001 (it ends at the first damaged chunk, in many ways)
            return count
    return count


def mail(folder: Path) -> dict[str, Any]:
    """The shared mails, 400 times each, as one mbox."""
    messages = [path.read_bytes() for path in sorted((DATA / "mail").glob("*.eml"))] * 400
    path = folder / "spam.mbox"
    path.write_bytes(b"".join(SEPARATOR + message + b"\n\n" for message in messages))
    found: dict[str, Any] = {
        "rows": rows(MailReader(), path),
        "bytes": path.stat().st_size // len(messages),
        "kaname": rate(lambda: rows(MailReader(), path)),
        "email (compat32), bodies decoded": rate(lambda: walked(messages)),
    }
    peer = module("mailparser")
    if peer is not None:
        logging.disable()  # it tells of every part that it does not decode
        found["mail-parser"] = rate(lambda: parsed(peer, messages))
    return found


def walked(messages: Iterable[bytes]) -> int:
    count = 0
    for data in messages:
        for part in email.message_from_bytes(data).walk():
            part.get_payload(decode=True)
        count += 1
    return count


def parsed(peer: Any, messages: Iterable[bytes]) -> int:
    return sum(bool(peer.parse_from_bytes(data).mail) for data in messages)


def module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def ratios(found: dict[str, Any]) -> dict[str, Any]:
    """With how many times as fast as each peer we are."""
    peers = {k: v for k, v in found.items() if k not in {"rows", "bytes", "kaname"}}
    times = {f"times {name}": round(found["kaname"] / value, 2) for name, value in peers.items()}
    return {k: round(v) if isinstance(v, float) else v for k, v in found.items()} | times


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        document = {
            "claim": "records per CPU second",
            "mrt": ratios(mrt(folder)),
            "evtx": ratios(evtx(folder)),
            "mail": ratios(mail(folder)),
        }
    json.dump(document, sys.stdout, indent=2)


if __name__ == "__main__":
    main()

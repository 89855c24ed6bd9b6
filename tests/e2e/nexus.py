"""A running `kaname up`, started as a person would start it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

DATA = Path(__file__).parents[3] / "shared" / "data" / "telescope"
CAPTURE = DATA / "scanner_tools.pcap.gz"
NAMES = DATA.parent / "lake" / "dns" / "dns.pcap.gz"
KANAME = str(Path(sys.executable).with_name("kaname"))
READY_S = 60.0
ANALYSED_S = 300.0

_LINK = re.compile(r"(http://\S+?/)#/login\?token=(\S+)")


@dataclass(frozen=True)
class RunningNexus:
    """Where it answers, and the token of its administrator."""

    url: str
    token: str
    data: Path

    def get(self, path: str, **query: str) -> httpx.Response:
        """Ask the API beside the browser."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(f"{self.url}api/v1{path}", params=query, headers=headers, timeout=30)


def kaname(data: Path, *arguments: str) -> None:
    """Run one command to its end."""
    command = [KANAME, "--data", str(data), *arguments]
    subprocess.run(command, check=True, timeout=120, env=_environment(), capture_output=True)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KANAME_")}
    return kept | {"PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}


@contextmanager
def start(folder: Path) -> Iterator[RunningNexus]:
    """Ingest captures, start the nexus, wait until everything is analysed; stop at the end."""
    data = folder / "data"
    simulated = folder / "simulated.pcap"
    # 30 hours up to the end of the real capture, so that there is a day before to compare with.
    span = ("--start", "2026-11-22T00:00:00Z", "--hours", "30", "--scale", "0.08")
    kaname(data, "simulate", "telescope", "--seed", "7", *span, "--output", str(simulated))
    kaname(data, "ingest", str(simulated), "--sensor", "north")
    kaname(data, "ingest", str(CAPTURE), "--sensor", "south")
    kaname(data, "ingest", str(NAMES), "--sensor", "resolver")
    with up(folder) as running:
        _wait_until_analysed(running)
        yield running


@contextmanager
def up(folder: Path) -> Iterator[RunningNexus]:
    """`kaname up` on ``folder``/data, whatever is in it; stopped at the end."""
    data = folder / "data"
    log = (folder / "up.log").open("w+", encoding="utf-8")
    process = subprocess.Popen(
        [KANAME, "--data", str(data), "up", "--listen", "127.0.0.1:0", "--no-browser"],
        stdout=log, stderr=log, env=_environment(),
    )  # fmt: skip
    try:
        yield RunningNexus(*_link(process, log), data)
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _link(process: subprocess.Popen[bytes], log: IO[str]) -> tuple[str, str]:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        log.seek(0)
        if found := _LINK.search(log.read()):
            return found[1], found[2]
        time.sleep(0.1)
    log.seek(0)
    raise AssertionError(f"`kaname up` did not come up:\n{log.read()}")


def _wait_until_analysed(running: RunningNexus) -> None:
    until = time.monotonic() + ANALYSED_S
    while time.monotonic() < until:
        pending = sum(one["pending"] for one in running.get("/analyses").json())
        if pending == 0 and running.get("/findings").json()["total"] > 0:
            return
        time.sleep(0.5)
    raise AssertionError("the analyses did not catch up")

"""How fast the telescope is on this machine, from a capture to findings, stage by stage.

The stages are those of the product: reading into a lake, derived tables, and each analysis
with its evidence. CPU time of the whole process is charged, all threads together, so that
the figures hold whatever else the machine does; wall time stands beside it.
"""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from kaname.analysis.deriving import derive
from kaname.analysis.frame import analyses, is_on_demand
from kaname.analysis.runner import run as run_analysis
from kaname.knowledge import Knowledge
from kaname.lake import Lake
from kaname.model.instant import HOUR, parse_us
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest
from kaname.telescope.simulator import simulate

__all__ = ["Stage", "TelescopeBench", "run"]

Progress = Callable[[str], None]
T = TypeVar("T")

SENSOR = "bench"
_START = "2026-01-01T00:00:00Z"


class Stage(msgspec.Struct, frozen=True):
    """One stage: seconds, and packets of the capture for each of them."""

    name: str
    cpu_s: float
    wall_s: float
    packets_per_cpu_s: float
    packets_per_wall_s: float


class TelescopeBench(msgspec.Struct, frozen=True):
    """What was measured. ``bytes_per_packet`` is of the table ``flowtuples``."""

    packets: int
    rows: int
    bytes_per_packet: float
    findings: int
    peak_mib: float
    stages: list[Stage]
    whole: Stage


def run(
    capture: Path | None, *, scale: float = 10.0, progress: Progress = lambda _name: None
) -> TelescopeBench:
    """Measure on ``capture``, or on an hour that is simulated at ``scale``.

    Raises:
        InputError: the capture cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as place:
        folder = Path(place)
        if capture is None:
            progress("simulate")
            capture = folder / "hour.pcap"
            simulate(capture, 1, start=parse_us(_START), duration=HOUR, scale=scale)
        return _measured(capture, folder, progress)


def _measured(capture: Path, folder: Path, progress: Progress) -> TelescopeBench:
    clock = _Clock(progress)
    url = f"sqlite:///{folder / 'knowledge.sqlite'}"
    with Lake.open(folder / "data") as lake, Knowledge.open(url) as knowledge:
        source = clock.time(
            "ingest", lambda: ingest(lake, capture, sensor=SENSOR, tlp=Tlp.CLEAR)
        ).source
        clock.time("derive", lambda: derive(lake))
        findings = 0
        for name, each in analyses().items():
            if name.startswith("telescope.") and not is_on_demand(each):
                report = clock.time(name, functools.partial(run_analysis, lake, knowledge, name))
                findings += report.findings
        size = sum(file.bytes for file in lake.files("flowtuples"))
    packets = max(1, source.records)
    stages = [_stage(name, *took, packets) for name, took in clock.taken.items()]
    whole = (sum(cpu for cpu, _ in clock.taken.values()), sum(w for _, w in clock.taken.values()))
    return TelescopeBench(
        packets=source.records,
        rows=source.rows,
        bytes_per_packet=round(size / packets, 2),
        findings=findings,
        peak_mib=round(_peak_mib(), 1),
        stages=stages,
        whole=_stage("whole", *whole, packets),
    )


class _Clock:
    """CPU and wall seconds by stage, in the order they were run."""

    def __init__(self, progress: Progress) -> None:
        self.taken: dict[str, tuple[float, float]] = {}
        self._progress = progress

    def time(self, name: str, step: Callable[[], T]) -> T:
        self._progress(name)
        cpu, wall = time.process_time(), time.perf_counter()
        result = step()
        self.taken[name] = (time.process_time() - cpu, time.perf_counter() - wall)
        return result


def _stage(name: str, cpu: float, wall: float, packets: int) -> Stage:
    rates = (round(packets / max(seconds, 1e-9), 1) for seconds in (cpu, wall))
    return Stage(name, round(cpu, 3), round(wall, 3), *rates)


def _peak_mib() -> float:
    """Most memory of the process so far; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024

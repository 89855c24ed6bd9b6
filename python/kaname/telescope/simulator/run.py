"""Running the simulation: slice after slice of time into a capture, with the truth."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec
import numpy as np

from kaname.model.errors import StoreAccessError, UsageError
from kaname.model.instant import DAY, HOUR
from kaname.telescope.simulator.mix import Mix
from kaname.telescope.simulator.place import Place
from kaname.telescope.simulator.populations import populations
from kaname.telescope.simulator.populations.residents import ORGANISATIONS
from kaname.telescope.simulator.process import Population
from kaname.telescope.simulator.records import DTYPE, Packets
from kaname.telescope.simulator.scene import Scene
from kaname.telescope.simulator.truth import Truth
from kaname.telescope.simulator.wire import FILE_HEADER, records

__all__ = ["DARKNET", "START", "SimulationReport", "simulate"]

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
DARKNET = ("198.18.0.0/15",)  # RFC 2544: for benchmarks, never used on the Internet
SLICE = HOUR
DISORDER = 0.002  # share of neighbours that change places, as in captures of real taps


class SimulationReport(msgspec.Struct, frozen=True):
    """What was written: the capture, its labels (a line a packet) and the truth (JSON)."""

    path: str
    labels_path: str
    truth_path: str
    packets: int
    sources: int
    labels: dict[str, int]  # packets
    seed: int
    start: int
    end: int


def simulate(
    path: Path,
    seed: int,
    *,
    start: int = START,
    duration: int = DAY,
    scale: float = 1.0,
    darknet: Sequence[str] = DARKNET,
    progress: Callable[[float], None] | None = None,
) -> SimulationReport:
    """Write ``path`` (compressed if it ends with .gz), ``.labels.csv`` and ``.truth.json``.

    The same arguments give the same bytes. ``duration`` is in microseconds; ``scale``
    multiplies the number of sources; ``progress`` is told the share that is done.

    Raises:
        UsageError: a number or a prefix does not fit.
        StoreAccessError: a file cannot be written.
    """
    if seed < 0 or duration <= 0 or scale <= 0 or start < 0:
        raise UsageError("telescope.error.simulation", seed=seed, duration=duration, scale=scale)
    rng = np.random.default_rng([seed, 0])
    mix = Mix.drawn(seed)
    scene = Scene(rng, Place(rng, darknet), start, start + duration, scale, mix)
    people = list(populations(scene))
    settings = {
        "seed": seed,
        "scale": scale,
        "darknet": list(darknet),
        "organisations": list(ORGANISATIONS),
        "mix": mix.plain(),
    }
    truth = Truth(people, start, start + duration, settings)
    stem = path.name.removesuffix(".gz").removesuffix(".pcap")
    labels = path.with_name(f"{stem}.labels.csv")
    answers = path.with_name(f"{stem}.truth.json")
    try:
        with _opened(path) as capture, labels.open("w", encoding="utf-8", newline="") as lines:
            capture.write(FILE_HEADER)
            lines.write("label,event\n")
            for share, packets in _slices(people, scene, seed):
                capture.write(records(packets))
                lines.writelines(truth.count(packets))
                if progress is not None:
                    progress(share)
        answers.write_bytes(truth.document())
    except OSError as error:
        raise StoreAccessError("telescope.error.write", path=path, reason=error) from None
    return SimulationReport(
        path=str(path),
        labels_path=str(labels),
        truth_path=str(answers),
        packets=truth.packets,
        sources=truth.sources,
        labels=truth.labels,
        seed=seed,
        start=start,
        end=start + duration,
    )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        # no time and no name in the head, so that the bytes depend on the packets only
        with gzip.GzipFile("", "wb", 6, file, mtime=0) as squeezed:
            yield squeezed


def _slices(people: list[Population], scene: Scene, seed: int) -> Iterator[tuple[float, Packets]]:
    """Packets in order of time, slice by slice; what is due later is held over."""
    held = np.zeros(0, DTYPE)
    instants = range(scene.start, scene.end, SLICE)
    for number, begin in enumerate(instants):
        end = min(begin + SLICE, scene.end)
        new = [held]
        for group, population in enumerate(people):
            rng = np.random.default_rng([seed, 1, group, number])
            rows = population.slice(rng, begin, end)
            rows["group"] = group
            new.append(rows)
        rows = np.concatenate(new)
        rows = rows[np.argsort(rows["ts"], kind="stable")]
        due = int(np.searchsorted(rows["ts"], end)) if end < scene.end else len(rows)
        held = rows[due:]
        now = _heard(rows[:due], scene)
        yield (number + 1) / len(instants), _shuffled(np.random.default_rng([seed, 2, number]), now)


def _heard(rows: Packets, scene: Scene) -> Packets:
    """``rows`` less what came while the sensor was out."""
    out = np.zeros(len(rows), np.bool_)
    for begin, end in scene.mix.gaps:
        out |= (rows["ts"] >= scene.when(begin)) & (rows["ts"] < scene.when(end))
    return rows[~out]


def _shuffled(rng: np.random.Generator, rows: Packets) -> Packets:
    """Some neighbours change places."""
    if len(rows) < 2:
        return rows
    order = np.arange(len(rows))
    first = np.flatnonzero(rng.random(len(rows) - 1) < DISORDER)
    first = first[np.diff(first, prepend=-2) > 1]
    order[first], order[first + 1] = first + 1, first
    return rows[order]

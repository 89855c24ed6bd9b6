"""A trace that is read piece by piece, so that files of any size fit into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from kaname.hardware.power.regular import Grid, Tally
from kaname.hardware.power.trace import Gap, Problem, Trace
from kaname.model.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Piece", "Rows", "Source", "Wanted"]

_SANE = 1e9  # W; more is no reading


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a user says of a file that does not say it itself.

    Attributes:
        fs: sampling rate [Hz].
        unit: of the values: W, mW, uW, A, mA, uA, nA.
        volts: supply voltage [V], for currents.
        column: name or number (from 0) of the column, array, data set or channel of values.
        full_scale: power [W] of full scale in WAV.
        device: whose power it is.
    """

    fs: float | None = None
    unit: str = ""
    volts: float | None = None
    column: str = ""
    full_scale: float = 1.0
    device: str = ""


@dataclass(slots=True)
class Rows:
    """Readings as they stand in a file: times [s] or none, power [W], lines or rows (1-based)."""

    times: NDArray[np.float64] | None
    values: NDArray[np.float64]
    lines: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Piece:
    """Even readings [W]; ``missing`` seconds of them are missing before."""

    missing: float
    values: NDArray[np.float32]


@dataclass(slots=True)
class Source:
    """What is known of a file before its readings are gone through, and those.

    ``pieces`` may be gone through once; ``problems`` are complete afterwards.
    """

    device: str
    fs: float
    unit: str
    start: int | None
    rows: Iterable[Rows]
    tally: Tally = field(default_factory=Tally)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was repaired or left out so far."""
        return self.tally.problems

    def pieces(self) -> Iterator[Piece]:
        """Even readings, split at gaps.

        Raises:
            InputError: there is not one good reading.
        """
        grid = Grid(self.fs, self.tally)
        some = False
        for rows in self.rows:
            values = np.where(np.abs(rows.values) <= _SANE, rows.values, np.nan)
            if rows.times is None:
                even, gaps = grid.even(values, rows.lines)
            else:
                even, gaps = grid.timed(rows.times, values, rows.lines)
            some = some or len(even) > 0
            yield from _split(even, gaps)
        if not some:
            raise InputError("hardware.power.error.empty", path=self.device)

    def trace(self) -> Trace:
        """All of it at once."""
        values: list[NDArray[np.float32]] = []
        gaps: list[Gap] = []
        size = 0
        for piece in self.pieces():
            if piece.missing:
                gaps.append(Gap(size, piece.missing))
            values.append(piece.values)
            size += len(piece.values)
        return Trace(
            values=np.concatenate(values), fs=self.fs, gaps=tuple(gaps), device=self.device,
            start=self.start, problems=self.problems, unit=self.unit,
        )  # fmt: skip


def _split(even: NDArray[np.float32], gaps: list[Gap]) -> Iterator[Piece]:
    before, at = 0.0, 0
    for gap in gaps:
        if gap.at > at:
            yield Piece(before, even[at : gap.at])
        before, at = gap.seconds, gap.at
    if len(even) > at or before:
        yield Piece(before, even[at:])

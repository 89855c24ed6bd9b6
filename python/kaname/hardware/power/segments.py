"""Segments of a power trace: when the device slept, when it was active, and how much it drew.

The measurement is Takasaki, Kida and Togawa's (IEICE E104-A(11), 2021): the steady part of
the power is taken away, and what stands above it for long enough is a burst of an
application. `cut` is the whole trace at once; `kaname.hardware.power.stream` does the work
and gives the same segments from a live source.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from kaname.hardware.power.trace import Trace

__all__ = ["SHAPE_POINTS", "Cutting", "Segment", "cut"]

SHAPE_POINTS = 64
_CHUNK = 1 << 20


class Cutting(msgspec.Struct, frozen=True, kw_only=True):
    """How a trace is cut. The defaults suit single-board computers and small devices.

    Attributes:
        shortest: a burst lasts at least so long [s]; what is shorter is a tick of the
            system and belongs to sleep.
        close: dips of at most so long [s] inside a burst do not end it.
        longest: what stands above the sleep level for longer [s] without a pause is the new
            sleep level.
        sigmas: a burst rises so many standard deviations of the noise above the sleep level
            (and is followed down to half of that).
        share: and at least so much of the usual height of bursts.
    """

    shortest: float = 0.15
    close: float = 0.12
    longest: float = 120.0
    sigmas: float = 6.0
    share: float = 0.08

    def __post_init__(self) -> None:
        """Refuse what can't work."""
        from kaname.model.errors import UsageError

        numbers = (self.shortest, self.close, self.longest, self.sigmas)
        if min(numbers) <= 0 or not 0 <= self.share < 1 or self.longest < 4 * self.shortest:
            raise UsageError("hardware.power.error.cutting")


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one mode.

    Attributes:
        start: seconds since the start of the trace.
        end: the same, exclusive.
        mode: ``active`` or ``sleep``.
        energy: energy above the sleep level [J] of an active segment; of a sleep segment,
            all of its energy.
        mean: mean power [W].
        peak: highest power [W], averaged over a cell (20 ms by default).
        baseline: sleep level [W] at that time.
        level: typical (median) power above the sleep level [W].
        shape: of an active segment, 64 means over equal parts of its duration, of power above
            the sleep level in units of their mean; empty for sleep.
        whole: False where a gap or an end of the trace cut it.
    """

    start: float
    end: float
    mode: str
    energy: float
    mean: float
    peak: float
    baseline: float
    level: float
    shape: tuple[float, ...] = ()
    whole: bool = True

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


def cut(trace: Trace, cutting: Cutting | None = None) -> list[Segment]:
    """All segments of a trace, active and sleep, in order of time."""
    from kaname.hardware.power.stream import Cutter

    cutter = Cutter(trace.fs, cutting)
    found: list[Segment] = []
    for missing, values in trace.pieces():
        if missing:
            found += cutter.gap(missing)
        for at in range(0, len(values), _CHUNK):
            found += cutter.push(values[at : at + _CHUNK])
    return found + cutter.finish()


def active(segments: Iterable[Segment]) -> list[Segment]:
    """The bursts among segments."""
    return [segment for segment in segments if segment.mode == "active"]

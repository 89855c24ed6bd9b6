"""A power trace: evenly sampled readings in watts, and the places where readings are missing.

The unit of everything that follows: readers make traces of files, `segments.cut` makes
segments of traces. A gap is a place where more readings are missing than may be bridged;
nothing is ever interpolated over it, because a burst invented there would be an event
that nobody measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MAX_BRIDGED", "Gap", "Problem", "Trace"]

MAX_BRIDGED = 5
"""So many missing readings in a row are bridged by a straight line; more are a gap."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Readings are missing before ``values[at]``, for ``seconds``."""

    at: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong with an input: a kind, how often, and the first lines (1-based) of it."""

    kind: str
    count: int
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """Evenly sampled power.

    Attributes:
        values: power [W], float32, all pieces behind one another.
        fs: sampling rate [Hz].
        gaps: where readings are missing, in order of ``at``.
        device: whose power it is; the name of the file when nobody said.
        start: instant of the first reading [µs, UTC], or None when the source has none.
        problems: what was repaired or left out on reading.
        unit: what the source had: ``W``, ``mW``, ``uW``, ``A`` ...
    """

    values: NDArray[np.float32]
    fs: float
    gaps: tuple[Gap, ...] = ()
    device: str = ""
    start: int | None = None
    problems: tuple[Problem, ...] = field(default=())
    unit: str = "W"

    @property
    def seconds(self) -> float:
        """Length in seconds, gaps included."""
        return len(self.values) / self.fs + sum(gap.seconds for gap in self.gaps)

    def pieces(self) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """Runs of readings without a gap: (seconds missing before, readings [W])."""
        before, at = 0.0, 0
        for gap in self.gaps:
            yield before, self.values[at : gap.at]
            before, at = gap.seconds, gap.at
        yield before, self.values[at:]

    def second(self, index: int) -> float:
        """Seconds from the start of the trace to ``values[index]``, gaps included."""
        missed = sum(gap.seconds for gap in self.gaps if gap.at <= index)
        return index / self.fs + missed

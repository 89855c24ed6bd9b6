"""Several traces of one device behind one another, as if it had been measured all the time."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kaname.hardware.power.segments import Segment

__all__ = ["Joined"]


class Joined:
    """Segments of traces on one clock."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self._end = 0.0

    @property
    def bursts(self) -> int:
        """Whole bursts so far."""
        return sum(one.mode == "active" and one.whole for one in self.segments)

    def add(self, segments: Sequence[Segment]) -> None:
        """The segments of the next trace."""
        begin = self._end
        self.segments += [
            replace(one, start=one.start + begin, end=one.end + begin) for one in segments
        ]
        self._end = self.segments[-1].end if self.segments else 0.0

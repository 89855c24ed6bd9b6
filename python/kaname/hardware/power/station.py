"""A device that is watched: readings go in, rows of the lake come out.

The rows do not depend on how the readings came: the same trace from a file, from a pipe, or
read again after the process was killed gives the same rows in the same order. So whoever
goes on after a kill reads from the beginning and leaves out what was committed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaname.hardware.power.judging import percentile, write_verdict
from kaname.hardware.power.rows import Envelopes, Subject, segment_row
from kaname.hardware.power.stream import Cutter
from kaname.hardware.power.watching import Watcher

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kaname.hardware.power.profile import Profile
    from kaname.hardware.power.segments import Segment

__all__ = ["Station"]

Row = dict[str, Any]


class Station:
    """Cuts and judges; ``segments`` and ``seconds`` gather rows until they are taken."""

    def __init__(self, subject: Subject, profile: Profile | None, name: str) -> None:
        """``name`` is what the profile is called in rows."""
        self.subject = subject
        self._cutter = Cutter(subject.rate_hz, profile.cutting if profile else None)
        self._watcher = None if profile is None else Watcher(profile)
        self._name = name if profile else ""
        self._envelopes = Envelopes(subject)
        self._second = 0.0
        self.readings = 0
        self.segments: list[Row] = []
        self.seconds: list[Row] = []

    def push(self, missing: float, values: NDArray[np.float32]) -> list[Row]:
        """Readings [W], before which ``missing`` seconds are; the segments that are complete."""
        made: list[Row] = []
        if missing:
            made += self._rows(self._cutter.gap(missing))
            self._second += missing
        self._envelopes.push(self._second, values)
        made += self._rows(self._cutter.push(values))
        self._second += len(values) / self.subject.rate_hz
        self.readings += len(values)
        self.seconds += self._envelopes.rows(self.subject.at(self._second) - 1)
        return made

    def finish(self) -> list[Row]:
        """No more will come: what is open ends here, not whole."""
        made = self._rows(self._cutter.finish())
        self.seconds += self._envelopes.rows()
        return made

    def _rows(self, segments: list[Segment]) -> list[Row]:
        made = [self._row(one) for one in segments]
        self.segments += made
        return made

    def _row(self, segment: Segment) -> Row:
        row = segment_row(segment, self.subject)
        if self._watcher is None:
            return row
        verdict, stretches = self._watcher.push(segment)
        row["profile"] = self._name
        if verdict is not None:
            write_verdict(row, verdict)
        for stretch in stretches:
            # Known only now: the segment that it ended with carries the mark.
            if not row["anomaly"]:
                row["anomaly"], row["fired"] = True, stretch.kind
                row["score"] = percentile(stretch.p)
        return row

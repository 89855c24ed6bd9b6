"""How one place of live input does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from kaname.model.instant import now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.readers.frame import ReadReport
    from kaname.readers.live.place import Place

__all__ = ["Standing", "Totals"]


class Standing(msgspec.Struct, frozen=True):
    """How one place does, since it was opened.

    ``lost`` counts by name what is known to be lost: ``lost_kernel`` and ``lost_queue`` of
    datagrams, ``lost_*`` of the decoder by sequence numbers. ``notes`` is everything else
    that happened. ``waiting`` rows are not committed yet.
    """

    listener: str
    place: str
    sensor: str
    tlp: Tlp
    bytes: int
    records: int
    rows: int
    bad: int
    lost: dict[str, int]
    notes: dict[str, int]
    batches: int
    waiting: int
    last_commit: int | None
    error: str | None


class Totals:
    """What was committed of one place since it was opened.

    One thread adds, others may look: what they see is replaced, never changed.
    """

    def __init__(self) -> None:
        self._records = self._rows = self._bad = self._batches = 0
        self._notes: Counter[str] = Counter()
        self._last_commit: int | None = None

    def add(self, report: ReadReport) -> None:
        """Another batch was committed."""
        self._records += report.records
        self._rows += report.rows
        self._bad += report.bad_records
        self._notes = self._notes + Counter(report.notes)
        self._batches += 1
        self._last_commit = now_us()

    def standing(
        self,
        place: Place,
        *,
        sensor: str,
        tlp: Tlp,
        size: int,
        waiting: int,
        error: str | None,
    ) -> Standing:
        """How the place does; ``size`` is the bytes that came, ``waiting`` rows to commit."""
        notes = dict(self._notes)
        lost = {name: notes.pop(name) for name in list(notes) if name.startswith("lost")}
        return Standing(
            listener=place.listener.name,
            place=str(place),
            sensor=sensor,
            tlp=tlp,
            bytes=size,
            records=self._records,
            rows=self._rows,
            bad=self._bad,
            lost=lost,
            notes=notes,
            batches=self._batches,
            waiting=waiting,
            last_commit=self._last_commit,
            error=error,
        )

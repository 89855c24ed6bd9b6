"""The beginning of a line of a log: its time, in all the forms that name servers write.

``23-Jul-2026 10:11:12.123`` (BIND), ``[1795414943]`` (unbound), ISO 8601 with or without
a zone, and the form of syslog, ``Jul 23 10:11:12``, which has no year.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from kaname.readers.clock import Clock

__all__ = ["Stamp", "Stamps"]

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("epoch", re.compile(r"\[(\d{9,11})(?:\.(\d{1,9}))?\] ")),
    ("named", re.compile(r"(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d:\d\d:\d\d(?:\.\d+)?) ")),
    (
        "iso",
        re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?) "),
    ),
    (
        "syslog",
        re.compile(r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) +(\d{1,2}) (?:(\d{4}) )?(\d\d:\d\d:\d\d) "),
    ),
)


class Stamp(NamedTuple):
    """Time of a line in microseconds UTC (None without one), and where the rest begins."""

    ts: int | None
    end: int


class Stamps:
    """Reads the times of one source. ``notes`` counts those that had to be completed."""

    def __init__(self, clock: Clock, note: Callable[[str], None]) -> None:
        self._clock = clock
        self.note = note
        self._form = 0

    def read(self, line: str) -> Stamp:
        """The time at the beginning of ``line``."""
        count = len(_FORMS)
        for step in range(count):  # lines of a source have one form: the last one first
            place = (self._form + step) % count
            name, pattern = _FORMS[place]
            found = pattern.match(line)
            if found:
                self._form = place
                return Stamp(self._time(name, found), found.end())
        return Stamp(None, 0)

    def _time(self, form: str, found: re.Match[str]) -> int | None:
        if form == "epoch":
            fraction = (found[2] or "")[:6].ljust(6, "0")
            return int(found[1]) * 1_000_000 + int(fraction)
        if form == "named":
            return self._clock.dated(int(found[3]), found[2], found[1], found[4])
        if form == "iso":
            return self._clock.iso(found[1])
        if found[3]:
            return self._clock.dated(int(found[3]), found[1], found[2], found[4])
        self.note("no_year")
        return self._clock.yearless(found[1], found[2], found[4])

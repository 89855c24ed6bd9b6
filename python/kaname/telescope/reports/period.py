"""The day or the month that a report is about, and the one before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from kaname.model.errors import UsageError
from kaname.model.instant import DAY, HOUR, day_of

__all__ = ["Period", "parse_period"]

_EPOCH = dt.date(1970, 1, 1)
_WRONG = {"day": "telescope.error.report_day", "month": "telescope.error.report_month"}


@dataclass(frozen=True, slots=True)
class Period:
    """``start <= time < end`` (microseconds, UTC), and where the period before began.

    ``bin`` is the width of the bars of its series: an hour of a day, a day of a month.
    """

    kind: Literal["day", "month"]
    name: str  # 2026-01-31, 2026-01
    start: int
    end: int
    before: int
    before_name: str

    @property
    def bin(self) -> int:
        """Width of a bar of a time series, in microseconds."""
        return HOUR if self.kind == "day" else DAY

    @property
    def bins(self) -> tuple[int, ...]:
        """Where the bars begin."""
        return tuple(range(self.start, self.end, self.bin))

    def label(self, instant: int) -> str:
        """The name of the bar that begins at ``instant``: an hour or a day of the month."""
        if self.kind == "day":
            return f"{(instant - self.start) // HOUR:02d}:00"
        return day_of(instant)[5:]


def parse_period(kind: str, text: str) -> Period:
    """The period that is written as ``2026-01-31`` (day) or ``2026-01`` (month).

    Raises:
        UsageError: it is written in another way, or there is no such date.
    """
    form = "%Y-%m-%d" if kind == "day" else "%Y-%m"
    try:
        first = dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise UsageError(_WRONG[kind], found=text) from None
    if first <= _EPOCH or first.strftime(form).lstrip("0") != text.lstrip("0"):
        raise UsageError(_WRONG[kind], found=text)
    if kind == "day":
        following, previous = first + dt.timedelta(1), first - dt.timedelta(1)
        return _period("day", text, first, following, previous)
    following = (first + dt.timedelta(32)).replace(day=1)
    previous = (first - dt.timedelta(1)).replace(day=1)
    return _period("month", text, first, following, previous)


def _period(
    kind: Literal["day", "month"],
    name: str,
    first: dt.date,
    following: dt.date,
    previous: dt.date,
) -> Period:
    start, end, before = ((day - _EPOCH).days * DAY for day in (first, following, previous))
    form = "%Y-%m-%d" if kind == "day" else "%Y-%m"
    return Period(kind, name, start, end, before, previous.strftime(form))

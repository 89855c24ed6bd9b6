"""Times as logs write them: with names of months, without a year, in a zone not told.

A time without a year gets the year that makes it the latest one not after a reference
(the time the file was last written, or when the line was received, and a day's grace),
or counts on from the option ``year``. A time without a zone is in that of the option
``zone``: an IANA name, an offset such as ``+09:00``, or JST; UTC unless told.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo

from kaname.model.errors import UsageError
from kaname.model.instant import DAY, now_us
from kaname.readers.frame import ReadJob

__all__ = ["MONTHS", "Clock", "iso_us", "zone_called"]

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_NAMED = {"utc": "UTC", "z": "UTC", "gmt": "UTC", "jst": "Asia/Tokyo"}
_HALF_YEAR = 183 * DAY
_DAY_MINUTES = 24 * 60
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def zone_called(name: str) -> dt.tzinfo:
    """The zone called ``name``.

    Raises:
        UsageError: there is none.
    """
    found = _OFFSET.fullmatch(name)
    if found:
        minutes = int(found[2]) * 60 + int(found[3])
        if minutes >= _DAY_MINUTES:
            raise UsageError("readers.error.zone", found=name)
        return dt.timezone(dt.timedelta(minutes=minutes if found[1] == "+" else -minutes))
    try:
        return zoneinfo.ZoneInfo(_NAMED.get(name.lower(), name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError("readers.error.zone", found=name) from None


def _microseconds(moment: dt.datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@functools.lru_cache(maxsize=4096)
def iso_us(text: str, zone: dt.tzinfo = dt.UTC) -> int | None:
    """Microseconds of an ISO 8601 or RFC 3339 time; None when ``text`` is none.

    More than six digits of a second are cut; a comma may stand for the point.
    """
    try:
        moment = dt.datetime.fromisoformat(_DIGITS.sub(r"\1", text.replace(",", ".")))
    except ValueError:
        return None
    try:
        return _microseconds(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except OverflowError:
        return None


_DIGITS = re.compile(r"(\.\d{6})\d+")


class Clock:
    """Reads the times of one source."""

    def __init__(
        self, *, zone: dt.tzinfo = dt.UTC, year: int | None = None, reference: int
    ) -> None:
        self.zone = zone
        self.reference = reference
        self._year = year
        self._last: int | None = None

    @classmethod
    def of(cls, job: ReadJob) -> Clock:
        """By the options ``zone`` and ``year`` of a job, and the age of its file.

        Raises:
            UsageError: an option does not fit.
        """
        year = job.options.get("year")
        if year is not None and not (str(year).isdigit() and 1970 <= int(year) <= 9999):
            raise UsageError("readers.error.year", found=year)
        written = now_us() if job.path is None else job.path.stat().st_mtime_ns // 1000
        return cls(
            zone=zone_called(str(job.options.get("zone", "UTC"))),
            year=None if year is None else int(year),
            reference=written,
        )

    def iso(self, text: str) -> int | None:
        """As `iso_us`, in the zone of the source."""
        return iso_us(text, self.zone)

    def dated(self, year: int, month: str, day: str, time: str) -> int | None:
        """A time whose year is known: ``Dec``, ``10``, ``06:55:46`` or ``06:55:46.123``."""
        return _at(year, month, day, time, self.zone)

    def yearless(self, month: str, day: str, time: str) -> int | None:
        """A time without a year."""
        if self._year is not None:
            return self._counted_on(month, day, time)
        year = dt.datetime.fromtimestamp(self.reference / 1e6, self.zone).year
        found = _at(year, month, day, time, self.zone)
        if found is not None and found <= self.reference + DAY:
            return found
        for earlier in range(year - 1, year - 9, -1):  # 29 February is not in every year
            before = _at(earlier, month, day, time, self.zone)
            if before is not None:
                return before
        return None

    def _counted_on(self, month: str, day: str, time: str) -> int | None:
        """From the year of the option on; a step back of half a year begins the next."""
        found = _at(self._year or 0, month, day, time, self.zone)
        if found is None:
            return None
        if self._last is not None and self._last - found > _HALF_YEAR:
            self._year = (self._year or 0) + 1
            found = _at(self._year, month, day, time, self.zone)
        self._last = found
        return found


@functools.lru_cache(maxsize=4096)
def _at(year: int, month: str, day: str, time: str, zone: dt.tzinfo) -> int | None:
    number = MONTHS.get(month.lower())
    if number is None:
        return None
    clock, _, fraction = time.replace(",", ".").partition(".")
    try:
        hour, minute, second = map(int, clock.split(":"))
        micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
        # 23:59:60 is a leap second; it becomes the second before
        moment = dt.datetime(year, number, int(day), hour, minute, min(second, 59), micro, zone)
        return _microseconds(moment)
    except (ValueError, OverflowError):
        return None

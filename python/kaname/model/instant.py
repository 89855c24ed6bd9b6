"""Time: inside kaname an instant is an integer, microseconds since 1970-01-01 UTC.

At the edges it is ISO 8601, and the zone is always shown.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone

from kaname.model.errors import UsageError

__all__ = [
    "DAY",
    "HOUR",
    "JST",
    "MINUTE",
    "SECOND",
    "day_of",
    "floor",
    "format_us",
    "now_us",
    "parse_us",
]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
JST = timezone(timedelta(hours=9), "JST")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RELATIVE = re.compile(r"^(\d+)\s*(s|m|h|d|w)$")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


def now_us() -> int:
    """The present instant."""
    return time.time_ns() // 1000


def floor(instant: int, period: int) -> int:
    """The start of the ``period`` (microseconds, aligned to the epoch) holding ``instant``."""
    return instant - instant % period


def day_of(instant: int) -> str:
    """The UTC date of ``instant``, ``YYYY-MM-DD``."""
    return (_EPOCH + timedelta(microseconds=instant)).strftime("%Y-%m-%d")


def format_us(instant: int, *, zone: str = "UTC") -> str:
    """ISO 8601 with the zone: ``2020-03-11T00:00:00.000000Z`` or ``...+09:00`` (JST)."""
    moment = _EPOCH + timedelta(microseconds=instant)
    if zone == "JST":
        return moment.astimezone(JST).isoformat(timespec="microseconds")
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_us(text: str, *, now: int | None = None) -> int:
    """Read an instant: ISO 8601 (no zone means UTC), Unix seconds, ``now``, or ``2h`` ago.

    Raises:
        UsageError: it is none of these.
    """
    stripped = text.strip()
    present = now_us() if now is None else now
    if stripped == "now":
        return present
    if match := _RELATIVE.match(stripped):
        return present - int(match[1]) * _UNITS[match[2]]
    if re.fullmatch(r"\d{9,11}(\.\d{1,6})?", stripped):
        whole, _, part = stripped.partition(".")
        return int(whole) * SECOND + int(part.ljust(6, "0"))
    try:
        moment = datetime.fromisoformat(stripped)
    except ValueError:
        raise UsageError("model.error.time", found=text) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)

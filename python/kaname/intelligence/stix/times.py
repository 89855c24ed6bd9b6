"""Timestamps of STIX: RFC 3339 in UTC with a ``Z`` and any number of decimals (2.1, 3.2)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

__all__ = ["TIMESTAMP", "canonical", "instant", "shown"]

TIMESTAMP = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z$"
)
_FORM = re.compile(TIMESTAMP, re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def canonical(text: str) -> str | None:
    """``text`` as it is stored: no ``Z``, six decimals or more; None when it is no instant.

    Two spellings of one instant become the same text, and texts sort as time.
    """
    if _FORM.match(text) is None:
        return None
    whole, _, part = text[:-1].partition(".")
    if text[8:10] > "28" and not _is_day(text[:10]):
        return None
    if len(part) <= 6:
        return f"{whole}.{part:0<6}"
    return f"{whole}.{part[:6]}{part[6:].rstrip('0')}"


def _is_day(text: str) -> bool:
    """Whether there is such a day: not the 30th of February."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def shown(text: str) -> str:
    """What `canonical` gave, as a timestamp again: with three decimals where they suffice."""
    return (text[:-3] if text.endswith("000") and len(text) == 26 else text) + "Z"


def instant(text: str) -> int | None:
    """Microseconds since the epoch; None when ``text`` is no timestamp."""
    stored = canonical(text)
    if stored is None:
        return None
    moment = datetime.fromisoformat(stored[:26].replace(":60.", ":59.")).replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)

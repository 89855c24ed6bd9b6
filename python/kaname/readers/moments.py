"""Times as sources write them, in microseconds UTC; None for what is no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["epoch_us", "iso_us", "plain_number"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_LATEST_S = 253_402_300_800  # the year 10000


def iso_us(text: object) -> int | None:
    """ISO 8601 or a close relative (blank for ``T``, ``UTC`` for ``Z``); no zone means UTC."""
    if not isinstance(text, str):
        return None
    plain = text.strip().removesuffix(" UTC").replace(" +", "+")
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return (aware - _EPOCH) // _US
    except OverflowError:
        return None


def epoch_us(value: object) -> int | None:
    """Seconds since 1970, as a number or its text; milliseconds and finer by their size."""
    number = plain_number(value)
    if number is None or number <= 0:
        return None
    for scale in (1_000_000, 1_000, 1):
        if number < _LATEST_S * 1_000_000 / scale:
            return round(number * scale)
    return round(number / 1_000)


def plain_number(value: object) -> float | None:
    """``value`` as a finite number, if it is one or the text of one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None

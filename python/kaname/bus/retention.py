"""How much of a log is kept."""

from __future__ import annotations

import msgspec

from kaname.bus.log import Log, Span
from kaname.model.instant import DAY, now_us

__all__ = ["Retention", "trim"]


class Retention(msgspec.Struct, frozen=True):
    """How much the log keeps: what is beyond either bound goes, the oldest first.

    A message that a durable subscriber has yet to acknowledge stays in any case.
    """

    age: int = 7 * DAY  # microseconds
    size: int = 256 * 1024 * 1024  # bytes


def trim(log: Log, retention: Retention) -> None:
    """Forget the messages of ``log`` that are beyond ``retention`` and that nobody awaits."""
    span = log.span()
    until = max(_beyond_age(log, span, retention.age), _beyond_size(log, span, retention.size))
    for state in log.durables().values():
        waiting = log.first(state.pattern, state.floor)
        if waiting is not None:
            until = min(until, waiting - 1)
    if until >= span.first:
        log.trim(until)


def _beyond_age(log: Log, span: Span, age: int) -> int:
    """The newest cursor that is older than ``age``; messages lie in the order of time."""
    oldest = now_us() - age
    low, high = span.first - 1, span.last
    while low < high:
        middle = (low + high + 1) // 2
        instant = log.published(middle)
        low, high = (middle, high) if 0 < instant < oldest else (low, middle - 1)
    return low


def _beyond_size(log: Log, span: Span, most: int) -> int:
    """The cursor up to which messages of mean size must go for the rest to fit."""
    size = log.size()
    if size <= most:
        return span.first - 1
    return span.first - 1 + round((span.last - span.first + 1) * (1 - most / size))

"""Indicators that stand: derived anew from the findings that stand, after these changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaname.analysis.indicators import derive
from kaname.model.records import Finding

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.knowledge import Knowledge

__all__ = ["refresh", "standing_findings"]

_PAGE = 1000


def standing_findings(knowledge: Knowledge) -> Iterator[Finding]:
    """All findings that were not withdrawn."""
    from kaname.knowledge import FindingQuery

    cursor: str | None = None
    while True:
        page = knowledge.findings(FindingQuery(limit=_PAGE, cursor=cursor))
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def refresh(knowledge: Knowledge, bus: Bus | None, now: int) -> None:
    """Replace the indicators by what the standing findings give, and tell the bus."""
    change = knowledge.replace_indicators(derive(standing_findings(knowledge), now))
    if change and bus is not None:
        bus.publish("indicators.changed", change.summary())

"""Turns an `IndicatorQuery` into the WHERE clause, the order and the position of a page."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, or_

from kaname.knowledge import cursors
from kaname.knowledge.queries import IndicatorQuery
from kaname.knowledge.schema import CarriedRow, IndicatorRow
from kaname.knowledge.spelling import clean, matches
from kaname.model.instant import now_us

__all__ = ["conditions", "position", "sort_key"]


def _log_score(at: int) -> ColumnElement[float]:
    """log2 of the uncapped score at ``at``; before the newest contribution, as there."""
    elapsed = case((IndicatorRow.peak < at, at - IndicatorRow.peak), else_=0)
    return IndicatorRow.strength - elapsed * 1.0 / IndicatorRow.half_life


def sort_key(query: IndicatorQuery, at: int) -> ColumnElement[Any]:
    """What indicators are ordered by, downwards; the id decides among equals."""
    if query.sort == "-score":
        return _log_score(at)
    column: ColumnElement[Any] = getattr(IndicatorRow, query.sort[1:])
    return column


def position(query: IndicatorQuery) -> tuple[int, tuple[Any, ...] | None]:
    """(instant that scores are taken at, sort key of the last row of the page before).

    The instant travels in the cursor: an order that moved between pages would skip rows.
    """
    at = now_us() if query.active_at is None else query.active_at
    if query.cursor is None:
        return at, None
    first: Any = float if query.sort == "-score" else cursors.Int64
    at, *after = cursors.decode(query.cursor, query.sort, cursors.Int64, first, str)
    return at, tuple(after)


def conditions(query: IndicatorQuery, at: int) -> list[ColumnElement[bool]]:
    """The WHERE clause of ``query``; the marking is always in it."""
    found: list[ColumnElement[bool]] = [IndicatorRow.tlp <= query.clearance.rank]
    if query.kind is not None:
        found.append(IndicatorRow.kind == query.kind.value)
    if query.label is not None:
        found.append(IndicatorRow.label == clean(query.label))
    if query.min_score is not None and query.min_score > 0:
        # Scores are shown to one decimal; what shows as 50.0 counts as 50.
        least = max(query.min_score - 0.05, 0.01)
        found.append(_log_score(at) >= math.log2(least))
    if query.active_at is not None:
        found.append(_active(query.active_at))
    return found + _word_conditions(query)


def _active(at: int) -> ColumnElement[bool]:
    return and_(
        IndicatorRow.valid_from <= at,
        IndicatorRow.valid_until > at,
        IndicatorRow.revoked.is_(False),
    )


def _word_conditions(query: IndicatorQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.artifact is not None:
        found.append(matches(IndicatorRow, query.artifact))
    if query.finding is not None:
        carried = (CarriedRow.indicator == IndicatorRow.id, CarriedRow.finding == query.finding)
        found.append(exists().where(*carried))
    if query.text:
        wanted = clean(query.text)
        columns = (IndicatorRow.value, IndicatorRow.label, IndicatorRow.id)
        found.append(or_(*(column.icontains(wanted, autoescape=True) for column in columns)))
    return found

"""Turns an `IndicatorQuery` into the WHERE clause, the order and the position of a page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_

from kaname.knowledge import cursors
from kaname.knowledge.queries import IndicatorQuery
from kaname.knowledge.schema import CarriedRow, IndicatorRow
from kaname.knowledge.spelling import clean, matches

__all__ = ["conditions", "position", "sort_key"]


def sort_key(query: IndicatorQuery) -> ColumnElement[Any]:
    """What indicators are ordered by, downwards; the id decides among equals."""
    column: ColumnElement[Any] = getattr(IndicatorRow, query.sort[1:])
    return column


def position(query: IndicatorQuery) -> tuple[Any, ...] | None:
    """The sort key of the last row of the page before; None for the first page."""
    if query.cursor is None:
        return None
    first: Any = float if query.sort == "-score" else cursors.Int64
    return cursors.decode(query.cursor, query.sort, first, str)


def conditions(query: IndicatorQuery) -> list[ColumnElement[bool]]:
    """The WHERE clause of ``query``; the clearance is always in it."""
    rank = query.clearance.rank
    found: list[ColumnElement[bool]] = [IndicatorRow.low <= rank, IndicatorRow.high >= rank]
    if query.kind is not None:
        found.append(IndicatorRow.kind == query.kind.value)
    if query.label is not None:
        found.append(IndicatorRow.label == clean(query.label))
    if query.min_score is not None and query.min_score > 0:
        found.append(IndicatorRow.score >= query.min_score)
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
        carried = (
            CarriedRow.indicator == IndicatorRow.id,
            CarriedRow.low == IndicatorRow.low,
            CarriedRow.finding == query.finding,
        )
        found.append(exists().where(*carried))
    if query.text:
        wanted = clean(query.text)
        columns = (IndicatorRow.value, IndicatorRow.label, IndicatorRow.id)
        found.append(or_(*(column.icontains(wanted, autoescape=True) for column in columns)))
    return found

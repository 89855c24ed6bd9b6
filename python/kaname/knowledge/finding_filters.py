"""Turns a `FindingQuery` into the WHERE clause, the order and the cursor of a page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, or_, tuple_

from kaname.knowledge import cursors
from kaname.knowledge.queries import FindingQuery
from kaname.knowledge.schema import ArtifactRow, FindingRow
from kaname.knowledge.spelling import clean, matches
from kaname.model.records import Finding

__all__ = ["conditions", "cursor_of", "following", "sort_key", "time_column"]


def time_column(query: FindingQuery) -> Any:
    """The column that ``since`` and ``until`` are tested on."""
    return FindingRow.created if query.time == "created" else FindingRow.last_seen


def conditions(query: FindingQuery) -> list[ColumnElement[bool]]:
    """The WHERE clause of ``query``; the marking is always in it."""
    time = time_column(query)
    found: list[ColumnElement[bool]] = [FindingRow.tlp <= query.clearance.rank]
    if query.status != "all":
        found.append(FindingRow.active.is_(query.status == "active"))
    if query.since is not None:
        found.append(time >= query.since)
    if query.until is not None:
        found.append(time < query.until)
    if query.changed_since is not None:
        found.append(FindingRow.changed >= query.changed_since)
    if query.severity_min is not None:
        found.append(FindingRow.severity >= query.severity_min.rank)
    return found + _word_conditions(query)


def _word_conditions(query: FindingQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name in ("label", "analysis", "sensor"):
        value: str | None = getattr(query, name)
        if value is not None:
            found.append(getattr(FindingRow, name) == clean(value))
    of_finding = ArtifactRow.finding == FindingRow.id
    if query.artifact is not None:
        found.append(exists().where(of_finding, matches(ArtifactRow, query.artifact)))
    if query.text:
        wanted = clean(query.text)
        columns = (FindingRow.label, FindingRow.analysis, FindingRow.sensor, FindingRow.id)
        in_artifact = exists().where(
            of_finding, ArtifactRow.value.icontains(wanted, autoescape=True)
        )
        in_column = [column.icontains(wanted, autoescape=True) for column in columns]
        found.append(or_(*in_column, in_artifact))
    return found


def sort_key(query: FindingQuery) -> list[ColumnElement[Any]]:
    """The columns that findings are ordered by, all downwards; the last is unique."""
    first: ColumnElement[Any] = getattr(FindingRow, query.sort[1:])
    rest: list[Any] = [FindingRow.last_seen, FindingRow.id]
    return rest if query.sort == "-last_seen" else [first, *rest]


def _sort_types(query: FindingQuery) -> list[Any]:
    rest: list[Any] = [cursors.Int64, str]
    if query.sort == "-last_seen":
        return rest
    return [float if query.sort == "-confidence" else cursors.Int64, *rest]


def following(query: FindingQuery) -> list[ColumnElement[bool]]:
    """The condition that a row lies behind the cursor of ``query``, if it has one."""
    if query.cursor is None:
        return []
    after = cursors.decode(query.cursor, query.sort, *_sort_types(query))
    return [tuple_(*sort_key(query)) < tuple_(*after)]


def cursor_of(query: FindingQuery, last: Finding) -> str:
    """The cursor of the page behind ``last``."""
    first: dict[str, tuple[float, ...]] = {
        "-last_seen": (),
        "-severity": (last.severity.rank,),
        "-created": (last.created,),
        "-confidence": (last.confidence,),
    }
    return cursors.encode(query.sort, *first[query.sort], last.last_seen, last.id)

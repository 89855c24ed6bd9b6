"""The part of the store that holds indicators.

What an indicator says depends on who reads it, because it is derived from what the reader
may see. So it is kept once for each range of clearances to which it says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, tuple_, update

from kaname.knowledge import cursors
from kaname.knowledge.indicator_filters import conditions, position, sort_key
from kaname.knowledge.indicator_views import Stored, content, decode, encode, replacement
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import MAX_LIMIT, Change, IndicatorQuery, Page, View
from kaname.knowledge.replacement import delete_ids, insert_rows
from kaname.knowledge.schema import CarriedRow, IndicatorRow
from kaname.knowledge.spelling import artifact_columns, clean
from kaname.model.errors import NotFoundError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, Indicator
from kaname.model.score import stands_until

__all__ = ["Indicators"]

_IN_ONE_GO = 2_000


class Indicators(StorePart):
    """Indicators: replaced as derived, read by id and by query."""

    def replace_indicators(
        self,
        views: Sequence[View],
        *,
        artifacts: Iterable[Artifact] | None = None,
        at: int | None = None,
    ) -> Change:
        """Make ``views`` all that stands, or all about ``artifacts``.

        One transaction. What is no longer in the scope is kept and revoked at ``at``
        (now), so that whoever took it learns of it. ``updated`` stays where nothing else
        changed for those who see it.

        Raises:
            UsageError: a clearance would see two views of an indicator.
        """
        instant = now_us() if at is None else at
        scope = None if artifacts is None else sorted({_key(one) for one in artifacts})
        with self._database.write("indicators") as connection:
            stored = _stored(connection, scope, [view.indicator.id for view in views])
            change, rows, gone = replacement(views, stored, instant)
            delete_ids(connection, IndicatorRow, gone)
            _insert(connection, rows, now_us())
        return change

    def indicator(self, key: str, *, clearance: Tlp = Tlp.RED) -> Indicator:
        """The indicator with that id as ``clearance`` sees it, revoked or not.

        Raises:
            NotFoundError: there is none, or nothing of it may be seen.
        """
        statement = select(IndicatorRow.document).where(
            IndicatorRow.id == clean(key),
            IndicatorRow.low <= clearance.rank,
            IndicatorRow.high >= clearance.rank,
        )
        with self._database.read() as connection:
            document = connection.execute(statement).scalar()
        if document is None:
            raise NotFoundError("knowledge.error.no_indicator", id=key)
        return decode(document)

    def indicators(self, query: IndicatorQuery | None = None) -> Page[Indicator]:
        """A page of the indicators that ``query`` asks for.

        Raises:
            UsageError: the cursor is broken or belongs to another order.
        """
        query = query or IndicatorQuery()
        self._prepare(query)
        count = select(func.count()).select_from(IndicatorRow).where(*conditions(query))
        with self._database.read() as connection:
            items, following = _page(connection, query)
            total = connection.execute(count).scalar_one()
        return Page(items, following, total)

    def every_indicator(self, query: IndicatorQuery | None = None) -> Iterator[Indicator]:
        """All indicators that ``query`` asks for, its limit apart, without counting them."""
        query = msgspec.structs.replace(query or IndicatorQuery(), limit=MAX_LIMIT)
        self._prepare(query)
        while True:
            with self._database.read() as connection:
                items, following = _page(connection, query)
            yield from items
            if following is None:
                return
            query = msgspec.structs.replace(query, cursor=following)

    def score_again(self, now: int) -> int:
        """Bring the scores that are searched and sorted by up to ``now``; how many moved.

        Scores are views of terms that decay. Each row says until when its score stands,
        so only those that are over are looked at.
        """
        moved = 0
        while done := self._score_some(now):
            moved += done
        return moved

    def _score_some(self, now: int) -> int:
        due = (
            select(IndicatorRow.id, IndicatorRow.low, IndicatorRow.document)
            .where(IndicatorRow.stands_until <= now)
            .order_by(IndicatorRow.stands_until)
            .limit(_IN_ONE_GO)
        )
        with self._database.read() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return 0
        with self._database.write("indicators") as connection:
            rows = connection.execute(due).all()
            for key, low, document in rows:
                same = (IndicatorRow.id == key, IndicatorRow.low == low)
                scored = _score_columns(decode(document), now)
                connection.execute(update(IndicatorRow).where(*same).values(**scored))
        return len(rows)

    def _prepare(self, query: IndicatorQuery) -> None:
        """Scores must be those of now where they decide; pages that follow keep them."""
        if query.cursor is None and (query.sort == "-score" or query.min_score):
            self.score_again(now_us())


def _page(connection: Connection, query: IndicatorQuery) -> tuple[list[Indicator], str | None]:
    """(the indicators of one page, the cursor of the next)."""
    after = position(query)
    key = sort_key(query)
    page = select(key, IndicatorRow.document).where(*conditions(query))
    page = page.order_by(key.desc(), IndicatorRow.id.desc()).limit(query.limit + 1)
    if after is not None:
        page = page.where(tuple_(key, IndicatorRow.id) < tuple_(*after))
    rows = connection.execute(page).all()
    items = [decode(document) for _, document in rows[: query.limit]]
    if len(rows) <= query.limit:
        return items, None
    return items, cursors.encode(query.sort, rows[query.limit - 1][0], items[-1].id)


def _key(artifact: Artifact) -> tuple[str, str]:
    columns = artifact_columns(artifact)
    return columns["kind"], columns["key"]


def _stored(
    connection: Connection, scope: list[tuple[str, str]] | None, wanted: Sequence[str]
) -> list[Stored]:
    """What is stored in the scope, and whatever has an id that is wanted."""
    row = IndicatorRow
    every = select(row.id, row.low, row.high, row.content, row.document)
    if scope is None:
        return [Stored(*found) for found in connection.execute(every)]
    about = ((tuple_(row.kind, row.key).in_(part)) for part in _parts(scope))
    named = (row.id.in_(part) for part in _parts(sorted(set(wanted))))
    found = {
        (one.id, one.low): Stored(*one)
        for condition in (*about, *named)
        for one in connection.execute(every.where(condition))
    }
    return list(found.values())


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), 500):
        yield values[start : start + 500]


def _insert(connection: Connection, views: Sequence[View], now: int) -> None:
    insert_rows(connection, IndicatorRow, (_columns(view, now) for view in views))
    insert_rows(
        connection,
        CarriedRow,
        (
            {"indicator": view.indicator.id, "low": view.low, "finding": finding}
            for view in views
            for finding in sorted(set(view.indicator.findings))
        ),
    )


def _columns(view: View, now: int) -> dict[str, Any]:
    indicator = view.indicator
    return artifact_columns(indicator.artifact) | {
        "id": indicator.id,
        "low": view.low,
        "high": view.high,
        "label": clean(indicator.label),
        "state": indicator.state.value,
        **_score_columns(indicator, now),
        "valid_from": indicator.valid_from,
        "valid_until": indicator.valid_until,
        "updated": indicator.updated,
        "revoked": indicator.revoked,
        "tlp": indicator.tlp.rank,
        "content": content(indicator),
        "document": encode(indicator),
    }


def _score_columns(indicator: Indicator, now: int) -> dict[str, Any]:
    return {
        "score": indicator.score(now),
        "stands_until": stands_until(indicator.bias, indicator.terms, now),
    }

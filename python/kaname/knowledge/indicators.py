"""The part of the store that holds indicators."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, tuple_

from kaname.knowledge import cursors
from kaname.knowledge.indicator_filters import conditions, position, sort_key
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import MAX_LIMIT, Change, IndicatorQuery, Page
from kaname.knowledge.replacement import Known, compare, delete_ids, insert_rows
from kaname.knowledge.schema import CarriedRow, IndicatorRow
from kaname.knowledge.spelling import artifact_columns, clean
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, Indicator

__all__ = ["Indicators"]

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Indicator)
_NOTHING = -1e9  # the logarithm of a score of zero, as a number that both engines compare


class Indicators(StorePart):
    """Indicators: replaced as derived, read by id and by query."""

    def replace_indicators(
        self,
        indicators: Sequence[Indicator],
        *,
        artifacts: Iterable[Artifact] | None = None,
        at: int | None = None,
    ) -> Change:
        """Make ``indicators`` all that stand, or all about ``artifacts``.

        One transaction. An indicator in that scope that is not in the list is kept and
        revoked at ``at`` (now), so that whoever took it learns of it. ``updated`` stays
        when nothing else changed.

        Raises:
            UsageError: an id comes twice.
        """
        instant = now_us() if at is None else at
        wanted = _by_id(indicators)
        contents = {key: _content(indicator) for key, indicator in wanted.items()}
        scope = None if artifacts is None else {(a.kind.value, clean(a.value)) for a in artifacts}
        with self._database.write("indicators") as connection:
            stored = _stored(connection, scope, wanted)
            known = {key: Known(_content(one), not one.revoked, 0) for key, one in stored.items()}
            change = _compare(contents, wanted, known)
            revoked = {
                key: msgspec.structs.replace(stored[key], revoked=True, updated=instant)
                for key in change.withdrawn
            }
            fresh = [wanted[key] for key in change.added + change.changed]
            rows = fresh + [one for key, one in revoked.items() if key not in wanted]
            delete_ids(connection, IndicatorRow, [one.id for one in rows if one.id in known])
            _insert(connection, rows)
        return change

    def indicator(self, key: str, *, clearance: Tlp = Tlp.RED) -> Indicator:
        """The indicator with that id, revoked or not.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        statement = select(IndicatorRow.document).where(
            IndicatorRow.id == clean(key), IndicatorRow.tlp <= clearance.rank
        )
        with self._database.read() as connection:
            document = connection.execute(statement).scalar()
        if document is None:
            raise NotFoundError("knowledge.error.no_indicator", id=key)
        return _decoder.decode(document)

    def indicators(self, query: IndicatorQuery | None = None) -> Page[Indicator]:
        """A page of the indicators that ``query`` asks for.

        Raises:
            UsageError: the cursor is broken or belongs to another order.
        """
        query = query or IndicatorQuery()
        at, _ = position(query)
        count = select(func.count()).select_from(IndicatorRow).where(*conditions(query, at))
        with self._database.read() as connection:
            items, following = _page(connection, query)
            total = connection.execute(count).scalar_one()
        return Page(items, following, total)

    def every_indicator(self, query: IndicatorQuery | None = None) -> Iterator[Indicator]:
        """All indicators that ``query`` asks for, its limit apart, without counting them."""
        query = msgspec.structs.replace(query or IndicatorQuery(), limit=MAX_LIMIT)
        while True:
            with self._database.read() as connection:
                items, following = _page(connection, query)
            yield from items
            if following is None:
                return
            query = msgspec.structs.replace(query, cursor=following)


def _page(connection: Connection, query: IndicatorQuery) -> tuple[list[Indicator], str | None]:
    """(the indicators of one page, the cursor of the next)."""
    at, after = position(query)
    key = sort_key(query, at)
    page = select(key, IndicatorRow.document).where(*conditions(query, at))
    page = page.order_by(key.desc(), IndicatorRow.id.desc()).limit(query.limit + 1)
    if after is not None:
        page = page.where(tuple_(key, IndicatorRow.id) < tuple_(*after))
    rows = connection.execute(page).all()
    items = [_decoder.decode(document) for _, document in rows[: query.limit]]
    if len(rows) <= query.limit:
        return items, None
    return items, cursors.encode(query.sort, at, rows[query.limit - 1][0], items[-1].id)


def _by_id(indicators: Sequence[Indicator]) -> dict[str, Indicator]:
    wanted: dict[str, Indicator] = {}
    for indicator in indicators:
        if indicator.id in wanted:
            raise UsageError("knowledge.error.twice", id=indicator.id)
        wanted[indicator.id] = indicator
    return wanted


def _content(indicator: Indicator) -> str:
    plain = msgspec.structs.replace(indicator, updated=0)
    return hashlib.sha256(_encoder.encode(plain)).hexdigest()


def _stored(
    connection: Connection, scope: set[tuple[str, str]] | None, wanted: Mapping[str, Indicator]
) -> dict[str, Indicator]:
    """What is stored in the scope, and whatever has an id that is wanted."""
    columns = (IndicatorRow.id, IndicatorRow.kind, IndicatorRow.value, IndicatorRow.document)
    return {
        key: _decoder.decode(document)
        for key, kind, value, document in connection.execute(select(*columns))
        if scope is None or (kind, value) in scope or key in wanted
    }


def _compare(
    contents: Mapping[str, str], wanted: Mapping[str, Indicator], known: Mapping[str, Known]
) -> Change:
    """As `compare`, but one that is wanted as revoked is withdrawn, not added."""
    standing = {key: content for key, content in contents.items() if not wanted[key].revoked}
    return compare(standing, known)


def _insert(connection: Connection, indicators: Sequence[Indicator]) -> None:
    insert_rows(connection, IndicatorRow, map(_columns, indicators))
    insert_rows(
        connection,
        CarriedRow,
        (
            {"indicator": one.id, "finding": finding}
            for one in indicators
            for finding in sorted({part.finding for part in one.contributions})
        ),
    )


def _columns(indicator: Indicator) -> dict[str, Any]:
    strength, peak = _strength(indicator)
    return artifact_columns(indicator.artifact) | {
        "id": indicator.id,
        "label": clean(indicator.label),
        "strength": strength,
        "peak": peak,
        "half_life": indicator.half_life,
        "valid_from": indicator.valid_from,
        "valid_until": indicator.valid_until,
        "updated": indicator.updated,
        "revoked": indicator.revoked,
        "tlp": indicator.tlp.rank,
        "content": _content(indicator),
        "document": _encoder.encode(indicator).decode(),
    }


def _strength(indicator: Indicator) -> tuple[float, int]:
    """(log2 of the uncapped score at the newest contribution, that instant).

    All contributions of an indicator share its half-life, so the logarithm of the score
    falls in a straight line from there: the database can filter and sort by the score at
    any instant without a power function.
    """
    peak = max((part.observed for part in indicator.contributions), default=indicator.updated)
    total = sum(
        part.points * 0.5 ** ((peak - part.observed) / indicator.half_life)
        for part in indicator.contributions
    )
    return (math.log2(total) if total > 0 else _NOTHING), peak

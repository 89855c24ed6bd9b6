"""The part of the store that holds findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, update

from kaname.knowledge.finding_filters import (
    conditions,
    cursor_of,
    following,
    sort_key,
    time_column,
)
from kaname.knowledge.part import StorePart
from kaname.knowledge.progress import write_mark
from kaname.knowledge.queries import (
    MAX_LIMIT,
    Change,
    FindingQuery,
    FindingStatus,
    FindingTime,
    Page,
    StoredFinding,
    check_choice,
)
from kaname.knowledge.replacement import Known, compare, delete_ids, in_chunks, insert_rows
from kaname.knowledge.schema import ArtifactRow, FindingRow
from kaname.knowledge.spelling import artifact_columns, clean
from kaname.model.errors import ConflictError, NotFoundError, UsageError
from kaname.model.instant import DAY, HOUR, now_us
from kaname.model.marking import Tlp
from kaname.model.records import Finding, Severity

__all__ = ["Findings"]

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(StoredFinding)

CountKey = Literal["label", "severity", "analysis", "sensor", "hour"]


class Findings(StorePart):
    """Findings: replaced a window at a time, read by id and by query."""

    def replace_window(
        self,
        analysis: str,
        window_start: int,
        window_end: int,
        findings: Sequence[Finding],
        *,
        inputs: str | None = None,
        at: int | None = None,
    ) -> Change:
        """Make ``findings`` all that ``analysis`` says about [window_start, window_end).

        One transaction. Findings of the window that are not in the list are kept and
        flagged as withdrawn; one whose content is the same keeps its ``created``, and so
        does one that changed. With ``inputs`` the window is marked as well (see `mark`).

        Raises:
            UsageError: a finding is of another analysis or window, or an id comes twice.
            ConflictError: an id belongs to a finding of another analysis or window.
        """
        wanted = _by_id(analysis, window_start, window_end, findings)
        contents = {key: _content(finding) for key, finding in wanted.items()}
        instant = now_us() if at is None else at
        with self._database.write(f"findings:{analysis}") as connection:
            known = _known(connection, analysis, window_start, window_end)
            change = compare(contents, known)
            _check_elsewhere(connection, [key for key in change.added if key not in known])
            again = [key for key in change.added if key in known]
            delete_ids(connection, FindingRow, change.changed + again)
            _insert(connection, wanted, contents, change, known, instant)
            _withdraw(connection, change.withdrawn, instant)
            if inputs is not None:
                write_mark(connection, analysis, window_start, inputs, instant)
        return change

    def finding(self, key: str, *, clearance: Tlp = Tlp.RED) -> StoredFinding:
        """The finding with that id, withdrawn or not.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``; which of
                the two is not said.
        """
        statement = _selection().where(
            FindingRow.id == clean(key), FindingRow.tlp <= clearance.rank
        )
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        if row is None:
            raise NotFoundError("knowledge.error.no_finding", id=key)
        return _stored(row)

    def findings(self, query: FindingQuery | None = None) -> Page[StoredFinding]:
        """A page of the findings that ``query`` asks for.

        Raises:
            UsageError: the cursor is broken or belongs to another order.
        """
        query = query or FindingQuery()
        count = select(func.count()).select_from(FindingRow).where(*conditions(query))
        with self._database.read() as connection:
            items, cursor = _page(connection, query)
            total = connection.execute(count).scalar_one()
        return Page(items, cursor, total)

    def every_finding(self, query: FindingQuery | None = None) -> Iterator[StoredFinding]:
        """All findings that ``query`` asks for, its limit apart, without counting them.

        They are fetched as they are used; ones that come meanwhile may be among them.
        """
        query = msgspec.structs.replace(query or FindingQuery(), limit=MAX_LIMIT)
        while True:
            with self._database.read() as connection:
                items, cursor = _page(connection, query)
            yield from items
            if cursor is None:
                return
            query = msgspec.structs.replace(query, cursor=cursor)

    def count_findings(
        self,
        by: CountKey,
        *,
        since: int | None = None,
        until: int | None = None,
        clearance: Tlp = Tlp.RED,
        time: FindingTime = "last_seen",
        status: Literal["active", "withdrawn", "all"] = "active",
    ) -> list[tuple[str, int]]:
        """How many findings there are by ``by``: (key, count), the largest first.

        With "hour" the key is the hour's start in microseconds (decimal) and the order
        is by time. `findings` with the same filters gives the findings counted.
        """
        check_choice("by", by, CountKey.__args__)  # type: ignore[attr-defined]
        query = FindingQuery(
            since=since, until=until, clearance=clearance, time=time, status=status
        )
        column = time_column(query)
        group: ColumnElement[Any] = (
            column - column % HOUR if by == "hour" else getattr(FindingRow, by)
        )
        statement = select(group, func.count()).where(*conditions(query)).group_by(group)
        with self._database.read() as connection:
            rows = [(key, count) for key, count in connection.execute(statement)]
        if by == "hour":
            return [(str(key), count) for key, count in sorted(rows)]
        levels = list(Severity)
        named = [(levels[key].value if by == "severity" else key, n) for key, n in rows]
        return sorted(named, key=lambda pair: (-pair[1], pair[0]))

    def count_daily(self, query: FindingQuery) -> list[tuple[int, str, Severity, int]]:
        """How many of the findings of ``query`` fall on each day, by analysis and severity.

        The first value is the day's start, UTC. Ordered by day, analysis and severity;
        the order, limit and cursor of ``query`` do not matter.
        """
        column = time_column(query)
        day: ColumnElement[int] = (column - column % DAY).label("day")
        group = (day, FindingRow.analysis, FindingRow.severity)
        statement = select(*group, func.count()).where(*conditions(query)).group_by(*group)
        levels = list(Severity)
        with self._database.read() as connection:
            rows = sorted(connection.execute(statement).all(), key=tuple)
        return [(at, name, levels[rank], count) for at, name, rank, count in rows]


def _by_id(
    analysis: str, window_start: int, window_end: int, findings: Sequence[Finding]
) -> dict[str, Finding]:
    wanted: dict[str, Finding] = {}
    for finding in findings:
        here = (finding.analysis, finding.window_start, finding.window_end)
        if here != (analysis, window_start, window_end):
            raise UsageError("knowledge.error.other_window", id=finding.id, analysis=analysis)
        if finding.id in wanted:
            raise UsageError("knowledge.error.twice", id=finding.id)
        wanted[finding.id] = finding
    return wanted


def _content(finding: Finding) -> str:
    plain = msgspec.structs.replace(finding, created=0)
    return hashlib.sha256(_encoder.encode(plain)).hexdigest()


def _known(connection: Connection, analysis: str, start: int, end: int) -> dict[str, Known]:
    statement = select(
        FindingRow.id, FindingRow.content, FindingRow.active, FindingRow.created
    ).where(
        FindingRow.analysis == analysis,
        FindingRow.window_start == start,
        FindingRow.window_end == end,
    )
    return {
        key: Known(content, active, created)
        for key, content, active, created in connection.execute(statement)
    }


def _check_elsewhere(connection: Connection, ids: Sequence[str]) -> None:
    for chunk in in_chunks({"id": key} for key in ids):
        statement = select(FindingRow.id).where(FindingRow.id.in_([row["id"] for row in chunk]))
        if found := connection.execute(statement).scalar():
            raise ConflictError("knowledge.error.elsewhere", id=found)


def _insert(
    connection: Connection,
    wanted: Mapping[str, Finding],
    contents: Mapping[str, str],
    change: Change,
    known: Mapping[str, Known],
    instant: int,
) -> None:
    def dated() -> Iterator[Finding]:
        for key in change.added:
            yield wanted[key]
        for key in change.changed:
            yield msgspec.structs.replace(wanted[key], created=known[key].since)

    insert_rows(
        connection, FindingRow, (_columns(one, contents[one.id], instant) for one in dated())
    )
    insert_rows(
        connection,
        ArtifactRow,
        (
            {"finding": one.id, "position": place, "role": artifact.role.value}
            | artifact_columns(artifact)
            for one in dated()
            for place, artifact in enumerate(one.artifacts)
        ),
    )


def _columns(finding: Finding, content: str, instant: int) -> dict[str, Any]:
    return {
        "id": finding.id,
        "analysis": finding.analysis,
        "window_start": finding.window_start,
        "window_end": finding.window_end,
        "last_seen": finding.last_seen,
        "created": finding.created,
        "changed": instant,
        "sensor": clean(finding.sensor),
        "label": clean(finding.label),
        "severity": finding.severity.rank,
        "confidence": finding.confidence,
        "tlp": finding.tlp.rank,
        "active": True,
        "content": content,
        "document": _encoder.encode(finding).decode(),
    }


def _withdraw(connection: Connection, ids: Sequence[str], instant: int) -> None:
    statement = update(FindingRow).where(FindingRow.id == bindparam("gone"))
    statement = statement.values(active=False, changed=instant)
    for chunk in in_chunks({"gone": key} for key in ids):
        connection.execute(statement, chunk)


def _page(connection: Connection, query: FindingQuery) -> tuple[list[StoredFinding], str | None]:
    """(the findings of one page, the cursor of the next)."""
    key = sort_key(query)
    page = _selection().where(*conditions(query), *following(query))
    page = page.order_by(*(column.desc() for column in key))
    rows = connection.execute(page.limit(query.limit + 1)).all()
    items = [_stored(row) for row in rows[: query.limit]]
    return items, cursor_of(query, items[-1]) if len(rows) > query.limit else None


def _selection() -> Select[str, bool, int]:
    return select(FindingRow.document, FindingRow.active, FindingRow.changed)


def _stored(row: Row[str, bool, int]) -> StoredFinding:
    document, active, changed = row
    status = FindingStatus.ACTIVE if active else FindingStatus.WITHDRAWN
    return msgspec.structs.replace(_decoder.decode(document), status=status, changed=changed)

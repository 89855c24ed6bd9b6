"""The part of the store that holds findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from kaname.knowledge import cursors
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import (
    Change,
    FindingQuery,
    FindingStatus,
    FindingTime,
    Page,
    StoredFinding,
    check_choice,
)
from kaname.knowledge.replacement import Known, compare, delete_ids, in_chunks, insert_rows
from kaname.knowledge.schema import ArtifactRow, FindingRow, MarkRow
from kaname.knowledge.spelling import artifact_columns, clean, matches
from kaname.model.errors import ConflictError, NotFoundError, UsageError
from kaname.model.instant import HOUR, now_us
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
                _mark(connection, analysis, window_start, inputs, instant)
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
        conditions = _conditions(query)
        key = _sort_key(query)
        page = _selection().where(*conditions).order_by(*(column.desc() for column in key))
        if query.cursor is not None:
            after = cursors.decode(query.cursor, query.sort, *_sort_types(query))
            page = page.where(tuple_(*key) < tuple_(*after))
        count = select(func.count()).select_from(FindingRow).where(*conditions)
        with self._database.read() as connection:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(page.limit(query.limit + 1)).all()
        items = [_stored(row) for row in rows[: query.limit]]
        more = len(rows) > query.limit
        return Page(items, _cursor(query, items[-1]) if more else None, total)

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
        column = _time(query)
        group: ColumnElement[Any] = (
            column - column % HOUR if by == "hour" else getattr(FindingRow, by)
        )
        statement = select(group, func.count()).where(*_conditions(query)).group_by(group)
        with self._database.read() as connection:
            rows = [(key, count) for key, count in connection.execute(statement)]
        if by == "hour":
            return [(str(key), count) for key, count in sorted(rows)]
        levels = list(Severity)
        named = [(levels[key].value if by == "severity" else key, n) for key, n in rows]
        return sorted(named, key=lambda pair: (-pair[1], pair[0]))

    def mark(self, analysis: str, window_start: int, inputs: str) -> None:
        """Note that ``analysis`` has evaluated the window over ``inputs`` (a digest)."""
        with self._database.write(f"findings:{analysis}") as connection:
            _mark(connection, analysis, window_start, inputs, now_us())

    def marks(self, analysis: str) -> dict[int, str]:
        """Window start -> inputs, for all windows that ``analysis`` has evaluated."""
        statement = select(MarkRow.window_start, MarkRow.inputs).where(MarkRow.analysis == analysis)
        with self._database.read() as connection:
            return dict(connection.execute(statement).all())

    def last_marked(self) -> dict[str, int]:
        """Analysis -> the instant at which it last evaluated a window."""
        statement = select(MarkRow.analysis, func.max(MarkRow.marked)).group_by(MarkRow.analysis)
        with self._database.read() as connection:
            return dict(connection.execute(statement).all())


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


def _mark(connection: Connection, analysis: str, start: int, inputs: str, instant: int) -> None:
    where = (MarkRow.analysis == analysis, MarkRow.window_start == start)
    changed = connection.execute(
        update(MarkRow).where(*where).values(inputs=inputs, marked=instant)
    )
    if changed.rowcount == 0:
        row = {"analysis": analysis, "window_start": start, "inputs": inputs, "marked": instant}
        insert_rows(connection, MarkRow, [row])


def _selection() -> Select[str, bool, int]:
    return select(FindingRow.document, FindingRow.active, FindingRow.changed)


def _stored(row: Row[str, bool, int]) -> StoredFinding:
    document, active, changed = row
    status = FindingStatus.ACTIVE if active else FindingStatus.WITHDRAWN
    return msgspec.structs.replace(_decoder.decode(document), status=status, changed=changed)


def _time(query: FindingQuery) -> Any:
    return FindingRow.created if query.time == "created" else FindingRow.last_seen


def _conditions(query: FindingQuery) -> list[ColumnElement[bool]]:
    """The WHERE clause of ``query``; the marking is always in it."""
    time = _time(query)
    found: list[ColumnElement[bool]] = [FindingRow.tlp <= query.clearance.rank]
    if query.status != "all":
        found.append(FindingRow.active.is_(query.status == "active"))
    if query.since is not None:
        found.append(time >= query.since)
    if query.until is not None:
        found.append(time < query.until)
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


def _sort_key(query: FindingQuery) -> list[ColumnElement[Any]]:
    first: ColumnElement[Any] = getattr(FindingRow, query.sort[1:])
    rest: list[Any] = [FindingRow.last_seen, FindingRow.id]
    return rest if query.sort == "-last_seen" else [first, *rest]


def _sort_types(query: FindingQuery) -> list[Any]:
    rest: list[Any] = [cursors.Int64, str]
    if query.sort == "-last_seen":
        return rest
    return [float if query.sort == "-confidence" else cursors.Int64, *rest]


def _cursor(query: FindingQuery, last: Finding) -> str:
    first: dict[str, tuple[float, ...]] = {
        "-last_seen": (),
        "-severity": (last.severity.rank,),
        "-created": (last.created,),
        "-confidence": (last.confidence,),
    }
    return cursors.encode(query.sort, *first[query.sort], last.last_seen, last.id)

"""The part of the store that holds organisations, their alerts, and the outbox of notices.

Alerts and the notices of them are written in one transaction, together with how far the
lake was looked through: whoever is killed at any moment begins again where nothing is
lost, and nothing is put into the outbox a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update

from kaname.knowledge import cursors
from kaname.knowledge.organisation_records import Alert, AlertState, Notice, Organisation
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import Page, check_limit
from kaname.knowledge.spelling import clean
from kaname.knowledge.state import read_state, write_state
from kaname.knowledge.telescope_schema import NoticeRow, OrganisationAlertRow, OrganisationRow
from kaname.model.errors import NotFoundError
from kaname.model.marking import Tlp

__all__ = ["Organisations", "Revised", "Revision"]

_LOCK = "organisations"
_VERSION = "telescope.organisations.version"
_KIND = "organisation-alerts"
_MANY = 500

_encoder = msgspec.json.Encoder(order="deterministic")
_organisation = msgspec.json.Decoder(Organisation)
_alert = msgspec.json.Decoder(Alert)
_notice = msgspec.json.Decoder(Notice)


class Revised(NamedTuple):
    """What becomes of alerts: as they are now, what is to be sent, and a state to keep."""

    alerts: Sequence[Alert] = ()
    notices: Sequence[Notice] = ()
    state: tuple[str, Any] | None = None


Revision = Callable[[Mapping[str, Alert]], Revised]


class Organisations(StorePart):
    """Organisations by id, alerts by when their host was last seen, notices by when due."""

    # --- the registry ---

    def replace(self, organisations: Iterable[Organisation]) -> int:
        """Make these all that is registered; how many were there before."""
        rows = [_organisation_row(one) for one in organisations]
        with self._database.write(_LOCK) as connection:
            gone = connection.execute(delete(OrganisationRow)).rowcount
            if rows:
                connection.execute(insert(OrganisationRow), rows)
            _changed(connection)
        return int(gone)

    def put(self, organisations: Iterable[Organisation]) -> None:
        """Add these, each in the place of one with its id."""
        rows = {one.id: _organisation_row(one) for one in organisations}
        with self._database.write(_LOCK) as connection:
            for keys in _pieces(list(rows)):
                connection.execute(delete(OrganisationRow).where(OrganisationRow.id.in_(keys)))
            if rows:
                connection.execute(insert(OrganisationRow), list(rows.values()))
                _changed(connection)

    def remove(self, key: str) -> Organisation:
        """Forget an organisation; its alerts stay.

        Raises:
            NotFoundError: there is none with that id.
        """
        with self._database.write(_LOCK) as connection:
            found = _find(connection, key)
            connection.execute(delete(OrganisationRow).where(OrganisationRow.id == found.id))
            _changed(connection)
            return found

    def organisation(self, key: str, *, clearance: Tlp = Tlp.RED) -> Organisation:
        """The organisation with that id.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        with self._database.read() as connection:
            found = _find(connection, key)
        if not found.tlp.visible_to(clearance):
            raise NotFoundError("knowledge.error.organisation", found=key)
        return found

    def organisations(self, *, clearance: Tlp = Tlp.RED) -> list[Organisation]:
        """All that may be seen, by id."""
        statement = (
            select(OrganisationRow.document)
            .where(OrganisationRow.tlp <= clearance.rank)
            .order_by(OrganisationRow.id)
        )
        with self._database.read() as connection:
            return [_organisation.decode(d) for d in connection.execute(statement).scalars()]

    def version(self) -> int:
        """Grows with every change of the registry."""
        with self._database.read() as connection:
            return int(read_state(connection, _VERSION) or 0)

    # --- alerts ---

    def alert(self, key: str, *, clearance: Tlp = Tlp.RED) -> Alert:
        """The alert with that id.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        found = self.alerts_of([key])
        if not found or not found[0].tlp.visible_to(clearance):
            raise NotFoundError("knowledge.error.alert", found=key)
        return found[0]

    def alerts_of(self, keys: Iterable[str]) -> list[Alert]:
        """The alerts with these ids, as far as there are any, by id."""
        with self._database.read() as connection:
            return _alerts_of(connection, sorted({clean(key) for key in keys}))

    def alerts(
        self,
        *,
        organisation: str | None = None,
        states: Iterable[AlertState] = tuple(AlertState),
        kind: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        clearance: Tlp = Tlp.RED,
    ) -> Page[Alert]:
        """A page of alerts, the host last seen first.

        Raises:
            UsageError: the cursor is broken.
        """
        check_limit(limit)
        row = OrganisationAlertRow
        conditions: list[Any] = [row.tlp <= clearance.rank, row.state.in_([*map(str, states)])]
        if organisation is not None:
            conditions.append(row.organisation == clean(organisation))
        if kind is not None:
            conditions.append(row.kind == clean(kind))
        count = select(func.count()).select_from(row).where(*conditions)
        page = select(row.last, row.id, row.document).where(*conditions)
        if cursor is not None:
            last, key = cursors.decode(cursor, _KIND, cursors.Int64, str)
            page = page.where(or_(row.last < last, (row.last == last) & (row.id > key)))
        page = page.order_by(row.last.desc(), row.id).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(page).all()
            total = connection.execute(count).scalar_one()
        items = [_alert.decode(one.document) for one in rows[:limit]]
        more = len(rows) > limit
        edge = cursors.encode(_KIND, rows[limit - 1].last, rows[limit - 1].id) if more else None
        return Page(items, edge, total)

    def standing(self, until: int | None = None) -> list[Alert]:
        """All alerts that are not closed (and were last seen before ``until``), by id."""
        row = OrganisationAlertRow
        statement = select(row.document).where(row.state != AlertState.CLOSED).order_by(row.id)
        if until is not None:
            statement = statement.where(row.last < until)
        with self._database.read() as connection:
            return [_alert.decode(d) for d in connection.execute(statement).scalars()]

    def revise(self, keys: Iterable[str], revision: Revision) -> tuple[list[Alert], list[Notice]]:
        """Keep what ``revision`` makes of the alerts ``keys``; gives what it wrote.

        All or nothing, and nobody changes these alerts between reading and writing. A
        notice whose key is in the outbox already is not put there again.
        """
        wanted = sorted({clean(key) for key in keys})
        with self._database.write(_LOCK) as connection:
            made = revision({alert.id: alert for alert in _alerts_of(connection, wanted)})
            for alert in made.alerts:
                _save(connection, alert)
            put = [notice for notice in made.notices if _put(connection, notice)]
            if made.state is not None:
                write_state(connection, *made.state)
        return list(made.alerts), put

    def progress(self, key: str) -> Any:
        """What was kept as ``state`` under ``key``; None when nothing was."""
        with self._database.read() as connection:
            return read_state(connection, key)

    def decide(
        self, key: str, state: AlertState, *, by: str, note: str, at: int, clearance: Tlp = Tlp.RED
    ) -> Alert:
        """Set what somebody decided of an alert.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        with self._database.write(_LOCK) as connection:
            row = OrganisationAlertRow
            statement = select(row.document).where(row.id == clean(key))
            document = connection.execute(statement).scalar()
            found = None if document is None else _alert.decode(document)
            if found is None or not found.tlp.visible_to(clearance):
                raise NotFoundError("knowledge.error.alert", found=key)
            decided = msgspec.structs.replace(
                found, state=state, by=clean(by), note=clean(note), changed=at
            )
            _save(connection, decided)
            return decided

    # --- the outbox ---

    def due(self, at: int, limit: int = 100) -> list[Notice]:
        """Notices that wait to be sent ``at`` an instant, in the order they were put there."""
        statement = (
            select(NoticeRow.document)
            .where(NoticeRow.state == "waiting", NoticeRow.due <= at)
            .order_by(NoticeRow.seq)
            .limit(limit)
        )
        return self._notices(statement)

    def next_due(self) -> int | None:
        """When the next notice is due; None when none waits."""
        statement = select(func.min(NoticeRow.due)).where(NoticeRow.state == "waiting")
        with self._database.read() as connection:
            found = connection.execute(statement).scalar()
        return None if found is None else int(found)

    def notices(self, alert: str) -> list[Notice]:
        """What was, or is to be, sent because of an alert, in that order."""
        statement = (
            select(NoticeRow.document)
            .where(NoticeRow.alert == clean(alert))
            .order_by(NoticeRow.seq)
        )
        return self._notices(statement)

    def settle(self, notice: Notice, *, due: int) -> None:
        """Keep what became of a try to send ``notice``; ``due`` is when it is tried again."""
        values = {"state": notice.state, "due": due, "document": _text(notice)}
        with self._database.write(_LOCK) as connection:
            connection.execute(update(NoticeRow).where(NoticeRow.id == notice.key).values(values))

    def _notices(self, statement: Select[str]) -> list[Notice]:
        with self._database.read() as connection:
            return [_notice.decode(d) for d in connection.execute(statement).scalars()]


def _pieces(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[start : start + _MANY] for start in range(0, len(keys), _MANY)]


def _text(record: Organisation | Alert | Notice) -> str:
    return clean(_encoder.encode(record).decode())


def _organisation_row(one: Organisation) -> dict[str, Any]:
    return {"id": one.id, "tlp": one.tlp.rank, "document": _text(one)}


def _changed(connection: Connection) -> None:
    write_state(connection, _VERSION, int(read_state(connection, _VERSION) or 0) + 1)


def _find(connection: Connection, key: str) -> Organisation:
    statement = select(OrganisationRow.document).where(OrganisationRow.id == clean(key))
    document = connection.execute(statement).scalar()
    if document is None:
        raise NotFoundError("knowledge.error.organisation", found=key)
    return _organisation.decode(document)


def _alerts_of(connection: Connection, keys: list[str]) -> list[Alert]:
    found: list[Alert] = []
    row = OrganisationAlertRow
    for some in _pieces(keys):
        rows = select(row.document).where(row.id.in_(some)).order_by(row.id)
        found += map(_alert.decode, connection.execute(rows).scalars())
    return found


def _save(connection: Connection, alert: Alert) -> None:
    row = OrganisationAlertRow
    values = {
        "id": alert.id,
        "organisation": alert.organisation,
        "kind": alert.kind.value,
        "state": alert.state.value,
        "last": alert.last,
        "changed": alert.changed,
        "tlp": alert.tlp.rank,
        "document": _text(alert),
    }
    changed = connection.execute(update(row).where(row.id == alert.id).values(values))
    if changed.rowcount == 0:
        connection.execute(insert(row), values)


def _put(connection: Connection, notice: Notice) -> bool:
    """Put a notice into the outbox; False when its key is there already."""
    known = select(NoticeRow.seq).where(NoticeRow.id == notice.key)
    if connection.execute(known).scalar() is not None:
        return False
    values = {
        "id": notice.key,
        "alert": notice.alerts[0].id if len(notice.alerts) == 1 else "",
        "organisation": notice.organisation.id,
        "channel": notice.channel.value,
        "state": notice.state,
        "due": notice.created,
        "document": _text(notice),
    }
    connection.execute(insert(NoticeRow), values)
    return True

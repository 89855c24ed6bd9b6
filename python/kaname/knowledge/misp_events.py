"""The part of the store that holds MISP events, byte for byte as they came."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from kaname.knowledge.fusion_schema import MispEventRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.spelling import clean
from kaname.model.errors import NotFoundError
from kaname.model.marking import Tlp

__all__ = ["MispEvents", "Outcome", "StoredEvent"]

_CHUNK = 100  # events read at once: their bodies may be megabytes each


class Outcome(enum.StrEnum):
    """What became of an event that was put."""

    ADDED = "added"
    CHANGED = "changed"  # a newer version took its place
    SAME = "same"
    OLDER = "older"  # a newer one is there: kept that
    CONFLICT = "conflict"  # the same instant with other content: kept the first


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event: ``changed`` is its timestamp (microseconds, UTC), ``body`` its JSON object.

    ``number`` is the id that this installation gives it, from 1.
    """

    uuid: str
    number: int = 0
    changed: int
    published: bool
    tlp: Tlp
    body: bytes


class MispEvents(StorePart):
    """Events by uuid or number, and in their order."""

    def put_event(self, event: StoredEvent) -> tuple[Outcome, StoredEvent | None]:
        """Keep ``event`` unless what is there is as new; (outcome, what was there before)."""
        with self._database.write("misp_events") as connection:
            stored = _find(connection, MispEventRow.uuid == clean(event.uuid))
            if stored is None:
                last = connection.execute(select(func.max(MispEventRow.number))).scalar()
                row = _columns(event) | {"number": (last or 0) + 1}
                connection.execute(insert(MispEventRow), row)
                return Outcome.ADDED, None
            outcome = _outcome(stored, event)
            if outcome is Outcome.CHANGED:
                where = MispEventRow.uuid == stored.uuid
                connection.execute(update(MispEventRow).where(where).values(**_columns(event)))
        return outcome, stored

    def misp_event(self, key: str, *, clearance: Tlp = Tlp.RED) -> StoredEvent:
        """The event of that uuid or number.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        where = MispEventRow.uuid == clean(key.lower())
        if key.isascii() and key.isdecimal() and len(key) < 19:
            where = MispEventRow.number == int(key)
        with self._database.read() as connection:
            found = _find(connection, where)
        if found is None or not found.tlp.visible_to(clearance):
            raise NotFoundError("knowledge.error.no_misp_event", id=key)
        return found

    def misp_events(
        self,
        *,
        since: int | None = None,
        until: int | None = None,
        published: bool | None = None,
        clearance: Tlp = Tlp.RED,
    ) -> Iterator[StoredEvent]:
        """Events with ``since <= changed < until``, in the order of their numbers."""
        where: list[ColumnElement[bool]] = [MispEventRow.tlp <= clearance.rank]
        if since is not None:
            where.append(MispEventRow.changed >= since)
        if until is not None:
            where.append(MispEventRow.changed < until)
        if published is not None:
            where.append(MispEventRow.published.is_(published))
        last = 0
        while True:
            page = select(MispEventRow.__table__).where(*where, MispEventRow.number > last)
            with self._database.read() as connection:
                rows = connection.execute(page.order_by(MispEventRow.number).limit(_CHUNK)).all()
            yield from map(_event, rows)
            if len(rows) < _CHUNK:
                return
            last = rows[-1].number


def _find(connection: Connection, where: ColumnElement[bool]) -> StoredEvent | None:
    row = connection.execute(select(MispEventRow.__table__).where(where)).first()
    return None if row is None else _event(row)


def _outcome(stored: StoredEvent, event: StoredEvent) -> Outcome:
    if stored.body == event.body:
        return Outcome.SAME
    if event.changed == stored.changed:
        return Outcome.CONFLICT
    return Outcome.CHANGED if event.changed > stored.changed else Outcome.OLDER


def _columns(event: StoredEvent) -> dict[str, object]:
    return {
        "uuid": clean(event.uuid),
        "changed": event.changed,
        "published": event.published,
        "tlp": event.tlp.rank,
        "body": event.body,
    }


def _event(row: Row[tuple[object, ...]]) -> StoredEvent:
    return StoredEvent(
        uuid=row.uuid,
        number=row.number,
        changed=row.changed,
        published=row.published,
        tlp=list(Tlp)[row.tlp],
        body=bytes(row.body),
    )

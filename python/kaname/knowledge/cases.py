"""The part of the store that holds cases: an analyst's folders."""

from __future__ import annotations

import uuid
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, func, insert, select, tuple_, update

from kaname.knowledge import cursors
from kaname.knowledge.fusion_schema import CaseRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import Page, check_limit
from kaname.knowledge.spelling import clean
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp, join

__all__ = ["Case", "CaseItem", "CaseNote", "CaseState", "Cases", "Step"]

CaseState = Literal["open", "watching", "closed"]

_KIND = "cases"
_LONGEST_TITLE = 200


class CaseItem(msgspec.Struct, frozen=True):
    """An artifact or an entity (kind "entity", its id as value) that was put into a case."""

    kind: str
    value: str
    note: str
    by: str
    at: int


class CaseNote(msgspec.Struct, frozen=True):
    """What somebody wrote down."""

    text: str
    by: str
    at: int


class Step(msgspec.Struct, frozen=True):
    """Something that was done to a case: open, item, note, state."""

    what: str
    value: str
    by: str
    at: int


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A folder of artifacts, entities and notes, with its history; nothing in it is lost."""

    id: str
    title: str
    state: CaseState
    owner: str
    created: int
    changed: int
    tlp: Tlp
    items: tuple[CaseItem, ...] = ()
    notes: tuple[CaseNote, ...] = ()
    history: tuple[Step, ...] = ()


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Case)


class Cases(StorePart):
    """Cases by id and by state; every change is a step of the history."""

    def open_case(self, title: str, *, by: str, tlp: Tlp, at: int | None = None) -> Case:
        """Open a case.

        Raises:
            UsageError: the title is empty or longer than 200 characters.
        """
        title = clean(title.strip())
        if not 1 <= len(title) <= _LONGEST_TITLE:
            raise UsageError("knowledge.error.case_title", most=_LONGEST_TITLE)
        now = now_us() if at is None else at
        case = Case(
            id=f"case-{uuid.uuid4().hex[:16]}",
            title=title,
            state="open",
            owner=by,
            created=now,
            changed=now,
            tlp=tlp,
            history=(Step("open", title, by, now),),
        )
        with self._database.write(_KIND) as connection:
            connection.execute(insert(CaseRow), _columns(case))
        return case

    def case(self, key: str, *, clearance: Tlp = Tlp.RED) -> Case:
        """The case with that id.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        with self._database.read() as connection:
            return _find(connection, key, clearance)

    def cases(
        self,
        *,
        state: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        clearance: Tlp = Tlp.RED,
    ) -> Page[Case]:
        """A page of cases, the last changed first.

        Raises:
            UsageError: the cursor is broken.
        """
        check_limit(limit)
        conditions = [CaseRow.tlp <= clearance.rank]
        if state is not None:
            conditions.append(CaseRow.state == state)
        order = (CaseRow.changed, CaseRow.id)
        page = select(CaseRow.document).where(*conditions)
        if cursor is not None:
            page = page.where(
                tuple_(*order) < tuple_(*cursors.decode(cursor, _KIND, cursors.Int64, str))
            )
        page = page.order_by(CaseRow.changed.desc(), CaseRow.id.desc()).limit(limit + 1)
        count = select(func.count()).select_from(CaseRow).where(*conditions)
        with self._database.read() as connection:
            rows = connection.execute(page).scalars().all()
            total = connection.execute(count).scalar_one()
        items = [_decoder.decode(document) for document in rows[:limit]]
        more = len(rows) > limit
        last = items[-1] if more else None
        return Page(items, cursors.encode(_KIND, last.changed, last.id) if last else None, total)

    def holding(self, kind: str, value: str, *, clearance: Tlp = Tlp.RED) -> list[Case]:
        """The cases that an artifact or entity was put into, the last changed first."""
        statement = (
            select(CaseRow.document)
            .where(CaseRow.tlp <= clearance.rank)
            .order_by(CaseRow.changed.desc(), CaseRow.id)
        )
        with self._database.read() as connection:
            found = map(_decoder.decode, connection.execute(statement).scalars().all())
            return [
                case
                for case in found
                if any((item.kind, item.value) == (kind, value) for item in case.items)
            ]

    def add_item(
        self,
        key: str,
        kind: str,
        value: str,
        *,
        note: str = "",
        by: str,
        tlp: Tlp = Tlp.CLEAR,
        clearance: Tlp = Tlp.RED,
        at: int | None = None,
    ) -> Case:
        """Put something in, or a further note on it; ``tlp`` is the marking it came with."""
        now = now_us() if at is None else at
        item = CaseItem(kind, clean(value), clean(note), by, now)
        with self._database.write(_KIND) as connection:
            case = _find(connection, key, clearance)
            kept = tuple(one for one in case.items if (one.kind, one.value) != (kind, item.value))
            step = Step("item", f"{kind}:{item.value}", by, now)
            values = {"items": (*kept, item), "tlp": join((case.tlp, tlp))}
            return _save(connection, case, step, **values)

    def add_note(
        self, key: str, text: str, *, by: str, clearance: Tlp = Tlp.RED, at: int | None = None
    ) -> Case:
        """Write something down."""
        now = now_us() if at is None else at
        with self._database.write(_KIND) as connection:
            case = _find(connection, key, clearance)
            notes = (*case.notes, CaseNote(clean(text), by, now))
            return _save(connection, case, Step("note", "", by, now), notes=notes)

    def set_case_state(
        self,
        key: str,
        state: CaseState,
        *,
        by: str,
        clearance: Tlp = Tlp.RED,
        at: int | None = None,
    ) -> Case:
        """Say how the case stands."""
        now = now_us() if at is None else at
        with self._database.write(_KIND) as connection:
            case = _find(connection, key, clearance)
            return _save(connection, case, Step("state", state, by, now), state=state)


def _find(connection: Connection, key: str, clearance: Tlp) -> Case:
    statement = select(CaseRow.document).where(
        CaseRow.id == clean(key), CaseRow.tlp <= clearance.rank
    )
    document = connection.execute(statement).scalar()
    if document is None:
        raise NotFoundError("knowledge.error.no_case", id=key)
    return _decoder.decode(document)


def _save(connection: Connection, case: Case, step: Step, **values: Any) -> Case:
    history = (*case.history, step)
    fresh = msgspec.structs.replace(
        case, history=history, changed=max(step.at, case.changed), **values
    )
    connection.execute(update(CaseRow).where(CaseRow.id == case.id).values(**_columns(fresh)))
    return fresh


def _columns(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "title": case.title,
        "state": case.state,
        "owner": clean(case.owner),
        "created": case.created,
        "changed": case.changed,
        "tlp": case.tlp.rank,
        "document": clean(_encoder.encode(case).decode()),
    }

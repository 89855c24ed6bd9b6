"""The part of the store that holds assertions: what somebody said of something.

Nothing is changed or taken away: whoever thinks otherwise says something else later.
What holds now is a view of it (`Assertions.standing`: the last word of each source), so
that every value can be traced to who said it, when, and on what evidence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, func, insert, select

from kaname.knowledge import cursors
from kaname.knowledge.fusion_schema import AssertionRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import Page, check_limit
from kaname.knowledge.spelling import clean
from kaname.model.errors import NotFoundError
from kaname.model.ids import stable_id
from kaname.model.marking import Tlp

__all__ = ["Assertion", "Assertions", "subject_of"]

_T = TypeVar("_T")
_KIND = "assertion"
_CHUNK = 500  # within SQLite's bound of variables in a statement
_LONGEST = 400  # of what an index of PostgreSQL takes without trouble


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """What ``source`` says of ``subject``.

    ``subject`` is an artifact's key (`subject_of`) or the id of an entity, an indicator, a
    campaign, a case... ``predicate`` says what is said (verdict, state, merge, member...),
    ``value`` is anything that JSON can say. ``evidence`` are ids of observations or
    findings. Without an ``id``, one is derived from the rest: the same said twice is one.
    """

    source: str
    subject: str
    predicate: str
    value: Any
    at: int
    tlp: Tlp
    confidence: float = 1.0
    evidence: tuple[str, ...] = ()
    note: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            parts = (self.source, self.subject, self.predicate, self.value, self.at)
            said = (self.tlp, self.confidence, self.evidence, self.note)
            msgspec.structs.force_setattr(self, "id", stable_id(_KIND, *parts, *said))


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Assertion)


def subject_of(kind: str, value: str) -> str:
    """The key of an artifact as a subject: ``kind:value``, a long value by its digest."""
    text = f"{kind}:{clean(value)}"
    if len(text) <= _LONGEST:
        return text
    return f"{kind}:sha256:{hashlib.sha256(clean(value).encode()).hexdigest()}"


class Assertions(StorePart):
    """Assertions: appended, read by subject and by predicate."""

    def record(self, assertions: Sequence[Assertion]) -> list[Assertion]:
        """Append what is not there yet, all or nothing; what was new, in order."""
        wanted = {one.id: one for one in assertions}
        with self._database.write("assertions") as connection:
            known = _known(connection, list(wanted))
            fresh = [one for key, one in wanted.items() if key not in known]
            for chunk in _chunks(fresh):
                connection.execute(insert(AssertionRow), [_columns(one) for one in chunk])
        return fresh

    def assertion(self, key: str, *, clearance: Tlp = Tlp.RED) -> Assertion:
        """The assertion with that id.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        statement = select(AssertionRow.document).where(
            AssertionRow.id == clean(key), AssertionRow.tlp <= clearance.rank
        )
        with self._database.read() as connection:
            document = connection.execute(statement).scalar()
        if document is None:
            raise NotFoundError("knowledge.error.no_assertion", id=key)
        return _decoder.decode(document)

    def about(
        self, subject: str, *, predicate: str | None = None, clearance: Tlp = Tlp.RED
    ) -> list[Assertion]:
        """All that was said of ``subject``, in the order in which it was said."""
        conditions = [AssertionRow.subject == clean(subject)]
        if predicate is not None:
            conditions.append(AssertionRow.predicate == predicate)
        return list(self._read(conditions, clearance))

    def every(self, predicate: str, *, clearance: Tlp = Tlp.RED) -> list[Assertion]:
        """All assertions of one predicate, in the order in which they were said."""
        return list(self._read([AssertionRow.predicate == predicate], clearance))

    def standing(
        self,
        predicate: str,
        *,
        subjects: Iterable[str] | None = None,
        clearance: Tlp = Tlp.RED,
    ) -> dict[str, list[Assertion]]:
        """What stands: by subject, the last word of each source, the newest word last.

        ``subjects`` None asks for all of them.
        """
        last: dict[tuple[str, str], Assertion] = {}
        for one in self._of(predicate, subjects, clearance):
            last.pop((one.subject, one.source), None)
            last[one.subject, one.source] = one
        found: dict[str, list[Assertion]] = {}
        for one in last.values():
            found.setdefault(one.subject, []).append(one)
        return found

    def assertions(
        self,
        *,
        subject: str | None = None,
        predicate: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        clearance: Tlp = Tlp.RED,
    ) -> Page[Assertion]:
        """A page of what was said, the newest first.

        Raises:
            UsageError: the cursor is broken.
        """
        check_limit(limit)
        conditions = [AssertionRow.tlp <= clearance.rank]
        if subject is not None:
            conditions.append(AssertionRow.subject == clean(subject))
        if predicate is not None:
            conditions.append(AssertionRow.predicate == predicate)
        page = select(AssertionRow.seq, AssertionRow.document).where(*conditions)
        if cursor is not None:
            (before,) = cursors.decode(cursor, _KIND, cursors.Int64)
            page = page.where(AssertionRow.seq < before)
        page = page.order_by(AssertionRow.seq.desc()).limit(limit + 1)
        count = select(func.count()).select_from(AssertionRow).where(*conditions)
        with self._database.read() as connection:
            rows = connection.execute(page).all()
            total = connection.execute(count).scalar_one()
        items = [_decoder.decode(document) for _, document in rows[:limit]]
        more = len(rows) > limit
        return Page(items, cursors.encode(_KIND, rows[limit - 1].seq) if more else None, total)

    def _of(
        self, predicate: str, subjects: Iterable[str] | None, clearance: Tlp
    ) -> Iterator[Assertion]:
        if subjects is None:
            yield from self._read([AssertionRow.predicate == predicate], clearance)
            return
        wanted = sorted({clean(subject) for subject in subjects})
        for chunk in _chunks(wanted):
            within = [AssertionRow.predicate == predicate, AssertionRow.subject.in_(chunk)]
            yield from self._read(within, clearance)

    def _read(
        self, conditions: Sequence[ColumnElement[bool]], clearance: Tlp
    ) -> Iterator[Assertion]:
        statement = (
            select(AssertionRow.document)
            .where(*conditions, AssertionRow.tlp <= clearance.rank)
            .order_by(AssertionRow.seq)
        )
        with self._database.read() as connection:
            documents = connection.execute(statement).scalars().all()
        return (_decoder.decode(document) for document in documents)


def _known(connection: Connection, keys: list[str]) -> set[str]:
    known: set[str] = set()
    for chunk in _chunks(keys):
        statement = select(AssertionRow.id).where(AssertionRow.id.in_(chunk))
        known.update(connection.execute(statement).scalars())
    return known


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _columns(one: Assertion) -> dict[str, Any]:
    return {
        "id": clean(one.id),
        "at": one.at,
        "source": clean(one.source),
        "subject": clean(one.subject),
        "predicate": clean(one.predicate),
        "tlp": one.tlp.rank,
        "document": clean(_encoder.encode(one).decode()),
    }

"""The part of the store that holds entities: actors, malware, tools, techniques, campaigns.

A name is a claim of an authority ("APT29 is Cozy Bear, says MITRE"), so the same name
may lead to several entities; nothing here decides between them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, tuple_

from kaname.knowledge import cursors
from kaname.knowledge.fusion_schema import EntityNameRow, EntityRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import Page, check_limit
from kaname.knowledge.spelling import clean
from kaname.model.errors import NotFoundError
from kaname.model.marking import Tlp

__all__ = ["Entities", "Entity", "Name", "fold"]

_T = TypeVar("_T")
_KIND = "entities"
_CHUNK = 500  # within SQLite's bound of variables in a statement
_LONGEST = 400


class Name(msgspec.Struct, frozen=True):
    """A name, who uses it, and for what (actor, malware...)."""

    name: str
    authority: str
    scope: str = ""


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of the semantic layer.

    ``external`` is its number in its authority's catalogue (G0016); ``properties`` are
    whatever belongs to its type, ready for JSON.
    """

    id: str
    type: str
    name: str
    authority: str
    changed: int
    tlp: Tlp = Tlp.CLEAR
    external: str = ""
    names: tuple[Name, ...] = ()
    properties: dict[str, Any] = {}


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Entity)
_DROPPED = dict.fromkeys(map(ord, " -_・･.'’"))


def fold(name: str) -> str:
    """The spelling under which a name is looked up: APT-29, apt 29 and APT29 are one."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return clean(folded.translate(_DROPPED) or folded)[:_LONGEST]


class Entities(StorePart):
    """Entities by id, by type and by name."""

    def put(self, entities: Sequence[Entity]) -> int:
        """Keep ``entities`` in place of those with the same ids; how many were new or changed."""
        wanted = {one.id: one for one in entities}
        with self._database.write(_KIND) as connection:
            stored = _documents(connection, list(wanted))
            changed = [
                one for key, one in wanted.items() if stored.get(key) != _columns(one)["document"]
            ]
            for chunk in _chunks(changed):
                keys = [clean(one.id) for one in chunk]
                connection.execute(delete(EntityNameRow).where(EntityNameRow.entity.in_(keys)))
                connection.execute(delete(EntityRow).where(EntityRow.id.in_(keys)))
                connection.execute(insert(EntityRow), [_columns(one) for one in chunk])
                if names := [row for one in chunk for row in _name_rows(one)]:
                    connection.execute(insert(EntityNameRow), names)
        return len(changed)

    def drop(self, keys: Iterable[str]) -> None:
        """Forget entities."""
        with self._database.write(_KIND) as connection:
            for chunk in _chunks([clean(key) for key in keys]):
                connection.execute(delete(EntityRow).where(EntityRow.id.in_(chunk)))

    def entity(self, key: str, *, clearance: Tlp = Tlp.RED) -> Entity:
        """The entity with that id.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        statement = select(EntityRow.document).where(
            EntityRow.id == clean(key), EntityRow.tlp <= clearance.rank
        )
        with self._database.read() as connection:
            document = connection.execute(statement).scalar()
        if document is None:
            raise NotFoundError("knowledge.error.no_entity", id=key)
        return _decoder.decode(document)

    def named(self, name: str, *, clearance: Tlp = Tlp.RED) -> list[Entity]:
        """All entities that some authority calls ``name``, whatever its spelling."""
        statement = (
            select(EntityRow.document)
            .where(EntityRow.id.in_(_called(EntityNameRow.key == fold(name))))
            .where(EntityRow.tlp <= clearance.rank)
            .order_by(EntityRow.id)
        )
        with self._database.read() as connection:
            documents = connection.execute(statement).scalars().all()
        return [_decoder.decode(document) for document in documents]

    def every(self, type_: str, *, clearance: Tlp = Tlp.RED) -> list[Entity]:
        """All entities of a type, by id."""
        statement = (
            select(EntityRow.document)
            .where(EntityRow.type == type_, EntityRow.tlp <= clearance.rank)
            .order_by(EntityRow.id)
        )
        with self._database.read() as connection:
            documents = connection.execute(statement).scalars().all()
        return [_decoder.decode(document) for document in documents]

    def entities(
        self,
        *,
        type_: str | None = None,
        query: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        clearance: Tlp = Tlp.RED,
    ) -> Page[Entity]:
        """A page of entities by name; ``query`` is the beginning of a name, or a number.

        Raises:
            UsageError: the cursor is broken.
        """
        check_limit(limit)
        conditions = _conditions(type_, query, clearance)
        page = select(EntityRow.name, EntityRow.id, EntityRow.document).where(*conditions)
        order = (EntityRow.name, EntityRow.id)
        if cursor is not None:
            page = page.where(tuple_(*order) > tuple_(*cursors.decode(cursor, _KIND, str, str)))
        count = select(func.count()).select_from(EntityRow).where(*conditions)
        with self._database.read() as connection:
            rows = connection.execute(page.order_by(*order).limit(limit + 1)).all()
            total = connection.execute(count).scalar_one()
        items = [_decoder.decode(row.document) for row in rows[:limit]]
        more = len(rows) > limit
        last = rows[limit - 1] if more else None
        return Page(items, cursors.encode(_KIND, last.name, last.id) if last else None, total)


def _called(condition: ColumnElement[bool]) -> Any:
    return select(EntityNameRow.entity).where(condition)


def _conditions(type_: str | None, query: str | None, clearance: Tlp) -> list[ColumnElement[bool]]:
    conditions = [EntityRow.tlp <= clearance.rank]
    if type_ is not None:
        conditions.append(EntityRow.type == type_)
    if query:
        begins = EntityNameRow.key.startswith(fold(query), autoescape=True)
        conditions.append(or_(EntityRow.id == clean(query), EntityRow.id.in_(_called(begins))))
    return conditions


def _documents(connection: Connection, keys: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in _chunks([clean(key) for key in keys]):
        statement = select(EntityRow.id, EntityRow.document).where(EntityRow.id.in_(chunk))
        found.update((row.id, row.document) for row in connection.execute(statement))
    return found


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _columns(one: Entity) -> dict[str, Any]:
    return {
        "id": clean(one.id),
        "type": clean(one.type),
        "name": clean(one.name),
        "authority": clean(one.authority),
        "changed": one.changed,
        "tlp": one.tlp.rank,
        "document": clean(_encoder.encode(one).decode()),
    }


def _name_rows(one: Entity) -> list[dict[str, Any]]:
    """A row for each (folded name, authority), the entity's own name and number first."""
    claims = [Name(one.name, one.authority), *one.names]
    if one.external:
        claims.append(Name(one.external, one.authority))
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for claim in claims:
        key = (fold(claim.name), clean(claim.authority))
        row = {"key": key[0], "authority": key[1], "entity": clean(one.id)}
        rows.setdefault(key, row | {"name": clean(claim.name)})
    return list(rows.values())

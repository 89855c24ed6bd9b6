"""The part of the store that holds STIX objects, by collection, as they came byte for byte.

``added`` (microseconds) is strictly increasing in a collection in the order of commits:
writers of one collection wait for each other, so whoever goes on from the last ``added``
they saw neither misses a row nor sees one twice, however many write at the same instant.

``version`` is the instant of ``modified`` (else ``created``) with at least six decimals
and without the ``Z``, so that text sorts as time; objects without either have none ("").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from kaname.knowledge.fusion_schema import StixCollectionRow, StixObjectRow
from kaname.knowledge.part import StorePart
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

__all__ = ["Collection", "Outcome", "StixFilter", "StixObjects", "Stored", "Version"]

_CHUNK = 400  # within the bound of variables in a statement of SQLite
_FETCH = 500  # rows between two looks at how much a page holds
_COLUMNS = ("collection", "id", "version", "type", "spec", "added", "tlp", "body")


class Collection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A collection of STIX objects.

    ``root`` is the TAXII API root that it is under. ``tlp`` is the marking of objects that
    come without one. ``readers`` and ``writers`` are names of accounts; None means every
    account for reading, and every analyst for writing. A ``concealed`` collection does not
    exist for whoever may neither read nor write it. ``per_audience`` ones hold what each
    clearance may see in a collection of its own (`StixObjects.audience`). ``origin`` says
    where the objects come from: custom, imported or indicators.
    """

    id: str
    title: str
    description: str = ""
    alias: str = ""
    root: str = "kaname"
    media_types: tuple[str, ...] = ("application/stix+json;version=2.1",)
    tlp: Tlp = Tlp.AMBER
    readers: tuple[str, ...] | None = None
    writers: tuple[str, ...] | None = None
    concealed: bool = False
    per_audience: bool = False
    origin: str = "custom"


class Version(msgspec.Struct, frozen=True, gc=False):
    """A version of an object, ready to be kept; made by the million, so never traversed."""

    id: str
    version: str
    type: str
    spec: str
    tlp: int
    body: bytes


class Stored(msgspec.Struct, frozen=True, gc=False):
    """A version as it is kept, without its collection."""

    added: int
    id: str
    version: str
    type: str
    spec: str
    body: bytes


class Outcome(NamedTuple):
    """What became of a batch: positions in it, and the instants given to what is new."""

    added: dict[int, int]
    known: dict[int, bytes]  # same id and version: the bytes that were first


class StixFilter(NamedTuple):
    """What of a collection is asked for (TAXII 2.1, 3.4); empty means any.

    ``versions`` holds "first", "last", "all" or instants spelt as they are stored.
    Without ``specs``, each object counts in the latest specification it is there in.
    """

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str, ...] = ("last",)
    specs: tuple[str, ...] = ()
    after: int = -1  # added later than this, microseconds


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Collection)


class StixObjects(StorePart):
    """Collections, and the versions of objects in them."""

    def put_collection(self, collection: Collection) -> None:
        """Make ``collection``, or change what is said of it."""
        document = _encoder.encode(collection).decode()
        key = StixCollectionRow.id == collection.id
        with self._database.write("stix_collections") as connection:
            done = connection.execute(
                update(StixCollectionRow).where(key).values(document=document)
            )
            if done.rowcount == 0:
                row = {"id": collection.id, "created": now_us(), "document": document}
                connection.execute(insert(StixCollectionRow), row)

    def collection(self, key: str) -> Collection:
        """The collection of that id.

        Raises:
            NotFoundError: there is none.
        """
        statement = select(StixCollectionRow.document).where(StixCollectionRow.id == key)
        with self._database.read() as connection:
            document = connection.execute(statement).scalar()
        if document is None:
            raise NotFoundError("knowledge.error.no_collection", id=key)
        return _decoder.decode(document)

    def collections(self) -> list[Collection]:
        """All collections, by id; those of one audience apart."""
        statement = select(StixCollectionRow.document).order_by(StixCollectionRow.id)
        with self._database.read() as connection:
            found = [_decoder.decode(text) for text in connection.execute(statement).scalars()]
        return [one for one in found if "#" not in one.id]

    def drop_collection(self, key: str) -> None:
        """Remove a collection with all that is in it."""
        with self._database.write(f"stix:{key}") as connection:
            connection.execute(delete(StixObjectRow).where(StixObjectRow.collection == key))
            connection.execute(delete(StixCollectionRow).where(StixCollectionRow.id == key))

    def audience(self, collection: Collection, clearance: Tlp) -> str:
        """The id under which ``collection`` is kept for whoever has ``clearance``."""
        if not collection.per_audience:
            return collection.id
        own = msgspec.structs.replace(
            collection, id=f"{collection.id}#{clearance.value}", per_audience=False
        )
        if not self._has_collection(own.id):
            self.put_collection(own)
        return own.id

    def add(
        self, collection: str, versions: Sequence[Version], *, at: int | None = None
    ) -> Outcome:
        """Keep ``versions``; one that is there already (same id and version) stays as it is.

        One transaction: when this returns, all of it is on disk.

        Args:
            collection: the id of an existing collection.
            versions: in the order in which readers get them; of two with the same id and
                version the first is kept.
            at: the instant of the first, unless the collection has later ones; now.

        Raises:
            ConflictError: there is no such collection.
        """
        if not versions:
            return Outcome({}, {})
        with self._database.write(f"stix:{collection}") as connection:
            _check_collection(connection, collection)
            first = max(now_us() if at is None else at, _last_added(connection, collection) + 1)
            rows = [
                (collection, one.id, one.version, one.type, one.spec, first + n, one.tlp, one.body)
                for n, one in enumerate(versions)
            ]
            count = _insert(connection, rows, self._database.is_sqlite)
            if count == len(rows):
                return Outcome({n: first + n for n in range(len(rows))}, {})
            fresh = _added_since(connection, collection, first)
            missing = [n for n in range(len(rows)) if first + n not in fresh]
            kept = _bodies(connection, collection, [versions[n] for n in missing])
        known = {n: kept[versions[n].id, versions[n].version] for n in missing}
        return Outcome({n: first + n for n in range(len(rows)) if n not in known}, known)

    def page(
        self,
        collection: str,
        wanted: StixFilter,
        *,
        clearance: Tlp,
        limit: int,
        most_bytes: int = 64 << 20,
        bodies: bool = True,
    ) -> tuple[list[Stored], bool]:
        """The next versions that ``wanted`` asks for, oldest first, and whether more follow.

        A page ends after ``limit`` rows, or after the row that makes it ``most_bytes``.
        Without ``bodies`` they are empty. Nothing is counted, so the size of the collection
        does not matter.
        """
        row = StixObjectRow
        body = row.body if bodies else literal_column("''")
        statement = (
            select(row.added, row.id, row.version, row.type, row.spec, body)
            .where(row.collection == collection, *_conditions(collection, wanted, clearance))
            .order_by(row.added)
            .limit(limit + 1)
        )
        with self._database.read() as connection:
            rows = connection.execution_options(stream_results=True).execute(statement)
            found, more = _bounded(rows, limit, most_bytes if bodies else 0)
            rows.close()
        return found, more

    def has(self, collection: str, key: str, *, clearance: Tlp) -> bool:
        """Whether any version of the object is there for ``clearance``."""
        row = StixObjectRow
        statement = select(row.seq).where(
            row.collection == collection, row.id == key, row.tlp <= clearance.rank
        )
        with self._database.read() as connection:
            return connection.execute(statement.limit(1)).first() is not None

    def latest(self, collection: str, keys: Sequence[str]) -> dict[str, bytes]:
        """The newest version of each of those objects that is there, by id."""
        row = StixObjectRow
        found: dict[str, bytes] = {}
        with self._database.read() as connection:
            for start in range(0, len(keys), _CHUNK):
                statement = (
                    select(row.id, row.body)
                    .where(row.collection == collection)
                    .where(row.id.in_(keys[start : start + _CHUNK]))
                    .order_by(row.version)
                )
                found.update((key, bytes(body)) for key, body in connection.execute(statement))
        return found

    def every(self, collection: str, *, clearance: Tlp = Tlp.RED) -> Iterator[Stored]:
        """All versions of all objects, in the order in which they were added."""
        wanted = StixFilter(versions=("all",), specs=("2.0", "2.1"))
        while True:
            rows, more = self.page(collection, wanted, clearance=clearance, limit=5000)
            yield from rows
            if not more:
                return
            wanted = wanted._replace(after=rows[-1].added)

    def remove(self, collection: str, key: str, wanted: StixFilter, *, clearance: Tlp) -> int:
        """Remove the versions of one object that ``wanted`` names; how many there were."""
        row = StixObjectRow
        chosen = wanted._replace(ids=(key,))
        doomed = select(row.seq).where(
            row.collection == collection, *_conditions(collection, chosen, clearance)
        )
        with self._database.write(f"stix:{collection}") as connection:
            numbers = list(connection.execute(doomed).scalars())
            connection.execute(delete(row).where(row.seq.in_(numbers)))
        return len(numbers)

    def _has_collection(self, key: str) -> bool:
        statement = select(StixCollectionRow.id).where(StixCollectionRow.id == key)
        with self._database.read() as connection:
            return connection.execute(statement).first() is not None


def _check_collection(connection: Connection, key: str) -> None:
    statement = select(StixCollectionRow.id).where(StixCollectionRow.id == key)
    if connection.execute(statement).first() is None:
        raise ConflictError("knowledge.error.no_collection", id=key)


def _last_added(connection: Connection, collection: str) -> int:
    statement = select(func.max(StixObjectRow.added)).where(StixObjectRow.collection == collection)
    return connection.execute(statement).scalar() or 0


def _insert(connection: Connection, rows: list[tuple[Any, ...]], is_sqlite: bool) -> int:
    """How many of ``rows`` were new.

    The statement goes to the driver as it is: building one for each row would take longer
    than the rows.
    """
    mark = "?" if is_sqlite else "%s"
    places = ", ".join([mark] * len(_COLUMNS))
    names = ", ".join(_COLUMNS)
    conflict = "ON CONFLICT (collection, id, version) DO NOTHING"
    text = f"INSERT INTO stix_object ({names}) VALUES ({places}) {conflict}"  # noqa: S608 - fixed
    return connection.exec_driver_sql(text, rows).rowcount


def _added_since(connection: Connection, collection: str, first: int) -> set[int]:
    row = StixObjectRow
    statement = select(row.added).where(row.collection == collection, row.added >= first)
    return set(connection.execute(statement).scalars())


def _bodies(
    connection: Connection, collection: str, versions: Sequence[Version]
) -> dict[tuple[str, str], bytes]:
    row = StixObjectRow
    found: dict[tuple[str, str], bytes] = {}
    keys = [one.id for one in versions]
    for start in range(0, len(keys), _CHUNK):
        statement = select(row.id, row.version, row.body).where(
            row.collection == collection, row.id.in_(keys[start : start + _CHUNK])
        )
        for key, version, body in connection.execute(statement):
            found[key, version] = bytes(body)
    return found


def _bounded(rows: Any, limit: int, most_bytes: int) -> tuple[list[Stored], bool]:
    """The rows of one page, and whether there are more."""
    found: list[Stored] = []
    size = 0
    while part := rows.fetchmany(_FETCH):
        for row in part:
            if len(found) == limit or (most_bytes and size >= most_bytes):
                return found, True
            found.append(_stored(row))
            size += len(found[-1].body)
    return found, False


def _stored(row: Any) -> Stored:
    added, key, version, kind, spec, body = row
    return Stored(added, key, version, kind, spec, body if type(body) is bytes else b"")


def _conditions(
    collection: str, wanted: StixFilter, clearance: Tlp
) -> Iterator[ColumnElement[bool]]:
    row = StixObjectRow
    yield row.tlp <= clearance.rank
    if wanted.after >= 0:
        yield row.added > wanted.after
    if wanted.ids:
        yield row.id.in_(wanted.ids)
    if wanted.types:
        yield row.type.in_(wanted.types)
    if wanted.specs:
        yield row.spec.in_(wanted.specs)
    yield _version_condition(collection, wanted, clearance)


def _version_condition(collection: str, wanted: StixFilter, clearance: Tlp) -> ColumnElement[bool]:
    """That a row is one of the versions asked for, among those of its object one may see.

    A newer version that is marked higher must not hide the older one, or its absence
    would tell of it.
    """
    row = StixObjectRow
    other = aliased(StixObjectRow)
    same = and_(other.collection == collection, other.id == row.id, other.tlp <= clearance.rank)
    if wanted.specs:
        same = and_(same, other.spec.in_(wanted.specs))
        return or_(*(_choice(other, same, name) for name in wanted.versions))
    of_spec = and_(same, other.spec == row.spec)
    if wanted.versions == ("last",):  # one look for each row: what clients ask most
        newer = and_(other.spec == row.spec, other.version > row.version)
        return ~exists().where(same, or_(other.spec > row.spec, newer))
    chosen = or_(*(_choice(other, of_spec, name) for name in wanted.versions))
    return and_(~exists().where(same, other.spec > row.spec), chosen)


def _choice(other: Any, same: ColumnElement[bool], name: str) -> ColumnElement[bool]:
    row = StixObjectRow
    if name == "all":
        return row.seq == row.seq
    if name == "last":
        return ~exists().where(same, other.version > row.version)
    if name == "first":
        return ~exists().where(same, other.version < row.version)
    return row.version == name

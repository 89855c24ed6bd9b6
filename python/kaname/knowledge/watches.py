"""The part of the store that holds watches, suppressions, and what was met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from kaname.knowledge import cursors
from kaname.knowledge.fusion_schema import WatchHitRow, WatchRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import Page, check_limit
from kaname.knowledge.spelling import clean
from kaname.knowledge.state import read_state, write_state
from kaname.knowledge.watch_records import Purpose, Watch, WatchHit
from kaname.model.errors import NotFoundError
from kaname.model.marking import Tlp

__all__ = ["Watches"]

_KIND = "watches"
_HITS = "watch-hits"
_VERSION = "intelligence.watches.version"
_LONGEST_SUBJECT = 500

_encoder = msgspec.json.Encoder(order="deterministic")
_watch = msgspec.json.Decoder(Watch)
_hit = msgspec.json.Decoder(WatchHit)


class Watches(StorePart):
    """Watches by id, hits by when they came. A removed watch keeps its hits."""

    def add_watch(self, watch: Watch) -> bool:
        """Add it, or bring a removed one back; False if it is active already as it is."""
        watch = msgspec.structs.replace(watch, value=clean(watch.value), note=clean(watch.note))
        with self._database.write(_KIND) as connection:
            before = _find(connection, watch.id)
            if before is not None:
                watch = msgspec.structs.replace(watch, created=before.created)
            if before == watch:
                return False
            _save(connection, watch, known=before is not None)
            return True

    def remove_watch(self, key: str) -> Watch:
        """End a watch.

        Raises:
            NotFoundError: there is no active one with that id.
        """
        with self._database.write(_KIND) as connection:
            found = _find(connection, key)
            if found is None or found.state == "removed":
                raise NotFoundError("knowledge.error.watch", found=key)
            ended = msgspec.structs.replace(found, state="removed")
            _save(connection, ended, known=True)
            return ended

    def watches(
        self, purposes: Iterable[Purpose] = tuple(Purpose), *, clearance: Tlp = Tlp.RED
    ) -> list[Watch]:
        """Active ones with these purposes, the oldest first."""
        statement = (
            select(WatchRow.document)
            .where(WatchRow.state == "active")
            .order_by(WatchRow.created, WatchRow.id)
        )
        wanted = set(purposes)
        with self._database.read() as connection:
            found = map(_watch.decode, connection.execute(statement).scalars())
            return [w for w in found if w.purpose in wanted and w.tlp.visible_to(clearance)]

    def watch(self, key: str, *, clearance: Tlp = Tlp.RED) -> Watch:
        """The watch with that id, removed ones, too.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        with self._database.read() as connection:
            found = _find(connection, key)
        if found is None or not found.tlp.visible_to(clearance):
            raise NotFoundError("knowledge.error.watch", found=key)
        return found

    def watches_version(self) -> int:
        """Grows with every change of any watch."""
        with self._database.read() as connection:
            return int(read_state(connection, _VERSION) or 0)

    def record(self, hits: Sequence[WatchHit]) -> list[WatchHit]:
        """Keep hits; those that are new, each once."""
        kept: list[WatchHit] = []
        if not hits:
            return kept
        with self._database.write(_HITS) as connection:
            known = _known(connection, [hit.id for hit in hits])
            for hit in hits:
                if hit.id not in known:
                    known.add(hit.id)
                    kept.append(hit)
            if kept:
                connection.execute(insert(WatchHitRow), [_row(hit) for hit in kept])
        return kept

    def hits(
        self,
        *,
        watch: str | None = None,
        unseen: bool = False,
        limit: int = 100,
        cursor: str | None = None,
        clearance: Tlp = Tlp.RED,
    ) -> Page[WatchHit]:
        """A page of hits, the last noticed first.

        Raises:
            UsageError: the cursor is broken.
        """
        check_limit(limit)
        conditions = [WatchHitRow.tlp <= clearance.rank]
        if watch is not None:
            conditions.append(WatchHitRow.watch == clean(watch))
        if unseen:
            conditions.append(WatchHitRow.seen.is_(False))
        count = select(func.count()).select_from(WatchHitRow).where(*conditions)
        page = select(WatchHitRow.seq, WatchHitRow.seen, WatchHitRow.document).where(*conditions)
        if cursor is not None:
            (before,) = cursors.decode(cursor, _HITS, cursors.Int64)
            page = page.where(WatchHitRow.seq < before)
        page = page.order_by(WatchHitRow.seq.desc()).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(page).all()
            total = connection.execute(count).scalar_one()
        items = [
            msgspec.structs.replace(_hit.decode(row.document), seen=row.seen)
            for row in rows[:limit]
        ]
        more = len(rows) > limit
        return Page(items, cursors.encode(_HITS, rows[limit - 1].seq) if more else None, total)

    def mark_seen(self, key: str, *, clearance: Tlp = Tlp.RED) -> None:
        """Somebody has looked at this hit.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        which = (WatchHitRow.id == clean(key), WatchHitRow.tlp <= clearance.rank)
        with self._database.write(_HITS) as connection:
            changed = connection.execute(update(WatchHitRow).where(*which).values(seen=True))
            if changed.rowcount == 0:
                raise NotFoundError("knowledge.error.watch_hit", found=key)


def _find(connection: Connection, key: str) -> Watch | None:
    statement = select(WatchRow.document).where(WatchRow.id == clean(key))
    document = connection.execute(statement).scalar()
    return None if document is None else _watch.decode(document)


def _save(connection: Connection, watch: Watch, *, known: bool) -> None:
    columns = {
        "id": watch.id,
        "owner": watch.owner,
        "kind": watch.kind.value,
        "value": watch.value,
        "state": watch.state,
        "created": watch.created,
        "document": _encoder.encode(watch).decode(),
    }
    if known:
        connection.execute(update(WatchRow).where(WatchRow.id == watch.id).values(columns))
    else:
        connection.execute(insert(WatchRow), columns)
    write_state(connection, _VERSION, int(read_state(connection, _VERSION) or 0) + 1)


def _known(connection: Connection, keys: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), 500):
        part = select(WatchHitRow.id).where(WatchHitRow.id.in_(keys[start : start + 500]))
        found.update(connection.execute(part).scalars())
    return found


def _row(hit: WatchHit) -> dict[str, object]:
    return {
        "id": hit.id,
        "watch": hit.watch,
        "at": hit.at,
        "subject": clean(hit.subject)[:_LONGEST_SUBJECT],
        "seen": hit.seen,
        "tlp": hit.tlp.rank,
        "document": clean(_encoder.encode(hit).decode()),
    }

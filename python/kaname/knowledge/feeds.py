"""The part of the store that holds feeds: what is fetched or delivered, and how it does."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from kaname.knowledge.fusion_schema import FeedRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.spelling import clean
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.instant import day_of, now_us
from kaname.model.marking import Tlp

__all__ = ["Feed", "FeedDay", "FeedRun", "FeedState", "Feeds"]

FeedState = Literal["idle", "running", "failing", "paused"]

_LOCK = "feeds"
_DAYS = 30  # of counts that are kept


class FeedRun(msgspec.Struct, frozen=True, kw_only=True):
    """What one poll brought; ``error`` is a sentence in English, empty when all was well."""

    at: int
    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    error: str = ""


class FeedDay(msgspec.Struct, frozen=True, kw_only=True):
    """What the polls of one day (UTC) brought together."""

    day: str
    polls: int = 0
    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    errors: int = 0


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as the operator configured it, and what its connector remembers.

    ``kind`` names the connector, ``source`` is whom its observations are of. ``every`` is
    in microseconds; 0: only when asked. ``options`` belong to the connector (columns of a
    CSV ...), ``cursor`` is what it goes on from (etag, last id ...), ``failures`` counts the
    polls that failed since one succeeded.
    """

    id: str
    kind: str
    url: str = ""
    path: str = ""
    source: str = ""
    reliability: str = "C"
    licence: str = ""
    tlp: Tlp = Tlp.GREEN
    every: int = 0
    options: dict[str, Any] = {}
    state: FeedState = "idle"
    due: int = 0
    changed: int = 0
    failures: int = 0
    cursor: dict[str, Any] = {}
    last: FeedRun | None = None
    days: tuple[FeedDay, ...] = ()


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Feed)


class Feeds(StorePart):
    """Feeds by id."""

    def add_feed(self, feed: Feed) -> Feed:
        """Keep a new feed.

        Raises:
            ConflictError: there is one with that id.
        """
        fresh = msgspec.structs.replace(feed, changed=now_us())
        with self._database.write(_LOCK) as connection:
            if _stored(connection, feed.id) is not None:
                raise ConflictError("knowledge.error.feed_there", id=feed.id)
            connection.execute(insert(FeedRow), _columns(fresh))
        return fresh

    def feed(self, key: str) -> Feed:
        """The feed with that id.

        Raises:
            NotFoundError: there is none.
        """
        with self._database.read() as connection:
            return _find(connection, key)

    def feeds(self, *, due: int | None = None) -> list[Feed]:
        """All feeds by id; with ``due``, those whose time has come by that instant."""
        statement = select(FeedRow.document).order_by(FeedRow.id)
        if due is not None:
            statement = statement.where(FeedRow.due > 0, FeedRow.due <= due)
            statement = statement.where(FeedRow.state.in_(("idle", "failing")))
        with self._database.read() as connection:
            documents = connection.execute(statement).scalars().all()
        return [_decoder.decode(document) for document in documents]

    def remove_feed(self, key: str) -> None:
        """Forget a feed; what it brought stays.

        Raises:
            NotFoundError: there is none.
        """
        with self._database.write(_LOCK) as connection:
            _find(connection, key)
            connection.execute(delete(FeedRow).where(FeedRow.id == clean(key)))

    def set_feed_state(self, key: str, state: FeedState) -> Feed:
        """Say how the feed stands."""
        with self._database.write(_LOCK) as connection:
            return _save(connection, _find(connection, key), state=state)

    def ran(self, key: str, run: FeedRun, *, cursor: dict[str, Any], due: int) -> Feed:
        """Note what a poll brought, what to go on from, and when the next is due."""
        with self._database.write(_LOCK) as connection:
            feed = _find(connection, key)
            return _save(
                connection,
                feed,
                state="failing" if run.error else "idle",
                failures=feed.failures + 1 if run.error else 0,
                cursor=cursor,
                due=due,
                last=run,
                days=_counted(feed.days, run),
            )


def _counted(days: tuple[FeedDay, ...], run: FeedRun) -> tuple[FeedDay, ...]:
    day = day_of(run.at)
    before = next((one for one in days if one.day == day), FeedDay(day=day))
    fresh = FeedDay(
        day=day,
        polls=before.polls + 1,
        new=before.new + run.new,
        duplicates=before.duplicates + run.duplicates,
        rejected=before.rejected + run.rejected,
        errors=before.errors + bool(run.error),
    )
    others = [one for one in days if one.day != day]
    return tuple(sorted([*others, fresh], key=lambda one: one.day)[-_DAYS:])


def _stored(connection: Connection, key: str) -> Feed | None:
    statement = select(FeedRow.document).where(FeedRow.id == clean(key))
    document = connection.execute(statement).scalar()
    return None if document is None else _decoder.decode(document)


def _find(connection: Connection, key: str) -> Feed:
    found = _stored(connection, key)
    if found is None:
        raise NotFoundError("knowledge.error.no_feed", id=key)
    return found


def _save(connection: Connection, feed: Feed, **values: Any) -> Feed:
    fresh = msgspec.structs.replace(feed, changed=now_us(), **values)
    connection.execute(update(FeedRow).where(FeedRow.id == feed.id).values(**_columns(fresh)))
    return fresh


def _columns(feed: Feed) -> dict[str, Any]:
    return {
        "id": clean(feed.id),
        "kind": clean(feed.kind),
        "state": feed.state,
        "due": feed.due,
        "changed": feed.changed,
        "document": clean(_encoder.encode(feed).decode()),
    }

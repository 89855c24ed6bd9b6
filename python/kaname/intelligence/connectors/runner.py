"""Polling feeds: when they are due, with back-off, counted, and cancelled on request."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from kaname.intelligence.connectors.fetch import Reach
from kaname.intelligence.connectors.frame import Delivery, Rejection
from kaname.intelligence.connectors.registry import connector
from kaname.intelligence.records import Observation
from kaname.knowledge.feeds import Feed, FeedRun, Feeds
from kaname.model.errors import CancelledError, ConflictError, KanameError, UsageError
from kaname.model.instant import DAY, MINUTE, now_us

if TYPE_CHECKING:
    from pathlib import Path

    from kaname.knowledge import Knowledge

__all__ = ["Absorbed", "Polled", "Runner", "checked"]

_log = logging.getLogger(__name__)
_MOST_BACKOFF = DAY
_LEAST_EVERY = MINUTE
_YES = frozenset({True, "true", "yes", "1"})


class Absorbed(Protocol):
    """What became of observations: the store's answer."""

    @property
    def new(self) -> int:
        """How many were not known."""
        ...

    @property
    def duplicates(self) -> int:
        """How many were."""
        ...


class Polled(msgspec.Struct, frozen=True):
    """What a poll brought, and why some of it could not be used."""

    run: FeedRun
    reasons: list[Rejection]


class Runner:
    """Polls the feeds of a store; one poll of a feed at a time.

    ``absorb`` takes observations in, ``retract`` takes back what a source no longer says,
    ``announce`` tells the bus (topic, body). ``data`` is the folder with the keys of this
    nexus, which feeds of peers are sealed with.
    """

    def __init__(
        self,
        feeds: Feeds,
        absorb: Callable[[Sequence[Observation]], Absorbed],
        *,
        retract: Callable[[Sequence[str]], object] = lambda _ids: None,
        announce: Callable[[str, dict[str, Any]], object] = lambda _topic, _body: None,
        knowledge: Knowledge | None = None,
        data: Path | None = None,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self._feeds = feeds
        self._absorb = absorb
        self._retract = retract
        self._announce = announce
        self._knowledge = knowledge
        self._data = data
        self._clock = clock
        self._running: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def run_due(self) -> list[Polled]:
        """Poll every feed whose time has come."""
        return [self.poll(feed.id) for feed in self._feeds.feeds(due=self._clock())]

    def cancel(self, key: str) -> bool:
        """Ask a poll to stop; whether one was running. What it brought so far stays."""
        with self._lock:
            stop = self._running.get(key)
        if stop is not None:
            stop.set()
        return stop is not None

    def poll(self, key: str) -> Polled:
        """Poll one feed now; a failure is in the answer and in the feed's state.

        Raises:
            NotFoundError: there is no such feed.
            ConflictError: it is being polled.
        """
        feed = self._feeds.feed(key)
        stop = self._begin(key)
        try:
            self._feeds.set_feed_state(key, "running")
            return self._finish(feed, *self._take(feed, stop))
        finally:
            with self._lock:
                self._running.pop(key, None)

    def _begin(self, key: str) -> threading.Event:
        with self._lock:
            if key in self._running:
                raise ConflictError("intelligence.error.polling", id=key)
            return self._running.setdefault(key, threading.Event())

    def _take(
        self, feed: Feed, stop: threading.Event
    ) -> tuple[FeedRun, list[Rejection], dict[str, Any]]:
        counts = FeedRun(at=self._clock())
        reasons: list[Rejection] = []
        cursor = feed.cursor
        try:
            for part in self._parts(feed, counts.at, stop):
                counts = self._counted(counts, part)
                reasons += part.reasons
                cursor = part.cursor or cursor
        except KanameError as error:
            failed = error.render("en")
        except Exception as error:  # noqa: BLE001 - a connector may be anybody's
            _log.exception("feed failed", extra={"feed": feed.id})
            failed = f"{type(error).__name__}: {error}"
        else:
            return counts, reasons, cursor
        # What was missed is asked for again, so the cursor stays.
        return msgspec.structs.replace(counts, error=failed), reasons, feed.cursor

    def _parts(self, feed: Feed, now: int, stop: threading.Event) -> Iterator[Delivery]:
        reach = Reach(
            private=feed.options.get("private") in _YES,
            cancelled=stop.is_set,
            knowledge=self._knowledge,
            data=self._data,
        )
        asked = msgspec.structs.replace(feed, options=_own(feed.options))
        for part in connector(feed.kind).poll(asked, reach, now):
            if stop.is_set():
                raise CancelledError("intelligence.error.cancelled")
            yield part

    def _counted(self, counts: FeedRun, part: Delivery) -> FeedRun:
        if part.retracted:
            self._retract(part.retracted)
        done = self._absorb(part.observations) if part.observations else None
        return msgspec.structs.replace(
            counts,
            new=counts.new + (done.new if done else 0),
            duplicates=counts.duplicates + (done.duplicates if done else 0),
            rejected=counts.rejected + part.rejected,
        )

    def _finish(
        self, feed: Feed, run: FeedRun, reasons: list[Rejection], cursor: dict[str, Any]
    ) -> Polled:
        failures = feed.failures + 1 if run.error else 0
        due = run.at + _wait(feed.every, failures) if feed.every else 0
        kept = self._feeds.ran(feed.id, run, cursor=cursor, due=due)
        body = {"feed": feed.id, "state": kept.state, **msgspec.to_builtins(run)}
        self._announce("feed.state", body)
        return Polled(run, reasons)


def checked(feed: Feed) -> Feed:
    """``feed`` with what its connector's manifest gives, ready to be kept.

    Raises:
        NotFoundError: no connector is of that kind.
        UsageError: neither or both of URL and path are given, or it is asked for too often.
    """
    manifest = connector(feed.kind).manifest
    if bool(feed.url) == bool(feed.path) or (feed.url and not manifest.remote):
        raise UsageError("intelligence.error.where", kind=feed.kind)
    if len(feed.reliability) != 1 or feed.reliability not in "ABCDEF":
        raise UsageError("intelligence.error.reliability", found=feed.reliability)
    if 0 < feed.every < _LEAST_EVERY:
        raise UsageError("intelligence.error.often")
    due = now_us() if feed.every else 0
    return msgspec.structs.replace(feed, source=feed.source or feed.id, due=due)


def _own(options: dict[str, Any]) -> dict[str, Any]:
    """The options that are the connector's own."""
    return {key: value for key, value in options.items() if key != "private"}


def _wait(every: int, failures: int) -> int:
    """How long to wait: twice as long after each failure, a day at most."""
    return max(every, min(_MOST_BACKOFF, every * int(2 ** min(failures, 10))))

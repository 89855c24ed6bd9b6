"""The bus: publish and subscribe over a log, with back-pressure and retention."""

from __future__ import annotations

import threading
from pathlib import Path
from time import monotonic
from typing import Any, Self

import msgspec

from kaname.bus.backlog import Backlog
from kaname.bus.log import Durable, Log
from kaname.bus.message import MAX_BODY, check_name, check_pattern, check_topic
from kaname.bus.retention import Retention, trim
from kaname.bus.subscription import Subscription
from kaname.model.errors import ConflictError, LimitError, UnavailableError, UsageError
from kaname.model.instant import now_us

__all__ = ["Bus", "open_bus"]

_REFRESH = 1.0  # seconds after which durables of other processes are looked up again
_GLANCE = 0.1
_TRIM_EVERY = 1000


class Bus:
    """Publish and subscribe; safe to use from several threads. Made by `open_bus`."""

    def __init__(self, log: Log, *, patience: float, retention: Retention) -> None:
        self._log = log
        self._patience = patience
        self._retention = retention
        self._changed = threading.Condition()
        self._backlogs: dict[str, Backlog] = {}
        self._refreshed = -_REFRESH
        self._head = log.span().last
        self._until_trim = _TRIM_EVERY
        self._open: set[Subscription] = set()
        self.trim()

    def publish(self, topic: str, message: dict[str, Any]) -> int:
        """Publish ``message`` (JSON) under ``topic``; its cursor, when it is kept for good.

        Waits while a durable subscriber that selects the topic is ``max_pending`` behind.

        Raises:
            UsageError: the topic is not one, or the body is above `MAX_BODY`.
            LimitError: a subscriber stayed too far behind; nothing was published.
            UnavailableError: the server did not confirm it; it may have been kept or not.
        """
        check_topic(topic)
        body = msgspec.json.encode(message)
        if len(body) > MAX_BODY:
            raise UsageError("bus.error.size", found=len(body), most=MAX_BODY)
        self._wait_for_room(topic)
        cursor = self._log.append(topic, body, now_us())
        with self._changed:
            self._head = max(self._head, cursor)
            self._until_trim -= 1
            due = self._until_trim <= 0
            if due:
                self._until_trim = _TRIM_EVERY
        if due:
            self.trim()
        return cursor

    def subscribe(
        self,
        pattern: str,
        *,
        durable: str | None = None,
        cursor: int | None = None,
        max_pending: int = 1000,
    ) -> Subscription:
        """A subscription to the topics that ``pattern`` selects.

        Args:
            pattern: a topic where ``*`` stands for one word and a last ``>`` for the rest.
            durable: a name under which the bus remembers what was acknowledged.
            cursor: begin behind this cursor (0: the oldest message kept). Without it,
                with what is published from now on. A durable that is known already
                goes on where it was.
            max_pending: how many messages may wait for this subscriber.

        Raises:
            ConflictError: the durable is open in this process already.
        """
        check_pattern(pattern)
        start = self._log.span().last if cursor is None else cursor
        state = Durable(pattern, start, (), max_pending)
        with self._changed:
            if durable is not None:
                state = self._register(durable, state)
            subscription = Subscription(
                self._log,
                pattern,
                state.floor,
                max_pending=max_pending,
                name=durable,
                acked=state.acked,
                on_ack=self._on_ack,
                on_close=self._on_close,
            )
            self._open.add(subscription)
        return subscription

    def forget(self, durable: str) -> None:
        """Forget a durable subscriber that will not come back, so that nothing waits for it."""
        check_name(durable)
        with self._changed:
            self._log.save(durable, None)
            self._backlogs.pop(durable, None)
            self._changed.notify_all()

    def durables(self) -> dict[str, Durable]:
        """All durable subscribers and how far they are."""
        return self._log.durables()

    @property
    def cursor(self) -> int:
        """The cursor of the newest message; 0 when there never was one."""
        return self._log.span().last

    def trim(self) -> None:
        """Forget what is beyond the retention and acknowledged by all durables."""
        trim(self._log, self._retention)

    def close(self) -> None:
        """Close all subscriptions, then the log."""
        for subscription in list(self._open):
            subscription.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _register(self, name: str, wanted: Durable) -> Durable:
        check_name(name)
        if any(subscription.name == name for subscription in self._open):
            raise ConflictError("bus.error.durable_open", name=name)
        known = self._log.durables().get(name)
        if known is not None:
            wanted = msgspec.structs.replace(wanted, floor=known.floor, acked=known.acked)
        self._log.save(name, wanted)
        self._backlogs[name] = Backlog(wanted)
        return wanted

    def _on_ack(self, name: str, state: Durable) -> None:
        self._log.save(name, state)
        with self._changed:
            self._backlogs.setdefault(name, Backlog(state)).state = state
            self._changed.notify_all()

    def _on_close(self, subscription: Subscription) -> None:
        with self._changed:
            self._open.discard(subscription)

    def _wait_for_room(self, topic: str) -> None:
        end = monotonic() + self._patience
        with self._changed:
            self._refresh()
            while (name := self._behind(topic)) is not None:
                if monotonic() >= end:
                    raise LimitError("bus.error.behind", name=name, topic=topic)
                self._changed.wait(_GLANCE)
                self._refresh()

    def _behind(self, topic: str) -> str | None:
        """The name of a durable that has no room for a message of ``topic``."""
        for name, backlog in self._backlogs.items():
            if backlog.selects.fullmatch(topic) and backlog.full(self._log, self._head):
                return name
        return None

    def _refresh(self) -> None:
        """Learn of durables, and of their progress, in other processes."""
        if monotonic() - self._refreshed < _REFRESH:
            return
        self._refreshed = monotonic()
        self._head = max(self._head, self._log.span().last)
        found = self._log.durables()
        for name in set(self._backlogs) - set(found):
            del self._backlogs[name]
        for name, state in found.items():
            known = self._backlogs.get(name)
            if known is None or known.state.pattern != state.pattern:
                self._backlogs[name] = Backlog(state)
            else:
                known.state = state


def open_bus(url: str, *, patience: float = 10.0, retention: Retention | None = None) -> Bus:
    """Open the bus at ``url``.

    Args:
        url: ``journal:///absolute/path/bus.sqlite`` (in process, kept in a file),
            ``memory:`` (in process, kept nowhere) or ``nats://host:port`` (JetStream;
            a path names the stream, "kaname" without).
        patience: seconds to wait for a lock, a server, or a subscriber that is behind.
        retention: how much to keep.

    Raises:
        UsageError: the URL is of no bus that kaname knows.
        UnavailableError: the server does not answer, or its client is not installed.
        StoreError: the journal cannot be opened.
    """
    return Bus(_log(url, patience), patience=patience, retention=retention or Retention())


def _log(url: str, patience: float) -> Log:
    from kaname.bus.journal import Journal

    if url == "memory:":
        return Journal(None)
    if url.startswith("journal:///") and not url.endswith("/"):
        return Journal(Path(url.removeprefix("journal://")), patience=patience)
    if url.startswith(("nats://", "tls://")):
        return _nats(url, patience)
    raise UsageError("bus.error.url")


def _nats(url: str, patience: float) -> Log:
    try:
        from kaname.bus.jetstream import JetStreamLog
    except ModuleNotFoundError as error:
        raise UnavailableError("bus.error.driver", name=error.name) from error
    return JetStreamLog(url, patience=patience)

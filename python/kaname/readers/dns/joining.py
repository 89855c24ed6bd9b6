"""Lines of a query log put together: a query and the response that follows it.

Like captures, but by what a log tells: a query waits five seconds for the response with
the same key, the oldest first. Entries are given in the order in which they began.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator

from kaname.readers.dns.entry import Entry

__all__ = ["MOST_HELD", "PATIENCE_US", "Joiner"]

PATIENCE_US = 5_000_000
MOST_HELD = 200_000
"""Entries held; beyond them the oldest are given though responses may come."""


class Joiner:
    """Takes entries in the order of the log. ``joined`` counts responses with a query."""

    def __init__(self) -> None:
        self._held: deque[Entry] = deque()
        self._waiting: dict[Hashable, deque[Entry]] = {}
        self._clock = 0
        self.joined = 0

    def add(self, entry: Entry) -> None:
        """Take one entry."""
        self._clock = max(self._clock, entry.ts)
        query = self._asked(entry) if entry.response else None
        if query is not None:
            query.answered_by(entry)
            self.joined += 1
            return
        entry.state = "response" if entry.response else "query"
        self._held.append(entry)
        if not entry.response and entry.key is not None:
            self._waiting.setdefault(entry.key, deque()).append(entry)

    def settled(self) -> Iterator[Entry]:
        """Entries that nothing can change any more, in their order."""
        while self._held and (self._is_settled(self._held[0]) or len(self._held) > MOST_HELD):
            yield self._let_go()

    def rest(self) -> Iterator[Entry]:
        """All that is left."""
        while self._held:
            yield self._let_go()

    def _is_settled(self, entry: Entry) -> bool:
        waits = entry.grows or (entry.state == "query" and entry.key is not None)
        return not waits or self._clock - entry.ts > PATIENCE_US

    def _let_go(self) -> Entry:
        entry = self._held.popleft()
        if entry.state == "query" and entry.key is not None:
            queue = self._waiting.get(entry.key)
            if queue and queue[0] is entry:
                self._drop_first(entry.key, queue)
        return entry

    def _asked(self, response: Entry) -> Entry | None:
        """The oldest query that waits for ``response``; older ones have waited too long."""
        queue = self._waiting.get(response.key) if response.key is not None else None
        while queue:
            query = queue[0]
            self._drop_first(response.key, queue)
            if response.ts - query.ts <= PATIENCE_US:
                return query
        return None

    def _drop_first(self, key: Hashable, queue: deque[Entry]) -> None:
        queue.popleft()
        if not queue:
            del self._waiting[key]

"""Running lake queries, so that one can be cancelled by its id."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kaname.model.errors import ConflictError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from kaname.lake import Cancel

__all__ = ["RunningQueries"]

AT_ONCE = 4


class RunningQueries:
    """Queries that run now, by owner and id. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], Cancel] = {}

    @contextmanager
    def running(self, owner: str, query: str) -> Iterator[Cancel]:
        """Hold a place for a query while it runs; ``query`` may be empty.

        Raises:
            ConflictError: the owner has a running query with that id.
            UnavailableError: `AT_ONCE` queries run already.
        """
        from kaname.lake import Cancel

        key = (owner, query or secrets.token_hex(8))
        cancel = Cancel()
        with self._lock:
            if key in self._running:
                raise ConflictError("api.error.query_running", id=query)
            if len(self._running) >= AT_ONCE:
                raise UnavailableError("api.error.too_many_queries", limit=AT_ONCE)
            self._running[key] = cancel
        try:
            yield cancel
        finally:
            with self._lock:
                del self._running[key]

    def cancel(self, owner: str, query: str) -> None:
        """Stop the owner's query.

        Raises:
            NotFoundError: it does not run (any more).
        """
        with self._lock:
            cancel = self._running.get((owner, query))
        if cancel is None:
            raise NotFoundError("api.error.no_query", id=query)
        cancel.set()

    def cancel_all(self) -> None:
        """Stop everything, at the end of the process."""
        with self._lock:
            for cancel in self._running.values():
                cancel.set()

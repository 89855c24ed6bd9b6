"""Databases kept open between queries, as long as the lake does not change.

Opening one costs some 30 ms, which is more than most queries take. A session serves one
query at a time; its views name exactly the files that one clearance is granted at one
generation of the lake, so it is dropped as soon as either differs.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import duckdb

__all__ = ["SessionKey", "Sessions"]

IDLE = 2


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What a session is good for."""

    generation: int
    clearance: Tlp
    memory_mb: int
    tables: tuple[str, ...]


class Sessions:
    """The idle sessions of one open lake. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[SessionKey, duckdb.DuckDBPyConnection]] = []

    @contextlib.contextmanager
    def borrow(
        self, key: SessionKey, make: Callable[[], duckdb.DuckDBPyConnection]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A session for ``key``, made when none is idle; closed when the body fails."""
        connection = self._take(key) or make()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append((key, connection))
            self._drop(lambda _: len(self._idle) > IDLE)

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            self._drop(lambda _: True)

    def _take(self, key: SessionKey) -> duckdb.DuckDBPyConnection | None:
        with self._lock:
            self._drop(lambda other: other.generation != key.generation)
            for index, (other, connection) in enumerate(self._idle):
                if other == key:
                    del self._idle[index]
                    return connection
        return None

    def _drop(self, unfit: Callable[[SessionKey], bool]) -> None:
        """Close unfit sessions, the oldest first, asking anew after each."""
        for entry in list(self._idle):
            if unfit(entry[0]):
                self._idle.remove(entry)
                entry[1].close()

"""The lists in use: read again when a file or an own entry has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from kaname.intelligence.lists.compiled import Lists, Match
from kaname.intelligence.lists.sources import Listing
from kaname.model.records import ArtifactKind

__all__ = ["Library", "list_paths"]

_PATTERNS = ("*.json*", "*.txt*", "*.csv*")
_State = tuple[tuple[str, int, int], ...]


def list_paths(folder: Path) -> list[Path]:
    """The files of lists in a folder, by name; none when it is not there."""
    found = {path for pattern in _PATTERNS for path in folder.glob(pattern) if path.is_file()}
    return sorted(found)


def _state(folder: Path) -> _State:
    states = ((path, path.stat()) for path in list_paths(folder))
    return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in states)


class Library:
    """``current`` is swapped whole: whoever holds an older one goes on with it unharmed."""

    def __init__(self, folder: Path, own: Callable[[], Listing | None] = lambda: None) -> None:
        self._folder = folder
        self._own = own
        self._lock = threading.Lock()
        self._seen: tuple[_State, str] | None = None
        self._current = Lists.load(())
        self.refresh()

    @property
    def current(self) -> Lists:
        """The lists as of the last refresh."""
        return self._current

    def match_many(
        self, kinds: Sequence[ArtifactKind] | None, values: list[str]
    ) -> list[tuple[Match, ...]]:
        """As `Lists.match_many` of the lists as of the last refresh."""
        return self.current.match_many(kinds, values)

    def refresh(self) -> bool:
        """Read all lists again if any has changed; whether it did."""
        with self._lock:
            own = self._own()
            seen = (_state(self._folder), own.digest if own else "")
            if seen == self._seen:
                return False
            self._current = Lists.load(list_paths(self._folder), [own] if own else [])
            self._seen = seen
            return True

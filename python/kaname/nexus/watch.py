"""Watched folders: files are given out once they have stopped growing.

The system tells of changes (`watchfiles`); a scan now and then finds what it failed to
tell, on network drives for example.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kaname.model.errors import UsageError

__all__ = ["Arrivals", "check_folders", "watch"]

QUIET_S = 2.0
_OLD_S = 60.0  # a file last written so long ago is whole when it is first seen
_RESCAN_S = 60.0
_TICK_MS = 500
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp")


def watch(
    folders: Sequence[Path], *, stop: threading.Event, quiet: float = QUIET_S
) -> Iterator[Path]:
    """Files below ``folders``, those there already and those that arrive, each when whole.

    A file that changes later is given out again. Ends when ``stop`` is set.

    Raises:
        UsageError: one of the folders is not there.
    """
    import watchfiles

    check_folders(folders)
    arrivals = Arrivals(quiet)
    next_scan = 0.0
    for changes in watchfiles.watch(
        *folders,
        watch_filter=None,
        stop_event=stop,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        debounce=_TICK_MS,
        ignore_permission_denied=True,
    ):
        arrivals.look(_named(Path(path) for _, path in changes))
        if time.monotonic() >= next_scan:
            arrivals.look(_below(folders))
            next_scan = time.monotonic() + _RESCAN_S
        yield from arrivals.whole()


def check_folders(folders: Iterable[Path]) -> None:
    """Refuse folders that are not there.

    Raises:
        UsageError: naming the first of them.
    """
    for folder in folders:
        if not folder.is_dir():
            raise UsageError("nexus.error.watch_missing", path=folder)


@dataclass(slots=True)
class _Sight:
    """What a file looked like, and since when."""

    size: int
    written_ns: int
    since: float


class Arrivals:
    """Decides when a file is whole: it stayed the same for ``quiet`` seconds."""

    def __init__(self, quiet: float = QUIET_S) -> None:
        self._quiet = quiet
        self._growing: dict[Path, _Sight] = {}
        self._given: dict[Path, tuple[int, int]] = {}

    def look(self, paths: Iterable[Path]) -> None:
        """Take notice of files that are there or changed."""
        for path in paths:
            if path not in self._growing and not _is_unfinished(path):
                self._see(path)

    def whole(self) -> list[Path]:
        """Files that are whole now and were not given out as they are."""
        ready = [path for path in list(self._growing) if self._is_whole(path)]
        for path in ready:
            sight = self._growing.pop(path)
            self._given[path] = (sight.size, sight.written_ns)
        return sorted(ready)

    def _see(self, path: Path) -> None:
        now = _stat(path)
        if now is None or self._given.get(path) == (now.st_size, now.st_mtime_ns):
            return
        old = time.time() - now.st_mtime > _OLD_S
        since = time.monotonic() - (self._quiet if old else 0.0)
        self._growing[path] = _Sight(now.st_size, now.st_mtime_ns, since)

    def _is_whole(self, path: Path) -> bool:
        sight = self._growing[path]
        now = _stat(path)
        if now is None:
            del self._growing[path]
            return False
        if (now.st_size, now.st_mtime_ns) != (sight.size, sight.written_ns):
            self._growing[path] = _Sight(now.st_size, now.st_mtime_ns, time.monotonic())
            return False
        return now.st_size > 0 and time.monotonic() - sight.since >= self._quiet


def _stat(path: Path) -> os.stat_result | None:
    """What the system says of a plain file; None when it is none, or gone."""
    try:
        return path.stat() if path.is_file() else None
    except OSError:
        return None


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith(".") or path.suffix.lower() in _UNFINISHED


def _named(paths: Iterable[Path]) -> Iterator[Path]:
    """The files among ``paths``, and those in new folders: they may be older than the watch."""
    for path in paths:
        if path.is_dir():
            yield from _below([path])
        else:
            yield path


def _below(folders: Iterable[Path]) -> Iterator[Path]:
    """All files below the folders; hidden folders are left out."""
    for folder in folders:
        for top, names, files in os.walk(folder):
            names[:] = [name for name in names if not name.startswith(".")]
            yield from (Path(top) / name for name in files)

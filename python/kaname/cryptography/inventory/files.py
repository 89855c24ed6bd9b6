"""Walks files and folders and gives what each holds to its reader.

A file that cannot be read becomes an item with the reason and the walk goes on. Links are
not followed; what is too large is told and not read; time and depth have limits.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from kaname.cryptography.inventory.archives import (
    ArchiveLimits,
    Opening,
    archive_items,
    archive_kind,
)
from kaname.cryptography.inventory.contents import bytes_items
from kaname.cryptography.inventory.item import Item, add_place, opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["Limits", "file_items", "files_items"]

_SKIPPED: Final = frozenset({".git", "node_modules", "__pycache__", ".venv", ".hg", ".svn"})


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk will spend: bytes of one file, folders deep, files, seconds in all."""

    file_bytes: int = 128 << 20
    depth: int = 32
    files: int = 1_000_000
    seconds: float = 600.0
    archives: ArchiveLimits = ArchiveLimits()


def files_items(
    paths: Iterable[Path],
    *,
    passwords: Sequence[str] = (),
    limits: Limits | None = None,
    now: int | None = None,
    show: Callable[[str, int], None] | None = None,
) -> Iterator[Item]:
    """The items of all ``paths``; equal certificates are told once, at their first place.

    ``show(name, number)`` is told of each file. Where a limit ends the walk, the last item
    is opaque and says so.
    """
    limits = limits or Limits()
    now = time.time_ns() // 1000 if now is None else now
    end = time.monotonic() + limits.seconds
    seen: dict[str, Item] = {}
    for number, (path, refused) in enumerate(_walk(paths, limits.depth)):
        if number >= limits.files or time.monotonic() > end:
            yield opaque(_shown(path), "the limit of files or time was reached here", "walk")
            return
        if show is not None:
            show(path.name, number)
        if refused is not None:
            yield opaque(_shown(path), refused, "walk")
            continue
        for item in file_items(path, passwords=passwords, limits=limits, now=now, end=end):
            if item.kind == "certificate":
                first = seen.setdefault(item.evidence, item)
                if first is not item:
                    add_place(first, item.place)
                    continue
            yield item


def _shown(path: Path) -> str:
    """The path as text that JSON can carry, whatever bytes the file system has in it."""
    return os.fsencode(path).decode("utf-8", "replace")


def _walk(paths: Iterable[Path], depth: int) -> Iterator[tuple[Path, str | None]]:
    for path in paths:
        if path.is_dir():
            yield from _folder(path, depth)
        else:
            yield path, None


def _folder(folder: Path, depth: int) -> Iterator[tuple[Path, str | None]]:
    if depth == 0:
        yield folder, "folders are nested deeper than the limit"
        return
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda one: one.name)
    except OSError as error:
        yield folder, error.strerror or str(error)
        return
    for entry in inside:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED:
                yield from _folder(Path(entry.path), depth - 1)
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path), None


def file_items(
    path: Path,
    *,
    passwords: Sequence[str] = (),
    limits: Limits | None = None,
    now: int,
    end: float | None = None,
) -> Iterator[Item]:
    """The items of one file, of an archive those of all its members.

    ``end`` is when the reading of an archive ends, in seconds of :func:`time.monotonic`.
    """
    limits = limits or Limits()
    end = time.monotonic() + limits.seconds if end is None else end
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return
        with path.open("rb") as file:
            kind = archive_kind(file.read(512))
            file.seek(0)
            if kind is not None:
                opening = Opening(now=now, passwords=passwords, limits=limits.archives, end=end)
                yield from archive_items(file, _shown(path), opening)
                return
            if found.st_size > limits.file_bytes:
                yield opaque(_shown(path), f"{found.st_size} bytes, more than the limit", "file")
                return
            data = file.read()
    except OSError as error:
        yield opaque(_shown(path), error.strerror or str(error), "file")
        return
    yield from bytes_items(data, _shown(path), passwords=passwords, now=now)

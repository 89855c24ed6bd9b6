"""The files that a rotating writer leaves in a folder, in the order of their packets.

Names and times of files mislead (rings of files use names again, copies have new times),
so files are ordered by their first packet. The last one may still be written to: a plain
file is read as it grows, a compressed one when it is whole.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from kaname._native import capture_begin, is_capture
from kaname.readers.containers import DAMAGE, compression, head
from kaname.readers.unpacking import DamagedPackingError, unpacked

__all__ = ["Candidate", "Candidates", "OpenFile", "Read", "is_quiet"]

READ = 1 << 20
_HEADER = 24  # bytes of the shortest header of a capture
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".swp")
_DIGITS = re.compile(r"(\d+)")


class Read(NamedTuple):
    """What is remembered of a file that was read: its first packet, and how it looked."""

    begin: int
    size: int
    written_ns: int


class Candidate:
    """A capture file that was not read yet."""

    def __init__(self, path: Path, begin: int, packing: str | None) -> None:
        self.path = path
        self.begin = begin  # of its first packet, microseconds
        self.packing = packing

    @property
    def order(self) -> tuple[int, list[tuple[int, int, str]]]:
        """By the first packet, then by the numbers in the name."""
        parts = _DIGITS.split(self.path.name)
        return self.begin, [(1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts]


class Candidates:
    """Files of a folder that were not read; what was seen of each is remembered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, tuple[tuple[int, int], Candidate | None]] = {}

    def look(self, done: dict[str, Read]) -> tuple[list[Candidate], list[str]]:
        """Captures in their order; and names of what is no capture at all.

        A name that stands for other packets than before is another file.
        """
        found: list[Candidate] = []
        strange: list[str] = []
        there: set[str] = set()
        for name, told in _files(self._folder):
            there.add(name)
            before, looks = done.get(name), (told.st_size, told.st_mtime_ns)
            if before is not None and before[1:] == looks:
                continue
            candidate = self._examined(name, looks, strange)
            if candidate is not None and (before is None or before.begin != candidate.begin):
                found.append(candidate)
        self._seen = {name: kept for name, kept in self._seen.items() if name in there}
        return sorted(found, key=lambda one: one.order), strange

    def _examined(self, name: str, looks: tuple[int, int], strange: list[str]) -> Candidate | None:
        """The file as a candidate; None when it has no packet yet, or is no capture."""
        seen = self._seen.get(name)
        if seen is not None and seen[0] == looks:
            return seen[1]
        path = self._folder / name
        try:
            start = head(path)
            packing = compression(_raw(path))
        except DAMAGE:
            return None
        if len(start) >= _HEADER and not is_capture(start):
            strange.append(name)
            return None
        begin = capture_begin(start) if start else None
        made = None if begin is None else Candidate(path, begin, packing)
        self._seen[name] = looks, made
        return made


class OpenFile:
    """One file that is being read, from ``offset`` of its decompressed bytes."""

    def __init__(self, candidate: Candidate, offset: int = 0) -> None:
        self.candidate = candidate
        self.path, self.packing = candidate.path, candidate.packing
        self.offset = offset
        self.damage = ""
        self._raw: IO[bytes] = self.path.open("rb")
        self._pieces: Iterator[bytes] | None = None
        if self.packing is None:
            self._raw.seek(offset)
        else:
            self._pieces = _behind(unpacked(self._raw), offset)

    def read(self) -> bytes:
        """The next bytes; none at the end, which a plain file may have only for now."""
        piece = b""
        try:
            piece = self._plain() if self._pieces is None else next(self._pieces, b"")
        except DamagedPackingError as error:
            self.damage = str(error)
        except OSError as error:
            self.damage = error.strerror or str(error)
        self.offset += len(piece)
        return piece

    def _plain(self) -> bytes:
        """The next bytes; a file begins when its header is whole."""
        piece = self._raw.read(READ)
        if self.offset == 0 and len(piece) < _HEADER:
            self._raw.seek(0)
            return b""
        return piece

    def looks(self) -> Read:
        """What is remembered of it when it was read."""
        told = os.fstat(self._raw.fileno())
        return Read(self.candidate.begin, told.st_size, told.st_mtime_ns)

    def was_cut(self) -> bool:
        """Whether the file is shorter now than what was read of it."""
        if self._pieces is not None:
            return False
        return os.fstat(self._raw.fileno()).st_size < self.offset

    def is_gone(self) -> bool:
        """Whether its name stands for another file, or for none."""
        try:
            return self.path.stat().st_ino != os.fstat(self._raw.fileno()).st_ino
        except OSError:
            return True

    def close(self) -> None:
        """Let go of it."""
        self._raw.close()


def is_quiet(path: Path, seconds: float) -> bool:
    """Whether nothing was written to ``path`` for so long."""
    try:
        return time.time() - path.stat().st_mtime >= seconds
    except OSError:
        return True


def _behind(pieces: Iterator[bytes], offset: int) -> Iterator[bytes]:
    """The pieces without the first ``offset`` bytes of them all."""
    for piece in pieces:
        if offset >= len(piece):
            offset -= len(piece)
            continue
        yield piece[offset:]
        offset = 0


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            hidden = entry.name.startswith(".")
            if hidden or entry.name.lower().endswith(_UNFINISHED) or not entry.is_file():
                continue
            with contextlib.suppress(OSError):  # it may be gone by now
                yield entry.name, entry.stat()


def _raw(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)

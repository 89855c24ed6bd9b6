"""Decompressed bytes of a source, piece by piece, up to the byte where damage begins.

gzip (RFC 1952, several members), xz, zstd or none. What was whole before the damage is
given first, then `DamagedPackingError` is raised; so is it when the bytes grow beyond
all measure, as those of a decompression bomb do.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from typing import IO, Self

from kaname.readers.containers import compression

__all__ = ["DamagedPackingError", "unpacked"]

READ = 1 << 18
OUT = 1 << 20
# Text of the field shrinks 5 to 30 times; beyond this it is made to hurt.
MAX_RATIO = 200
RATIO_FROM = 64 << 20
_GZIP_WINDOW = 31  # zlib: expect the header of gzip


class DamagedPackingError(Exception):
    """The compressed stream is damaged, cut, or expands without bound; says which."""


def unpacked(raw: IO[bytes]) -> Iterator[bytes]:
    """Pieces of at most 1 MiB of what ``raw`` holds, decompressed.

    Raises:
        DamagedPackingError: after everything that is whole has been given.
        OSError: ``raw`` cannot be read.
    """
    start = raw.read(READ)
    kind = compression(start)
    if kind is None:
        yield from _plain(start, raw)
        return
    measure = _Measure(raw)
    pieces = _zstd(start, raw) if kind == "zstd" else _members(kind, start, raw)
    for piece in pieces:
        measure.add(len(piece))
        yield piece


class _Measure:
    """How much came out of how much."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._seekable = raw.seekable()
        self._out = 0

    def add(self, size: int) -> None:
        self._out += size
        if not self._seekable or self._out <= RATIO_FROM:
            return
        if self._out > MAX_RATIO * self._raw.tell():
            raise DamagedPackingError(f"expands more than {MAX_RATIO} times")


def _plain(start: bytes, raw: IO[bytes]) -> Iterator[bytes]:
    piece = start
    while piece:
        yield piece
        piece = raw.read(OUT)


def _members(kind: str, start: bytes, raw: IO[bytes]) -> Iterator[bytes]:
    """All members of a gzip or xz file; zeros after the last one are padding."""
    data = start
    while data:
        decoder = _Careful(kind)
        while not decoder.eof:
            yield from decoder.feed(data)
            if not decoder.eof:
                data = raw.read(READ)
                if not data:
                    raise DamagedPackingError(f"{kind} ends early")
        data = (decoder.rest or raw.read(READ)).lstrip(b"\0")
        while not data and (more := raw.read(READ)):
            data = more.lstrip(b"\0")
        if data and compression(data) != kind:
            raise DamagedPackingError(f"{kind} is followed by something else")


class _Careful:
    """One member. On damage the input is given again byte by byte, to get all before it."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._decoder = _decoder(kind)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def rest(self) -> bytes:
        return self._decoder.unused_data

    def feed(self, data: bytes) -> Iterator[bytes]:
        kept = self._decoder.copy() if isinstance(self._decoder, _Gzip) else None
        try:
            whole = self._decoder.decompress(data)
        except (zlib.error, lzma.LZMAError) as error:
            if kept is not None:
                yield from _crawl(kept, data)
            raise DamagedPackingError(f"{self._kind}: {error}") from None
        for at in range(0, len(whole), OUT):
            yield whole[at : at + OUT]


def _crawl(decoder: _Gzip, data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        try:
            piece = decoder.decompress(data[at : at + 1])
        except zlib.error:
            return
        if piece:
            yield piece


class _Gzip:
    """zlib's decoder with the face of that of xz."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(_GZIP_WINDOW)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        return self._inner.decompress(data, max_length)

    def copy(self) -> Self:
        other = type(self)()
        other._inner = self._inner.copy()  # noqa: SLF001 (of the same class)
        return other


def _decoder(kind: str) -> _Gzip | lzma.LZMADecompressor:
    return _Gzip() if kind == "gzip" else lzma.LZMADecompressor(memlimit=1 << 30)


def _zstd(start: bytes, raw: IO[bytes]) -> Iterator[bytes]:
    import pyarrow as pa

    source = pa.CompressedInputStream(pa.PythonFile(_Replayed(start, raw), "r"), "zstd")
    while True:
        try:
            piece = source.read(1 << 16)
        except OSError as error:
            raise DamagedPackingError(f"zstd: {error}") from None
        if not piece:
            return
        yield piece


class _Replayed:
    """A stream of which the first bytes were read already."""

    closed = False

    def __init__(self, start: bytes, raw: IO[bytes]) -> None:
        self._start = start
        self._raw = raw

    def read(self, size: int = -1) -> bytes:
        if not self._start:
            return self._raw.read(size)
        piece, self._start = self._start[:size], self._start[size:]
        return piece

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True

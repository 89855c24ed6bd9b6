"""Compression around a source, told by its magic bytes, never by its name.

A reader whose format is parsed natively undoes the compression itself; `head` serves
detection, and `stream` serves readers written in Python.
"""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import IO, Literal, cast

__all__ = ["DAMAGE", "HEAD", "compression", "head", "stream"]

HEAD = 64 * 1024
# What reading from `stream` raises when the compressed bytes are damaged or cut.
DAMAGE = (OSError, EOFError, lzma.LZMAError, zlib.error)

Compression = Literal["gzip", "xz", "zstd"]

_MAGIC: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)


def compression(start: bytes) -> Compression | None:
    """Which compression a source beginning with ``start`` has, if any."""
    return next((name for magic, name in _MAGIC if start.startswith(magic)), None)


def stream(path: Path) -> IO[bytes]:
    """Open ``path`` for reading, decompressed. Errors of the codec come as it reads."""
    with path.open("rb") as raw:
        kind = compression(raw.read(8))
    if kind == "gzip":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if kind == "xz":
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if kind == "zstd":
        import pyarrow as pa

        return cast("IO[bytes]", pa.input_stream(path, compression="zstd"))
    return path.open("rb")


def head(path: Path) -> bytes:
    """Up to `HEAD` decompressed bytes; of a damaged source what comes before the damage."""
    kept = io.BytesIO()
    try:
        with stream(path) as source:
            while kept.tell() < HEAD and (piece := source.read(4096)):
                kept.write(piece)
    except DAMAGE:
        if kept.tell() == 0 and not path.exists():
            raise
    return kept.getvalue()[:HEAD]

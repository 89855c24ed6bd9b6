"""A source cut into messages: an mbox (RFC 4155, and its quoting variants), or one message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kaname.readers.frame import ReadJob
from kaname.readers.lines import pieces

__all__ = ["MOST_BYTES", "Raw", "is_mbox", "messages"]

MOST_BYTES = 64 << 20

# A separator stands behind an empty line and carries a time of day (asctime).
_SEPARATOR = re.compile(rb"From [^\r\n]*\d:\d\d[^\r\n]*\r?\n")
_EMPTY_LINES = (b"\n\n", b"\n\r\n")
_START = re.compile(rb"From (\S*) +([^\r\n]*\d:\d\d[^\r\n]*)")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LONGEST_SEPARATOR = 1024


@dataclass(frozen=True, slots=True)
class Raw:
    """One message: where it begins, its bytes, and what its mbox separator says."""

    offset: int
    data: bytes
    sender: str | None = None
    date: str | None = None


def is_mbox(start: bytes) -> bool:
    """Whether a source begins with a separator."""
    return _SEPARATOR.match(start) is not None


def messages(job: ReadJob) -> Iterator[Raw]:
    """Every message of the source that is not too long."""
    source = pieces(job)
    first = next(source, b"")
    if is_mbox(first[:_LONGEST_SEPARATOR]):
        for offset, data in _chunks(job, first, source):
            yield _separated(offset, data)
        return
    data = _whole(first, source)
    if len(data) > MOST_BYTES:
        _too_long(job, 0, data)
    elif data:
        yield Raw(0, data)


def _whole(first: bytes, source: Iterator[bytes]) -> bytes:
    held = bytearray(first)
    for piece in source:
        held += piece
        if len(held) > MOST_BYTES:
            break
    return bytes(held)


def _chunks(job: ReadJob, first: bytes, source: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) from one separator to the next."""
    held, base, scanned, too_long = bytearray(first), 0, 1, False
    while True:
        found = _separator(held, scanned)
        if found is None:
            # A separator may be cut: look again a little before the end.
            scanned = max(1, len(held) - _LONGEST_SEPARATOR)
            piece = next(source, None)
            if piece is not None:
                held, base, scanned, too_long = _grown(job, held, base, scanned, too_long, piece)
                continue
        end = len(held) if found is None else found
        if not too_long:
            yield base, bytes(held[:end])
        if found is None:
            return
        del held[:end]
        base, scanned, too_long = base + end, 1, False


def _separator(held: bytearray, scanned: int) -> int | None:
    """Where the next separator begins, from ``scanned`` on."""
    at = scanned - 1
    while (at := held.find(b"\nFrom ", at)) >= 0:
        at += 1
        if held[max(0, at - 3) : at].endswith(_EMPTY_LINES) and _SEPARATOR.match(held, at):
            return at
    return None


def _grown(
    job: ReadJob, held: bytearray, base: int, scanned: int, too_long: bool, piece: bytes
) -> tuple[bytearray, int, int, bool]:
    """The buffer with ``piece``; of a message that is too long the beginning is let go."""
    held += piece
    if len(held) - len(piece) > MOST_BYTES or (too_long and scanned > MOST_BYTES // 64):
        if not too_long:
            _too_long(job, base, held)
        kept = scanned
        del held[:kept]
        return held, base + kept, 1, True
    return held, base, scanned, too_long


def _separated(offset: int, data: bytes) -> Raw:
    line, _, rest = data.partition(b"\n")
    found = _START.match(line)
    sender, date = found.groups() if found else (None, None)
    return Raw(
        offset,
        _QUOTED.sub(rb"\1", rest),
        sender.decode("latin-1").lower() if sender else None,
        date.decode("latin-1") if date else None,
    )


def _too_long(job: ReadJob, offset: int, data: bytes | bytearray) -> None:
    reason = f"a message of more than {MOST_BYTES} bytes"
    job.report.bad(offset, "too_long", reason, bytes(data[:64]))

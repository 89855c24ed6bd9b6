r"""Lines of a text source, decompressed, each with its byte offset.

The frame of every reader of text: `blocks` gives whole lines as bytes for readers that
split columns at once, `lines` gives them as text one by one. Both keep the report's
progress, look for a request to stop, and count what they cannot give:

- a line of more than `MAX_LINE` bytes: one record with outcome ``too_long``;
- compressed bytes that are damaged: a problem; what came before is given;
- invalid UTF-8 and NUL: escaped as ``\xNN``, note ``escaped``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import IO

from kaname.model.errors import InputError
from kaname.readers.frame import ReadJob
from kaname.readers.unpacking import DamagedPackingError, unpacked

__all__ = ["BOM", "MAX_LINE", "blocks", "lines", "pieces", "text_of"]

MAX_LINE = 1 << 20
BLOCK = 4 << 20
BOM = b"\xef\xbb\xbf"


def pieces(job: ReadJob) -> Iterator[bytes]:
    """Decompressed bytes of the source as they come; damage becomes a problem of the report.

    Raises:
        InputError: the source cannot be opened or read.
        CancelledError: somebody asked to stop.
    """
    given = 0
    try:
        with _opened(job) as raw:
            for piece in unpacked(raw):
                job.check()
                job.report.bytes_read = _position(raw, given + len(piece))
                yield piece
                given += len(piece)
    except DamagedPackingError as error:
        job.report.problem(given, str(error))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("readers.error.open", path=job.path or "-", reason=reason) from None


@contextlib.contextmanager
def _opened(job: ReadJob) -> Iterator[IO[bytes]]:
    if job.path is None:
        with os.fdopen(0 if job.fd is None else job.fd, "rb", closefd=False) as stream:
            yield stream
        return
    with job.path.open("rb") as file:
        yield file


def _position(raw: IO[bytes], given: int) -> int:
    return raw.tell() if raw.seekable() else given


def blocks(job: ReadJob, size: int = BLOCK) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of about ``size`` bytes that end with a line; the last may lack its end.

    No line in them is longer than `MAX_LINE`.
    """
    start, rest, dropped = 0, b"", 0
    for piece in _gathered(job, size):
        whole = rest + piece
        if dropped:  # inside a line that is too long already
            end = whole.find(b"\n") + 1
            if not end:
                rest, dropped = _capped(whole, dropped)
                continue
            _too_long(job, start, whole)
            whole, start, dropped = whole[end:], start + dropped + end, 0
        end = whole.rfind(b"\n") + 1
        yield from _without_long(job, start, whole[:end])
        start += end
        rest, dropped = _capped(whole[end:], 0)
    if dropped:
        _too_long(job, start, rest)
    else:
        yield from _without_long(job, start, rest)


def _gathered(job: ReadJob, size: int) -> Iterator[bytes]:
    """Pieces put together to at least ``size`` bytes, but for the last."""
    held: list[bytes] = []
    for piece in pieces(job):
        held.append(piece)
        if sum(map(len, held)) >= size:
            yield b"".join(held)
            held = []
    yield b"".join(held)


def _capped(rest: bytes, dropped: int) -> tuple[bytes, int]:
    """The beginning of a line without its end so far, and how many bytes were let go."""
    over = len(rest) - MAX_LINE - 1
    return (rest[: MAX_LINE + 1], dropped + over) if over > 0 else (rest, dropped)


def _without_long(job: ReadJob, start: int, block: bytes) -> Iterator[tuple[int, bytes]]:
    """The block, cut around lines that are too long."""
    if not block:
        return
    if len(block) <= MAX_LINE:
        yield start, block
        return
    good = at = 0
    while at < len(block):
        # The last line end within reach; when there is none, the line is too long.
        reach = block.rfind(b"\n", at, at + MAX_LINE + 1) + 1
        if reach:
            at = reach
            continue
        if len(block) - at <= MAX_LINE:
            break
        end = block.find(b"\n", at) + 1 or len(block)
        if at > good:
            yield start + good, block[good:at]
        _too_long(job, start + at, block[at:end])
        good = at = end
    if good < len(block):
        yield start + good, block[good:]


def _too_long(job: ReadJob, offset: int, data: bytes) -> None:
    job.report.bad(offset, "too_long", f"a line of more than {MAX_LINE} bytes", data[:64])


def lines(job: ReadJob) -> Iterator[tuple[int, str]]:
    """(byte offset, text without its line end) of every line that is not too long."""
    for start, block in blocks(job):
        mark = len(BOM) if start == 0 and block.startswith(BOM) else 0
        offset, end = start + mark, start + len(block)
        for raw in block[mark:].split(b"\n"):
            if raw:
                yield offset, text_of(raw.removesuffix(b"\r"), job)
            elif offset < end:
                yield offset, ""
            offset += len(raw) + 1


def text_of(raw: bytes, job: ReadJob) -> str:
    r"""``raw`` as text; bytes that are not UTF-8, and NUL, as ``\xNN``."""
    try:
        text = raw.decode()
        if "\0" not in text:
            return text
    except UnicodeDecodeError:
        text = raw.decode(errors="backslashreplace")
    notes = job.report.notes
    notes["escaped"] = notes.get("escaped", 0) + 1
    return text.replace("\0", "\\x00")

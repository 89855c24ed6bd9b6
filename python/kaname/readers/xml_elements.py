"""Elements of one name cut out of a source, each with its offset: XML lines, or a long list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kaname.readers.frame import ReadJob
from kaname.readers.lines import MAX_LINE, pieces
from kaname.readers.xml_tree import BadXmlError, Node, parse

__all__ = ["elements"]

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_KEEP = 16  # bytes that may be the beginning of a tag


def elements(job: ReadJob, name: str) -> Iterator[tuple[int, Node]]:
    """(offset, element) of every element ``name``; those that cannot be read are counted.

    Elements of that name are not looked for inside each other. An element of more than
    1 MiB is counted as ``too_long``.
    """
    for offset, raw in _raw(job, name.encode()):
        try:
            yield offset, parse(raw)
        except BadXmlError as error:
            job.report.bad(offset, "malformed", str(error), raw[:64])


def _raw(job: ReadJob, name: bytes) -> Iterator[tuple[int, bytes]]:
    begin, end = re.compile(rb"<" + name + rb"[\s>/]"), b"</" + name + b">"
    held, base = b"", 0
    for piece in _utf8(pieces(job)):
        held += piece
        at = 0
        while found := begin.search(held, at):
            close = held.find(end, found.start())
            if close < 0:
                at = found.start()
                break
            close += len(end)
            yield base + found.start(), held[found.start() : close]
            at = close
        else:
            at = max(at, len(held) - _KEEP)
        held, base = held[at:], base + at
        if len(held) > MAX_LINE:
            job.report.bad(base, "too_long", f"no end within {MAX_LINE} bytes", held[:64])
            held, base = held[len(held) - _KEEP :], base + len(held) - _KEEP
    if begin.match(held):
        job.report.bad(base, "cut", "the source ends inside an element", held[:64])


def _utf8(source: Iterator[bytes]) -> Iterator[bytes]:
    """Windows exports in UTF-16; offsets are then those of the text in UTF-8."""
    first = next(source, b"")
    if not first.startswith(_UTF16):
        yield first
        yield from source
        return
    import codecs

    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    yield decoder.decode(first).encode()
    for piece in source:
        yield decoder.decode(piece).encode()

r"""JSON documents of a source, each with its byte offset and decoded to a type.

One document a line (NDJSON), one array of documents, or documents one after another
however they are laid out. A document of more than 1 MiB or deeper than 64 levels is
counted (``too_long``, ``too_deep``), one that is no JSON or not of the type as
``malformed``. Invalid UTF-8 and NUL become ``\xNN`` (note ``escaped``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import TypeVar

import msgspec

from kaname.readers.frame import ReadJob
from kaname.readers.lines import BOM, MAX_LINE, blocks, pieces

__all__ = ["MAX_DEPTH", "decode", "decoded", "documents", "first_document"]

MAX_DEPTH = 64
T = TypeVar("T")

# Brackets, and strings, which end with their line at the latest (RFC 8259, section 7).
_STRUCTURE = re.compile(rb'[{}\[\]]|"(?:[^"\\\n]|\\.)*"?')
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)(?:\\u0000|\x00)")
_SPACE = b" \t\r\n,"


def decoded(job: ReadJob, decoder: msgspec.json.Decoder[T]) -> Iterator[tuple[int, T]]:
    """(offset, value) of every document that is one; the others are counted in the report.

    The caller counts what becomes of the values it is given.
    """
    for offset, raw in documents(job):
        value = decode(job, decoder, offset, raw)
        if value is not None:
            yield offset, value


def decode(job: ReadJob, decoder: msgspec.json.Decoder[T], offset: int, raw: bytes) -> T | None:
    """The document ``raw``; None when it was counted as damaged."""
    if _too_deep(raw):
        job.report.bad(offset, "too_deep", f"nested deeper than {MAX_DEPTH} levels", raw[:64])
        return None
    try:
        return decoder.decode(raw if b"\\u0000" not in raw else _NUL.sub(_escaped_nul, raw))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _repaired(job, decoder, offset, raw, str(error))


def _repaired(
    job: ReadJob, decoder: msgspec.json.Decoder[T], offset: int, raw: bytes, reason: str
) -> T | None:
    """Once more with the bytes escaped that may not be in JSON."""
    plain = raw.decode(errors="backslashreplace").encode() if not _is_utf8(raw) else raw
    if plain is not raw:  # the escapes are text, so their backslash is escaped itself
        plain = re.sub(rb"\\(x[0-9a-f]{2})", rb"\\\\\1", plain)
    plain = _NUL.sub(_escaped_nul, plain)
    try:
        if plain != raw:
            value = decoder.decode(plain)
            job.report.notes["escaped"] = job.report.notes.get("escaped", 0) + 1
            return value
    except msgspec.DecodeError as error:
        reason = str(error)
    job.report.bad(offset, "malformed", reason, raw[:64])
    return None


def _escaped_nul(found: re.Match[bytes]) -> bytes:
    return found.group(1) + rb"\\x00"


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _too_deep(raw: bytes) -> bool:
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for found in _STRUCTURE.finditer(raw):
        depth += _step(found.group())
        if depth > MAX_DEPTH:
            return True
    return False


def _step(token: bytes) -> int:
    return 1 if token in b"{[" else -1 if token in b"}]" else 0


def documents(job: ReadJob) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of every document, undecoded."""
    source = pieces(job)
    start = next(source, b"")
    if _one_a_line(start):
        source.close()  # type: ignore[attr-defined] # a generator
        yield from _lines(job)
    else:
        yield from _scanned(job, chain([start], source))


def first_document(head: bytes) -> bytes | None:
    """The first whole document of a source that begins with ``head``, for detection."""
    text = head.removeprefix(BOM).lstrip()
    if not text.startswith((b"{", b"[")):
        return None
    if text.startswith(b"["):
        text = text[1:].lstrip()
    end = _end_of(text)
    return text[:end] if end else None


def _one_a_line(start: bytes) -> bool:
    """Whether the first line is a whole document that is no array."""
    text = start.removeprefix(BOM).lstrip()
    line = text.partition(b"\n")[0].rstrip()
    return not text.startswith(b"[") and (not line.startswith(b"{") or line.endswith(b"}"))


def _end_of(text: bytes) -> int:
    """Where the document that begins ``text`` ends; 0 when it does not end there."""
    depth = 0
    for found in _STRUCTURE.finditer(text):
        depth += _step(found.group())
        if depth == 0:
            return found.end()
    return 0


def _lines(job: ReadJob) -> Iterator[tuple[int, bytes]]:
    for start, block in blocks(job):
        offset = start
        for raw in block.split(b"\n"):
            line = raw.strip().removeprefix(BOM)
            if line.startswith(b"{") and (b"}{" in line or b"} {" in line):
                yield from _split(offset, line)
            elif line:
                yield offset, line
            offset += len(raw) + 1


def _split(offset: int, line: bytes) -> Iterator[tuple[int, bytes]]:
    """Several documents in one line; what is no whole document is given as it is."""
    at = 0
    while at < len(line):
        end = _end_of(line[at:])
        end = at + end if end else len(line)
        yield offset + at, line[at:end]
        at = end
        while at < len(line) and line[at] in _SPACE:
            at += 1


def _scanned(job: ReadJob, source: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Documents told apart by their brackets: elements of an array, or free-standing ones.

    One whose brackets do not match ends where a line begins another like it.
    """
    held, offset = b"", 0
    for piece in source:
        held += piece
        used, found = _whole(held, offset)
        yield from found
        held, offset = held[used:], offset + used
        while len(held) > MAX_LINE:
            cut = _next_like_it(held)
            job.report.bad(offset, "too_long", f"no end within {MAX_LINE} bytes", held[:64])
            used, found = _whole(held[cut:], offset + cut)
            yield from found
            held, offset = held[cut + used :], offset + cut + used
    while held.strip(_SPACE + b"[]").removeprefix(BOM):
        cut = _next_like_it(held)
        yield offset, held[:cut].strip(_SPACE).removeprefix(BOM)
        used, found = _whole(held[cut:], offset + cut)
        yield from found
        held, offset = held[cut + used :], offset + cut + used


def _next_like_it(held: bytes) -> int:
    """Where a line begins as the document at the head of ``held`` does; else the end."""
    begin = held.find(b"{")
    if begin < 0:
        return len(held)
    line = held.rfind(b"\n", 0, begin) + 1
    indent = held[line:begin] if not held[line:begin].strip() else b""
    found = held.find(b"\n" + indent + b"{", begin)
    return found + 1 if found >= 0 else len(held)


def _whole(held: bytes, offset: int) -> tuple[int, list[tuple[int, bytes]]]:
    """How many bytes are dealt with, and the whole documents in them."""
    found, begin, depth, used = [], 0, 0, 0
    for match in _STRUCTURE.finditer(held):
        step = _step(match.group())
        if depth == 0:
            if match.group() != b"{":
                continue  # brackets of the array itself, and stray text
            begin = match.start()
        depth += step
        if depth == 0:
            if match.group() != b"}":
                break  # a bracket is missing before; see `_next_like_it`
            used = match.end()
            found.append((offset + begin, held[begin:used]))
    return used, found

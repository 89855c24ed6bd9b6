"""Files and messages of STIX as single objects, each the bytes that it came as.

Bundles, TAXII envelopes, lists, one object, or one object a line; plain, gzip, xz or
zstd. Whole documents are split by a decoder that copies nothing; one that is damaged is
split at its brackets instead, so that everything around the damage is kept.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from kaname.intelligence.stix.reasons import Flaw
from kaname.model.errors import InputError, LimitError

__all__ = ["MOST_PLAIN", "Part", "split", "uncompressed"]

MOST_PLAIN = 1 << 30  # bytes of one document
_STEP = 1 << 20
_MAGIC = {b"\x1f\x8b": "gz", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}
_LIST = re.compile(rb'"objects"\s*:\s*\[')
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_BREAKS = re.compile(rb"\}\s*\n\s*\{")


class Part(msgspec.Struct, frozen=True, gc=False):
    """One object of a document: where it stands, and its bytes or what became of them."""

    pointer: str
    raw: bytes
    flaw: Flaw | None = None


class _Document(msgspec.Struct):
    """A bundle or an envelope; an object has no ``objects``, or not as a list."""

    objects: list[msgspec.Raw]


_document = msgspec.json.Decoder(_Document)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def uncompressed(data: bytes, name: str, *, most: int = MOST_PLAIN) -> bytes:
    """``data`` without its compression, told by its first bytes; a torn end is left off.

    Raises:
        LimitError: it is larger than ``most``.
        InputError: nothing of it can be decompressed.
    """
    form = next((form for magic, form in _MAGIC.items() if data.startswith(magic)), None)
    if form is None:
        return data
    out = io.BytesIO()
    try:
        with _opened(data, form) as source:
            while piece := source.read1(_STEP):
                out.write(piece)
                if out.tell() > most:
                    raise LimitError(
                        "intelligence.stix.error.too_large", name=name, most=most >> 20
                    )
    except (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError) as error:
        if not out.tell():
            raise InputError(
                "intelligence.stix.error.compressed", name=name, reason=error
            ) from None
    return out.getvalue()


def _opened(data: bytes, form: str) -> Any:
    """A stream whose ``read1`` gives what there is, also before a torn end."""
    if form == "gz":
        return gzip.GzipFile(fileobj=io.BytesIO(data))
    if form == "xz":
        return lzma.LZMAFile(io.BytesIO(data))
    import pyarrow as pa

    return pa.CompressedInputStream(pa.BufferReader(data), "zstd")


def split(data: bytes, name: str = "input") -> Iterator[Part]:
    """The objects of ``data``, which is plain, in their order.

    Raises:
        InputError: it is not UTF-8, or nothing in it is like an object.
    """
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise InputError("intelligence.stix.error.encoding", name=name, at=error.start) from None
    body = data.removeprefix(b"\xef\xbb\xbf").strip()
    parts = _whole(body)
    if parts is None:
        parts = _damaged(body)
    first = next(parts, None)
    if first is None:
        if _is_empty(body):
            return
        raise InputError("intelligence.stix.error.not_stix", name=name)
    yield first
    yield from parts


def _whole(body: bytes) -> Iterator[Part] | None:
    """The objects of a document without damage; None of any other."""
    try:
        if body.startswith(b"["):
            return _numbered("", _list.decode(body))
        return _numbered("/objects", _document.decode(body).objects)
    except msgspec.ValidationError:
        return None if _BREAKS.search(body) else iter((Part("", body),)) if body else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _numbered(where: str, raws: list[msgspec.Raw]) -> Iterator[Part]:
    for number, raw in enumerate(raws):
        yield Part(f"{where}/{number}", bytes(raw))


def _is_empty(body: bytes) -> bool:
    """Whether it is a document that says that there is nothing."""
    try:
        return not (_list.decode(body) if body.startswith(b"[") else _document.decode(body).objects)
    except msgspec.MsgspecError:
        return False


def _damaged(body: bytes) -> Iterator[Part]:
    """The objects between the brackets of something that cannot be decoded as a whole."""
    match = _LIST.search(body, 0, 4096) if body.startswith(b"{") else None
    if match is not None:
        return _bracketed(body, match.end(), "/objects")
    if body.startswith(b"["):
        return _bracketed(body, 1, "")
    return _lines(body)


def _bracketed(body: bytes, start: int, where: str) -> Iterator[Part]:
    number = depth = begin = 0
    for token in _TOKEN.finditer(body, start):
        mark = token[0]
        if mark in b"{[":
            if depth == 0:
                begin = token.start()
            depth += 1
        elif mark in b"}]":
            depth -= 1
            if depth < 0:
                return
            if depth == 0:
                yield Part(f"{where}/{number}", body[begin : token.end()])
                number += 1
    if depth > 0:
        yield Part(f"{where}/{number}", body[begin:], Flaw("", "truncated", {}))


def _lines(body: bytes) -> Iterator[Part]:
    """One object a line; the pointer is the number of the line, from 0."""
    for number, line in enumerate(body.split(b"\n")):
        if text := line.strip():
            if not text.startswith(b"{"):
                flaw = Flaw("", "malformed", {"found": text[:40].decode("utf-8", "replace")})
                yield Part(f"/{number}", text, flaw)
            else:
                yield Part(f"/{number}", text)

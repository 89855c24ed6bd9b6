"""A source that is one JSON document, or an array or lines of them, read whole.

For formats whose documents are larger than a line may be: crawls, feeds, events.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from kaname.readers.frame import ReadJob
from kaname.readers.json_lines import decode
from kaname.readers.lines import BOM, pieces

__all__ = ["MOST_BYTES", "objects"]

MOST_BYTES = 256 << 20
_ANY = msgspec.json.Decoder(object)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


def objects(job: ReadJob) -> Iterator[tuple[int, dict[str, Any]]]:
    """(offset, object) of every document; what is none is counted as ``malformed``.

    Members of an array have the offset at which they stand.
    """
    data = _all(job)
    if data is None:
        return
    for offset, raw in _documents(data):
        value = decode(job, _ANY, offset, raw)
        if isinstance(value, dict):
            yield offset, value
        elif value is not None:
            job.report.bad(offset, "malformed", "no JSON object", raw[:64])


def _all(job: ReadJob) -> bytes | None:
    held = bytearray()
    for piece in pieces(job):
        held += piece
        if len(held) > MOST_BYTES:
            job.report.bad(0, "too_long", f"more than {MOST_BYTES} bytes", bytes(held[:64]))
            return None
    return bytes(held).removeprefix(BOM)


def _documents(data: bytes) -> Iterator[tuple[int, bytes]]:
    start = data.lstrip()
    if start.startswith(b"["):
        members = _members(data)
        if members is not None:
            yield from members
            return
    if not start.startswith(b"{") or _is_one(data):
        yield 0, data
        return
    offset = 0
    for line in data.split(b"\n"):
        if line.strip():
            yield offset, line
        offset += len(line) + 1


def _members(data: bytes) -> list[tuple[int, bytes]] | None:
    try:
        raws = _RAWS.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None
    found, at = [], 0
    for raw in raws:
        text = bytes(raw)
        at = data.find(text, at)
        found.append((at, text))
        at += len(text)
    return found


def _is_one(data: bytes) -> bool:
    """Whether it is one document; broken ones are, unless their first line is one."""
    line = data.lstrip().partition(b"\n")[0].rstrip()
    return not (line.endswith(b"}") and len(line) < len(data.strip()) and _is_json(line))


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True

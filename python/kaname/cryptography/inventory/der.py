"""The little of DER (X.690) that is wanted where a library refuses: tags, lengths, OIDs."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DerError", "Element", "children", "element", "object_identifier"]


class DerError(ValueError):
    """The bytes are no DER; the text says where and why."""


class Element(NamedTuple):
    """One element: its tag, where its content begins and ends, in the bytes it came from."""

    tag: int
    start: int
    end: int


def element(data: bytes, offset: int, limit: int) -> Element:
    """The element at ``offset``, which must end by ``limit``."""
    if offset + 2 > limit:
        raise DerError(f"an element is cut off at byte {offset}")
    tag, length, start = data[offset], data[offset + 1], offset + 2
    if length >= 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4 or start + octets > limit:
            raise DerError(f"the length at byte {offset + 1} is not definite")
        length = int.from_bytes(data[start : start + octets], "big")
        start += octets
    if start + length > limit:
        raise DerError(f"the element at byte {offset} says {length} bytes, fewer are there")
    return Element(tag, start, start + length)


def children(data: bytes, parent: Element | None = None) -> list[Element]:
    """The elements inside ``parent`` (the whole ``data`` without one)."""
    offset, limit = (0, len(data)) if parent is None else (parent.start, parent.end)
    found = []
    while offset < limit:
        one = element(data, offset, limit)
        found.append(one)
        offset = one.end
    return found


def object_identifier(content: bytes) -> str:
    """The dotted form of an OBJECT IDENTIFIER's ``content``."""
    if not content or len(content) > 64:
        raise DerError("an object identifier of no or too many bytes")
    arcs, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            arcs.append(value)
            value = 0
    if not arcs or content[-1] >= 0x80:
        raise DerError("an object identifier is cut off")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))

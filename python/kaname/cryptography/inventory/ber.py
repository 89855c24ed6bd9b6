"""BER with indefinite lengths (X.690, 8.1.3.6) made into definite ones.

Mail programs and streams write PKCS#7 so, and some browsers PKCS#12; the readers of DER
take neither. Strings in pieces (constructed OCTET STRINGs, 8.7.3) are put together.
"""

from __future__ import annotations

from typing import Final

from kaname.cryptography.inventory.der import DerError

__all__ = ["definite", "is_indefinite"]

_DEPTH: Final = 32
_ELEMENTS: Final = 200_000
_OCTETS, _PIECES = 0x04, 0x24


def is_indefinite(data: bytes) -> bool:
    """Whether ``data`` begins with a constructed element of indefinite length."""
    return len(data) > 1 and data[0] & 0x20 != 0 and data[1] == 0x80


def definite(data: bytes) -> bytes:
    """The first element of ``data`` with definite lengths all through.

    Raises :class:`DerError` where it is cut off, or nested or long beyond the limits.
    """
    made, _ = _element(data, 0, 0, [_ELEMENTS])
    return made


def _element(data: bytes, at: int, depth: int, left: list[int]) -> tuple[bytes, int]:
    left[0] -= 1
    if depth > _DEPTH or left[0] < 0:
        raise DerError(f"nested or long beyond the limits at byte {at}")
    if at + 2 > len(data):
        raise DerError(f"an element is cut off at byte {at}")
    tag, (length, start) = data[at], _length(data, at + 1)
    if length is None:
        if not tag & 0x20:
            raise DerError(f"a primitive of indefinite length at byte {at}")
        return _inside(data, start, (depth, tag, None), left)
    end = start + length
    if end > len(data):
        raise DerError(f"the element at byte {at} says {length} bytes, fewer are there")
    if tag & 0x20:
        return _inside(data, start, (depth, tag, end), left)
    return _head(tag, length) + data[start:end], end


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    """The length at ``at`` (None: indefinite) and where the content begins."""
    length = data[at]
    if length <= 0x80:
        return (length if length < 0x80 else None), at + 1
    octets = length & 0x7F
    start = at + 1 + octets
    if octets > 4 or start > len(data):
        raise DerError(f"the length at byte {at} is too long")
    return int.from_bytes(data[at + 1 : start], "big"), start


def _inside(
    data: bytes, at: int, of: tuple[int, int, int | None], left: list[int]
) -> tuple[bytes, int]:
    """What stands inside a constructed element up to ``end``, or up to its end-of-contents."""
    depth, tag, end = of
    parts: list[bytes] = []
    while at < end if end is not None else data[at : at + 2] != b"\0\0":
        one, at = _element(data, at, depth + 1, left)
        parts.append(one)
    if tag == _PIECES:
        content = b"".join(_content(one) for one in parts)
        return _head(_OCTETS, len(content)) + content, at if end is not None else at + 2
    content = b"".join(parts)
    return _head(tag, len(content)) + content, at if end is not None else at + 2


def _content(one: bytes) -> bytes:
    return one[2:] if one[1] < 0x80 else one[2 + (one[1] & 0x7F) :]


def _head(tag: int, length: int) -> bytes:
    if length < 0x80:
        return bytes((tag, length))
    size = length.to_bytes(4, "big").lstrip(b"\0")
    return bytes((tag, 0x80 | len(size))) + size

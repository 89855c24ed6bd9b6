"""The members of a tar stream (POSIX pax, GNU, old): read once, forward, within limits.

Python's own tarfile keeps whole pax headers of any size in memory; a hostile archive may not
cost more than it says here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = ["Member", "TarError", "is_tar", "tar_members"]

_BLOCK: Final = 512
_NAME: Final = 1 << 16
_PAX: Final = 1 << 20
_CHUNK: Final = 1 << 20


class TarError(ValueError):
    """The bytes are no tar, or are cut off."""


class Member(NamedTuple):
    """A member: its name, its kind ("0" a file, "1" "2" links, "5" a folder), place and size.

    ``offset`` is where its content begins, counted from where the reading began.
    """

    name: str
    kind: str
    offset: int
    size: int


class _Stream:
    """A forward reader that knows where it is."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.at = file, 0

    def take(self, length: int) -> bytes:
        parts, left = [], length
        while left > 0:
            piece = self.file.read(min(left, _CHUNK))
            if not piece:
                break
            parts.append(piece)
            left -= len(piece)
        self.at += length - left
        return b"".join(parts)

    def skip(self, length: int) -> None:
        while length > 0:
            piece = self.file.read(min(length, _CHUNK))
            if not piece:
                raise TarError(f"it is cut off at byte {self.at}")
            self.at += len(piece)
            length -= len(piece)


def is_tar(head: bytes) -> bool:
    """Whether the first block ``head`` is a tar header: its checksum says so."""
    if len(head) < _BLOCK:
        return False
    try:
        said = int(head[148:156].split(b"\0")[0].strip() or b"x", 8)
    except ValueError:
        return False
    return said == sum(head[:148]) + 8 * 32 + sum(head[156:_BLOCK])


def tar_members(file: BinaryIO) -> Iterator[tuple[Member, _Stream]]:
    """Each member with the stream, which stands at its content; what is not taken is skipped.

    Raises :class:`TarError`.
    """
    stream = _Stream(file)
    name: str | None = None
    size: int | None = None
    while True:
        head = stream.take(_BLOCK)
        if not head.strip(b"\0"):
            return  # the end mark, or the end
        if not is_tar(head):
            raise TarError(f"no header at byte {stream.at - len(head)}")
        kind, length = chr(head[156] or 48), _size(head[124:136])
        if kind in "Lxg":
            said = _extension(stream, kind, length)
            name, size = said[0] or name, said[1] if said[1] is not None else size
            continue
        length = length if size is None else size
        begun = stream.at
        if kind in "123456" and kind != "7":
            length = 0 if kind != "6" else length
        yield Member(name or _name(head), kind, begun, length), stream
        stream.skip(begun + -(-length // _BLOCK) * _BLOCK - stream.at)
        name, size = None, None


def _size(field: bytes) -> int:
    if field[0] & 0x80:  # GNU: base 256
        found = int.from_bytes(field[1:], "big")
    else:
        text = field.split(b"\0")[0].strip()
        try:
            found = int(text, 8) if text else 0
        except ValueError as error:
            raise TarError("a size that is no number") from error
    if found > 1 << 50:
        raise TarError(f"a member of {found} bytes")
    return found


def _name(head: bytes) -> str:
    name = head[:100].split(b"\0")[0]
    prefix = head[345:500].split(b"\0")[0] if head[257:262] == b"ustar" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _extension(stream: _Stream, kind: str, length: int) -> tuple[str | None, int | None]:
    """Name and size that a GNU long name or a pax header gives for the next member."""
    padded = -(-length // _BLOCK) * _BLOCK
    if length > (_NAME if kind == "L" else _PAX):
        raise TarError(f"a header of {length} bytes")
    body = stream.take(padded)[:length]
    if kind == "L":
        return body.split(b"\0")[0].decode("utf-8", "replace"), None
    if kind == "g":
        return None, None
    return _pax(body)


def _pax(body: bytes) -> tuple[str | None, int | None]:
    name, size, at = None, None, 0
    while at < len(body):
        space = body.find(b" ", at, at + 12)
        if space < 0 or not body[at:space].isdigit():
            break
        end = at + int(body[at:space])
        key, _, value = body[space + 1 : end - 1].partition(b"=")
        if key == b"path":
            name = value.decode("utf-8", "replace")
        elif key == b"size" and value.isdigit() and len(value) < 16:
            size = int(value)
        at = max(end, space + 1)
    return name, size

"""Archives: zip (jar, war, apk, wheels), tar, ar (deb, static libraries), gzip, bzip2, xz.

Each member goes to the reader that a file of its name goes to, archives inside archives too.
What an archive may cost is bounded: bytes unpacked in all and by member, members, depth,
time. Where a bound is met an item says so. Container images have their layers walked by
:mod:`~kaname.cryptography.inventory.images`. Nothing is written but a nameless temporary file.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import time
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import msgspec

from kaname.cryptography.inventory.contents import bytes_items
from kaname.cryptography.inventory.item import Item, malformed, opaque
from kaname.cryptography.inventory.tar import Member, TarError, is_tar, tar_members

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "ArchiveLimits", "LimitError", "Opening", "archive_items", "archive_kind", "layer_entries",
]  # fmt: skip

_HEAD: Final = 512
_CHUNK: Final = 1 << 20
_SHUT: Final = {
    b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR",
    b"\xed\xab\xee\xdb": "RPM", b"kych": "macOS keychain",
}  # fmt: skip
_MAGICS: Final = {
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"JM\x01\x00PK": "zip",
    b"\x1f\x8b": "gzip", b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz", b"!<arch>\n": "ar", b"\x28\xb5\x2f\xfd": "zstd",
}  # fmt: skip


class ArchiveLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one archive may cost: bytes unpacked in all and of one member, members, depth.

    Unpacked it may be ``ratio`` times its size, and never more than ``unpacked_bytes``;
    ``least_bytes`` are allowed to the smallest.
    """

    unpacked_bytes: int = 4 << 30
    least_bytes: int = 128 << 20
    ratio: int = 100
    member_bytes: int = 64 << 20
    members: int = 500_000
    depth: int = 4


class LimitError(Exception):
    """A limit is met: the archive is left where it stands."""


class Opening:
    """One archive of the outside being opened, with all that is inside it."""

    def __init__(
        self, *, now: int, passwords: Sequence[str] = (), limits: ArchiveLimits | None = None,
        end: float = float("inf"),
    ) -> None:  # fmt: skip
        self.now, self.passwords, self.end = now, passwords, end
        self.limits = limits or ArchiveLimits()
        self.unpacked, self.members = 0, 0
        self.most = self.limits.unpacked_bytes

    def sized(self, size: int) -> None:
        """Set what may be unpacked by the ``size`` of the outermost archive."""
        wanted = max(self.limits.least_bytes, self.limits.ratio * size)
        self.most = min(self.limits.unpacked_bytes, wanted)

    def count(self, length: int) -> None:
        """Count ``length`` bytes that were unpacked."""
        self.unpacked += length
        if self.unpacked > self.most:
            raise LimitError(f"more than {self.most} bytes unpacked")
        if time.monotonic() > self.end:
            raise LimitError("the time is over")

    def member(self) -> None:
        """Count a member."""
        self.members += 1
        if self.members > self.limits.members:
            raise LimitError(f"more than {self.limits.members} members")


class Counted(io.RawIOBase):
    """A reader whose bytes are counted against the limits of an opening."""

    def __init__(self, file: BinaryIO, opening: Opening) -> None:
        self.file, self.opening = file, opening

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, never more than a megabyte at once."""
        piece = self.file.read(_CHUNK if size < 0 else min(size, _CHUNK))
        self.opening.count(len(piece))
        return piece


def archive_kind(head: bytes) -> str | None:
    """What kind of archive begins with ``head`` (512 bytes); None: no archive."""
    for magic, name in (_MAGICS | _SHUT).items():
        if head.startswith(magic):
            return name
    return "tar" if is_tar(head[:_HEAD]) else None


def archive_items(
    file: BinaryIO, location: str, opening: Opening, depth: int = 0
) -> Iterator[Item]:
    """The items of what is inside the archive ``file``, which can be read at any place."""
    kind = archive_kind(file.read(_HEAD))
    file.seek(0)
    if depth == 0:
        opening.sized(file.seek(0, io.SEEK_END))
        file.seek(0)
    if depth >= opening.limits.depth:
        yield opaque(location, "archives are nested deeper than the limit", "archive")
        return
    walk = _WALKS.get(kind or "")
    if walk is None:
        yield opaque(location, f"{kind}: this form is not opened", "archive")
        return
    try:
        yield from walk(file, location, opening, depth)
    except LimitError as limit:
        if depth:
            raise
        yield opaque(location, f"{limit}: the rest was not opened", "archive")
    except Exception as error:  # noqa: BLE001  # zipfile and the like have many for damage
        yield malformed(location, str(error) or type(error).__name__, kind or "archive")


def member_items(data: bytes, location: str, opening: Opening, depth: int) -> Iterator[Item]:
    """The items of one member's bytes, which may be an archive again."""
    if archive_kind(data[:_HEAD]) is not None:
        yield from archive_items(io.BytesIO(data), location, opening, depth + 1)
    else:
        yield from bytes_items(data, location, passwords=opening.passwords, now=opening.now)


def _zip(file: BinaryIO, location: str, opening: Opening, depth: int) -> Iterator[Item]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            opening.member()
            place = f"{location}!/{info.filename}"
            if info.filename.endswith("/"):
                continue
            if info.flag_bits & 1:
                yield opaque(place, "encrypted in its archive", "zip")
                continue
            if info.file_size > opening.limits.member_bytes:
                yield opaque(place, f"{info.file_size} bytes, more than the limit", "file")
                continue
            try:
                with archive.open(info) as member:
                    data = _read(cast("BinaryIO", member), opening)
            except LimitError:
                raise
            except Exception as error:  # noqa: BLE001  # as above
                yield malformed(place, str(error) or type(error).__name__, "zip")
                continue
            yield from member_items(data, place, opening, depth)


def _read(member: BinaryIO, opening: Opening) -> bytes:
    """The member's bytes; one that is longer than it said is cut off by the limit."""
    parts, total = [], 0
    while piece := member.read(_CHUNK):
        opening.count(len(piece))
        total += len(piece)
        if total > opening.limits.member_bytes:
            raise ValueError(f"more than {opening.limits.member_bytes} bytes")
        parts.append(piece)
    return b"".join(parts)


def _tar(file: BinaryIO, location: str, opening: Opening, depth: int) -> Iterator[Item]:
    from kaname.cryptography.inventory.images import image_items, image_layers

    if file.seekable() and (layers := image_layers(file)) is not None:
        yield from image_items(file, layers, location, opening, depth)
        return
    yield from tar_items(file, location, opening, depth)


def tar_items(file: BinaryIO, location: str, opening: Opening, depth: int) -> Iterator[Item]:
    """The items of a tar's members."""
    for _, items in _tar_entries(file, location, opening, depth):
        yield from items


def layer_entries(
    file: BinaryIO, location: str, opening: Opening, depth: int
) -> Iterator[tuple[Member, list[Item]]]:
    """The members of a container layer, compressed or not, each with its items."""
    kind = archive_kind(file.read(_HEAD))
    file.seek(0)
    if kind in _OPENERS:
        with _OPENERS[kind](file) as inside:
            yield from _tar_entries(inside, location, opening, depth)
    else:
        yield from _tar_entries(file, location, opening, depth)


def _tar_entries(
    file: BinaryIO, location: str, opening: Opening, depth: int
) -> Iterator[tuple[Member, list[Item]]]:
    for member, stream in tar_members(cast("BinaryIO", Counted(file, opening))):
        opening.member()
        name = member.name.removeprefix("./")
        place = f"{location}!/{name}"
        items: list[Item] = []
        if member.kind in "07" and not name.endswith("/"):
            if member.size > opening.limits.member_bytes:
                items = [opaque(place, f"{member.size} bytes, more than the limit", "file")]
            else:
                data = stream.take(member.size)
                if len(data) < member.size:
                    raise TarError(f"{name} is cut off")
                items = list(member_items(data, place, opening, depth))
        yield member._replace(name=name), items


def _ar(file: BinaryIO, location: str, opening: Opening, depth: int) -> Iterator[Item]:
    """Static libraries and Debian packages: heads of 60 bytes, names in a table of their own."""
    file.read(8)
    names = b""
    while head := file.read(60):
        opening.member()
        if len(head) < 60 or head[58:] != b"`\n" or not head[48:58].strip().isdigit():
            raise ValueError("a head of ar that cannot be read")
        length = int(head[48:58])
        name = head[:16].rstrip().decode("utf-8", "replace")
        if length > opening.limits.member_bytes:
            yield opaque(f"{location}!/{name}", f"{length} bytes, more than the limit", "file")
            file.seek(length + length % 2, io.SEEK_CUR)
            continue
        data = file.read(length + length % 2)[:length]
        opening.count(len(data))
        if len(data) < length:
            raise ValueError(f"{name} is cut off")
        if name == "//":
            names = data
        elif name not in {"/", "/SYM64/", "__.SYMDEF"}:
            yield from member_items(data, f"{location}!/{_ar_name(name, names)}", opening, depth)


def _ar_name(name: str, names: bytes) -> str:
    if name[:1] == "/" and name[1:].isdigit():
        at = int(name[1:])
        return names[at : at + 256].split(b"/")[0].decode("utf-8", "replace")
    return name.rstrip("/")


def _zstandard(file: BinaryIO) -> BinaryIO:
    import pyarrow as pa

    return cast("BinaryIO", pa.CompressedInputStream(file, "zstd"))


_OPENERS: Final[dict[str, Callable[[BinaryIO], BinaryIO]]] = {
    "gzip": lambda file: cast("BinaryIO", gzip.GzipFile(fileobj=file)),
    "bzip2": lambda file: cast("BinaryIO", bz2.BZ2File(file)),
    "xz": lambda file: cast("BinaryIO", lzma.LZMAFile(file)),  # noqa: SIM115  # the caller closes
    "zstd": _zstandard,
}


def _compressed(kind: str) -> Callable[[BinaryIO, str, Opening, int], Iterator[Item]]:
    """A compressed file: unpacked to a temporary file, and read as what it is then."""

    def walk(file: BinaryIO, location: str, opening: Opening, depth: int) -> Iterator[Item]:
        import tempfile

        most = opening.limits.member_bytes
        with tempfile.SpooledTemporaryFile(most) as unpacked:
            with _OPENERS[kind](file) as inside:
                piece = inside.read(_CHUNK)
                whole = archive_kind(piece[:_HEAD]) is not None
                while piece and (whole or unpacked.tell() <= most):
                    opening.count(len(piece))
                    unpacked.write(piece)
                    piece = inside.read(_CHUNK)
            unpacked.seek(0)
            yield from _unpacked(cast("BinaryIO", unpacked), location, opening, depth)

    return walk


def _unpacked(file: BinaryIO, location: str, opening: Opening, depth: int) -> Iterator[Item]:
    inside = archive_kind(file.read(_HEAD)) is not None
    file.seek(0)
    if inside:
        yield from archive_items(file, location, opening, depth + 1)
        return
    data = file.read(opening.limits.member_bytes + 1)
    if len(data) > opening.limits.member_bytes:
        yield opaque(location, "unpacked it is longer than the limit", "file")
        return
    name = location.rpartition("/")[2].rpartition(".")[0] or "content"
    yield from bytes_items(
        data, f"{location}!/{name}", passwords=opening.passwords, now=opening.now
    )


_WALKS: Final[dict[str, Callable[[BinaryIO, str, Opening, int], Iterator[Item]]]] = {
    "zip": _zip, "tar": _tar, "ar": _ar, "gzip": _compressed("gzip"),
    "bzip2": _compressed("bzip2"), "xz": _compressed("xz"), "zstd": _compressed("zstd"),
}  # fmt: skip

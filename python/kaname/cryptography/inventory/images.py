"""Container images as `docker save`, podman and skopeo write them: every layer, in order.

A file that a later layer overwrites or deletes (a whiteout ``.wh.NAME``, or ``.wh..wh..opq``
for all of a folder) still lies in the image for anybody to take out: its items are told with
``hidden``. Layouts: Docker's ``manifest.json`` and OCI's ``index.json`` (image-spec 1.1).
"""

from __future__ import annotations

import io
import json
import lzma
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, cast

from kaname.cryptography.inventory.archives import LimitError, Opening, layer_entries
from kaname.cryptography.inventory.item import Item, malformed
from kaname.cryptography.inventory.tar import Member, TarError, tar_members

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Layer", "image_items", "image_layers"]

_JSON: Final = 4 << 20
_MEMBERS: Final = 10_000
_LAYERS: Final = 1000
_NESTED: Final = 4


class Layer(NamedTuple):
    """A layer of an image: its name in the archive, where it lies and how long it is."""

    name: str
    offset: int
    size: int


class _Part(io.RawIOBase):
    """A part of a file as a file of its own."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        self.file, self.begun, self.size, self.at = file, offset, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        self.at = max(0, base + offset)
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self.size - self.at)
        self.file.seek(self.begun + self.at)
        piece = self.file.read(left if size < 0 else min(size, left))
        self.at += len(piece)
        return piece


def image_layers(file: BinaryIO) -> list[Layer] | None:
    """The layers of the image in the tar ``file``, lowest first; None: it is no image.

    The file is left at its beginning.
    """
    members: dict[str, Member] = {}
    try:
        for member, _ in tar_members(cast("BinaryIO", _Part(file, 0, _length(file)))):
            if not members and member.name.removeprefix("./").count("/") > 3:
                return None
            members[member.name.removeprefix("./")] = member
            if len(members) > _MEMBERS:
                return None
        return _layers(file, members)
    except (TarError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    finally:
        file.seek(0)


def _length(file: BinaryIO) -> int:
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    return end


def _layers(file: BinaryIO, members: dict[str, Member]) -> list[Layer] | None:
    if "manifest.json" in members:
        names = [
            name
            for image in _json(file, members["manifest.json"])
            for name in image.get("Layers") or []
        ]
    elif "index.json" in members and "oci-layout" in members:
        names = list(_oci(file, members, _json(file, members["index.json"]), 0))
    else:
        return None
    found = [members[name] for name in dict.fromkeys(names) if name in members]
    return [Layer(one.name, one.offset, one.size) for one in found[:_LAYERS]] or None


def _json(file: BinaryIO, member: Member) -> Any:
    if member.size > _JSON:
        raise ValueError("a manifest that is too long")
    file.seek(member.offset)
    return json.loads(file.read(member.size))


def _oci(
    file: BinaryIO, members: dict[str, Member], node: dict[str, Any], depth: int
) -> Iterator[str]:
    """The names of layers that an index or a manifest leads to."""
    if depth > _NESTED:
        return
    for one in node.get("layers") or []:
        yield _blob(one)
    for one in node.get("manifests") or []:
        if _blob(one) in members:
            yield from _oci(file, members, _json(file, members[_blob(one)]), depth + 1)


def _blob(descriptor: dict[str, Any]) -> str:
    return "blobs/" + str(descriptor.get("digest", "")).replace(":", "/", 1)


def image_items(
    file: BinaryIO, layers: list[Layer], location: str, opening: Opening, depth: int
) -> Iterator[Item]:
    """The items of all ``layers``, each with ``layer`` (from 1), and ``hidden`` where it is."""
    told: list[tuple[int, str, Item]] = []
    gone: list[tuple[int, str, bool]] = []  # layer, path, whether only what is below it
    limit: LimitError | None = None
    try:
        for number, layer in enumerate(layers, 1):
            place = f"{location}!layer{number}"
            for member, items in _layer(file, layer, place, opening, depth):
                if (hides := _hides(member)) is not None:
                    gone.append((number, *hides))
                told += [(number, member.name, one) for one in items]
    except LimitError as met:
        limit = met
    hiding = _latest(gone)
    for number, name, one in told:
        one.details["layer"] = number
        if _hidden(name, number, hiding):
            one.details["hidden"] = True
        yield one
    if limit is not None:
        raise limit


def _hides(member: Member) -> tuple[str, bool] | None:
    """Which path of the layers below ``member`` hides, and whether only what is below it."""
    folder, _, last = member.name.rpartition("/")
    if last == ".wh..wh..opq":
        return folder, True
    if last.startswith(".wh."):
        return f"{folder}/{last[4:]}".lstrip("/"), False
    return None if member.kind == "5" or not last else (member.name, False)


def _latest(gone: list[tuple[int, str, bool]]) -> dict[tuple[str, bool], int]:
    found: dict[tuple[str, bool], int] = {}
    for number, path, below in gone:
        found[path, below] = max(number, found.get((path, below), 0))
    return found


def _hidden(name: str, number: int, hiding: dict[tuple[str, bool], int]) -> bool:
    """Whether a later layer has another file there, deleted it, or a folder above it."""
    if hiding.get((name, False), 0) > number:
        return True
    parts = name.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts))]
    return any(
        hiding.get((folder, kind), 0) > number for folder in ["", *above] for kind in (False, True)
    )


def _layer(
    file: BinaryIO, layer: Layer, place: str, opening: Opening, depth: int
) -> Iterator[tuple[Member, list[Item]]]:
    part = cast("BinaryIO", _Part(file, layer.offset, layer.size))
    try:
        yield from layer_entries(part, place, opening, depth)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        reason = str(error) or type(error).__name__
        yield Member("", "5", 0, 0), [malformed(place, reason, "layer")]

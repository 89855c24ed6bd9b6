"""Walks files and folders and gives what each holds to its reader.

A file that cannot be read becomes an item with the reason and the walk goes on. Links are
not followed; what is too large is told and not read; time and depth have limits.
"""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from kaname.cryptography.inventory.binaries import binary_items
from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.inventory.code import LANGUAGES, code_items
from kaname.cryptography.inventory.configuration import configuration_items
from kaname.cryptography.inventory.cose import cose_items
from kaname.cryptography.inventory.der import DerError, children, element
from kaname.cryptography.inventory.item import Item, add_place, malformed, opaque
from kaname.cryptography.inventory.java_stores import JAVA_MAGICS, java_store_items
from kaname.cryptography.inventory.jose import jwk_items, token_items
from kaname.cryptography.inventory.openpgp import openpgp_items
from kaname.cryptography.inventory.pem import pem_items
from kaname.cryptography.inventory.private_keys import private_key, public_key
from kaname.cryptography.inventory.ssh_keys import SSH_LINE, ssh_items
from kaname.cryptography.inventory.stores import is_pkcs7, is_pkcs12, pkcs7_items, pkcs12_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["Limits", "bytes_items", "file_items", "files_items"]

_CBOR: Final = (".cbor", ".cose")
_OPENPGP: Final = (".gpg", ".pgp", ".asc", ".sig")
_DER: Final = (".der", ".cer", ".crt", ".p12", ".pfx", ".p7b", ".p7c", ".key", ".pk8")
_BUNDLES: Final = (".pem", ".crt", ".cer", ".ca-bundle", ".key", ".p7b", ".csr", ".crl")
_SKIPPED: Final = frozenset({".git", "node_modules", "__pycache__", ".venv", ".hg", ".svn"})
_JSON: Final = (b"{", b"[")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk will spend: bytes of one file, folders deep, files, seconds in all."""

    file_bytes: int = 128 << 20
    depth: int = 32
    files: int = 1_000_000
    seconds: float = 600.0


def files_items(
    paths: Iterable[Path],
    *,
    passwords: Sequence[str] = (),
    limits: Limits | None = None,
    now: int | None = None,
    show: Callable[[str, int], None] | None = None,
) -> Iterator[Item]:
    """The items of all ``paths``; equal certificates are told once, at their first place.

    ``show(name, number)`` is told of each file. Where a limit ends the walk, the last item
    is opaque and says so.
    """
    limits = limits or Limits()
    now = time.time_ns() // 1000 if now is None else now
    end = time.monotonic() + limits.seconds
    seen: dict[str, Item] = {}
    for number, (path, refused) in enumerate(_walk(paths, limits.depth)):
        if number >= limits.files or time.monotonic() > end:
            yield opaque(_shown(path), "the limit of files or time was reached here", "walk")
            return
        if show is not None:
            show(path.name, number)
        if refused is not None:
            yield opaque(_shown(path), refused, "walk")
            continue
        for item in file_items(path, passwords=passwords, limits=limits, now=now):
            if item.kind == "certificate":
                first = seen.setdefault(item.evidence, item)
                if first is not item:
                    add_place(first, item.place)
                    continue
            yield item


def _shown(path: Path) -> str:
    """The path as text that JSON can carry, whatever bytes the file system has in it."""
    return os.fsencode(path).decode("utf-8", "replace")


def _walk(paths: Iterable[Path], depth: int) -> Iterator[tuple[Path, str | None]]:
    for path in paths:
        if path.is_dir():
            yield from _folder(path, depth)
        else:
            yield path, None


def _folder(folder: Path, depth: int) -> Iterator[tuple[Path, str | None]]:
    if depth == 0:
        yield folder, "folders are nested deeper than the limit"
        return
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda one: one.name)
    except OSError as error:
        yield folder, error.strerror or str(error)
        return
    for entry in inside:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED:
                yield from _folder(Path(entry.path), depth - 1)
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path), None


def file_items(
    path: Path, *, passwords: Sequence[str] = (), limits: Limits | None = None, now: int
) -> Iterator[Item]:
    """The items of one file."""
    limits = limits or Limits()
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return
        if found.st_size > limits.file_bytes:
            yield opaque(_shown(path), f"{found.st_size} bytes, more than the limit", "file")
            return
        data = path.read_bytes()
    except OSError as error:
        yield opaque(_shown(path), error.strerror or str(error), "file")
        return
    yield from bytes_items(data, _shown(path), passwords=passwords, now=now)


def bytes_items(
    data: bytes, location: str, *, passwords: Sequence[str] = (), now: int
) -> Iterator[Item]:
    """The items of a file's bytes; ``location`` is its path, whose ending helps to tell."""
    name = location.rsplit("/", 1)[-1].lower()
    try:
        if data[:4] in JAVA_MAGICS:
            yield from java_store_items(data, location, now=now, passwords=passwords)
        elif data[:4] == b"\x7fELF" or data[:2] == b"MZ":
            yield from binary_items(data, location)
        elif data[:1] == b"\x30" and (data[1:2] > b"\x80" or name.endswith(_DER)):
            yield from _der_items(data, location, now, passwords)
        elif name.endswith(_CBOR):
            yield from cose_items(data, location)
        elif name.endswith(_OPENPGP) and data[:1] >= b"\x80":
            yield from openpgp_items(data, location)
        else:
            yield from _text_items(data, location, name, now)
    except RecursionError:
        yield malformed(location, "nested beyond the limit", "file", evidence=data)


def _text_items(data: bytes, location: str, name: str, now: int) -> Iterator[Item]:
    if b"-----BEGIN " in data:
        yield from pem_items(data, location, now=now)
        if name.endswith(_BUNDLES):
            return  # a bundle holds nothing else, and its base64 looks like much
    if b"\0" in data[:4096]:
        return
    if (b"ssh-" in data or b"ecdsa-" in data) and SSH_LINE.search(data) is not None:
        yield from ssh_items(data, location)
    if data.lstrip()[:1] in _JSON and b'"kty"' in data:
        yield from jwk_items(data, location)
    if b"eyJ" in data:
        yield from token_items(data, location)
    if name.rpartition(".")[2] in LANGUAGES:
        yield from code_items(data, location)
    else:
        yield from configuration_items(data, location)


def _der_items(data: bytes, location: str, now: int, passwords: Sequence[str]) -> Iterator[Item]:
    if is_pkcs12(data):
        yield from pkcs12_items(data, location, now=now, passwords=passwords)
        return
    if is_pkcs7(data):
        yield from pkcs7_items(data, location, now=now)
        return
    try:
        tags = [one.tag for one in children(data, element(data, 0, len(data)))]
    except DerError as error:
        yield malformed(location, str(error), "DER", evidence=data)
        return
    yield from _by_shape(data, location, now, tags)


_SHAPES: Final[tuple[tuple[str, str, re.Pattern[str]], ...]] = tuple(
    (kind, form, re.compile(tags))
    for kind, form, tags in (
        ("public", "SPKI", "30 03$"),
        ("private", "encrypted", "30 04$"),
        ("private", "PKCS#8", "02 30 04"),
        ("private", "SEC1", "02 04"),
        ("private", "PKCS#1", "02 02 02 02 02 02 02 02 02"),
        ("private", "DSA", "02 02 02 02 02 02$"),
        ("public", "PKCS#1", "02 02$"),
    )
)
"""Keys by the tags of their outermost fields."""


def _by_shape(data: bytes, location: str, now: int, tags: list[int]) -> Iterator[Item]:
    if tags == [0x30, 0x30, 0x03]:
        yield certificate_item(data, location, now=now)
        return
    said = " ".join(f"{tag:02x}" for tag in tags[:20])
    for kind, form, pattern in _SHAPES:
        if pattern.match(said) is not None:
            yield (public_key if kind == "public" else private_key)(data, location, form)
            return
    if location.lower().endswith(_DER):
        yield malformed(location, "DER of no form that is known", "DER", evidence=data)

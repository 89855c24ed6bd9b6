"""Which reader a file's bytes are for: told by what they begin with, and by the name's ending."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from kaname.cryptography.inventory.binaries import binary_items
from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.inventory.cms import is_pkcs7, pkcs7_items
from kaname.cryptography.inventory.code import LANGUAGES, code_items
from kaname.cryptography.inventory.configuration import configuration_items
from kaname.cryptography.inventory.cose import cose_items
from kaname.cryptography.inventory.der import DerError, children, element
from kaname.cryptography.inventory.dnssec import dnssec_items
from kaname.cryptography.inventory.item import Item, malformed
from kaname.cryptography.inventory.java_classes import class_items, is_class
from kaname.cryptography.inventory.java_stores import (
    JAVA_MAGICS,
    bouncy_store_items,
    is_bouncy_store,
    java_store_items,
)
from kaname.cryptography.inventory.jose import jwk_items, token_items
from kaname.cryptography.inventory.openpgp import openpgp_items
from kaname.cryptography.inventory.pem import pem_items
from kaname.cryptography.inventory.private_keys import private_key, public_key
from kaname.cryptography.inventory.requests_and_lists import (
    request_item,
    revocation_item,
    shape_of,
)
from kaname.cryptography.inventory.ssh_keys import SSH_LINE, ssh_items
from kaname.cryptography.inventory.stores import is_pkcs12, pkcs12_items
from kaname.cryptography.inventory.text_keys import embedded_pem, text_key_items

__all__ = ["bytes_items"]

_CBOR: Final = (".cbor", ".cose")
_OPENPGP: Final = (".gpg", ".pgp", ".asc", ".sig")
_DER: Final = (
    ".der",
    ".cer",
    ".crt",
    ".p12",
    ".pfx",
    ".p7b",
    ".p7c",
    ".key",
    ".pk8",
    ".p7m",
    ".p7s",
    ".spc",
    ".csr",
    ".req",
    ".crl",
    ".p10",
)
_BUNDLES: Final = (".pem", ".crt", ".cer", ".ca-bundle", ".key", ".p7b", ".csr", ".crl")
_BINARIES: Final = frozenset({
    b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce",
    b"\xca\xfe\xba\xbe", b"\0asm", b"dex\n",
})  # fmt: skip
"""ELF, Mach-O of both widths and orders, fat Mach-O, WebAssembly, Android's dex."""
_PROSE: Final = (".md", ".rst", ".adoc", ".html", ".htm")
_JSON: Final = (b"{", b"[")


class _How(NamedTuple):
    """What the readers are told besides the bytes."""

    location: str
    name: str
    now: int
    passwords: Sequence[str]


def bytes_items(
    data: bytes, location: str, *, passwords: Sequence[str] = (), now: int
) -> Iterator[Item]:
    """The items of a file's bytes; ``location`` is its path, whose ending helps to tell."""
    how = _How(location, location.rsplit("/", 1)[-1].lower(), now, passwords)
    read = next((one for test, one in _READERS if test(data, how.name)), _text_items)
    try:
        yield from read(data, how)
    except RecursionError:
        yield malformed(location, "nested beyond the limit", "file", evidence=data)
    except Exception as error:  # noqa: BLE001  # one file never ends a scan
        reason = f"the reader failed: {type(error).__name__}: {error}"
        yield malformed(location, reason, "file", evidence=data[:4096])


def _program_items(data: bytes, how: _How) -> Iterator[Item]:
    yield from binary_items(data, how.location)
    if data[:2] == b"MZ":
        yield from _authenticode(data, how.location, how.now)


def _authenticode(data: bytes, location: str, now: int) -> Iterator[Item]:
    """The signature of a Windows program: PKCS#7 where the fifth data directory says."""
    head = int.from_bytes(data[0x3C:0x40], "little")
    if data[head : head + 4] != b"PE\0\0":
        return
    wide = data[head + 24 : head + 26] == b"\x0b\x02"
    at = head + 24 + (112 if wide else 96) + 4 * 8
    start = int.from_bytes(data[at : at + 4], "little")
    length = int.from_bytes(data[start : start + 4], "little")
    signed = data[start + 8 : start + length]
    if start and length > 8 and is_pkcs7(signed):
        yield from pkcs7_items(signed, location, now=now)


def _text_items(data: bytes, how: _How) -> Iterator[Item]:
    location, name, now = how.location, how.name, how.now
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        data = data.decode("utf-16", "replace").encode()
    if b"-----BEGIN " in data:
        source = name.rpartition(".")[2] in LANGUAGES or name.endswith(_PROSE)
        yield from pem_items(data, location, now=now, source=source)
        if name.endswith(_BUNDLES):
            return  # a bundle holds nothing else, and its base64 looks like much
    if b"\0" in data[:4096]:
        return
    yield from _keys_in_text(data, location, now)
    if name.rpartition(".")[2] in LANGUAGES:
        yield from code_items(data, location)
    else:
        yield from configuration_items(data, location)


def _keys_in_text(data: bytes, location: str, now: int) -> Iterator[Item]:
    if (b"ssh-" in data or b"ecdsa-" in data) and SSH_LINE.search(data) is not None:
        yield from ssh_items(data, location)
    if data.lstrip()[:1] in _JSON and b'"kty"' in data:
        yield from jwk_items(data, location)
    if b"eyJ" in data:
        yield from token_items(data, location)
    yield from text_key_items(data, location)
    yield from dnssec_items(data, location)
    if b"LS0tLS1CRUdJTi" in data:
        for line, inside in embedded_pem(data):
            for item in pem_items(inside, location, now=now):
                yield msgspec.structs.replace(item, line=line)


def _der_items(data: bytes, how: _How) -> Iterator[Item]:
    location, now, passwords = how.location, how.now, how.passwords
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
        yield _signed(data, location, now)
        return
    said = " ".join(f"{tag:02x}" for tag in tags[:20])
    for kind, form, pattern in _SHAPES:
        if pattern.match(said) is not None:
            yield (public_key if kind == "public" else private_key)(data, location, form)
            return
    if location.lower().endswith(_DER):
        yield malformed(location, "DER of no form that is known", "DER", evidence=data)


def _signed(data: bytes, location: str, now: int) -> Item:
    """A certificate, a request or a revocation list, all of which look alike outside."""
    try:
        shape = shape_of(data)
    except (DerError, IndexError):
        shape = "certificate"
    if shape == "request":
        return request_item(data, location)
    if shape == "revocations":
        return revocation_item(data, location)
    return certificate_item(data, location, now=now)


_READERS: Final[
    tuple[tuple[Callable[[bytes, str], bool], Callable[[bytes, _How], Iterator[Item]]], ...]
] = (
    (lambda data, _: data[:4] in JAVA_MAGICS,
     lambda data, how: java_store_items(data, how.location, now=how.now, passwords=how.passwords)),
    (lambda data, _: is_bouncy_store(data),
     lambda data, how: bouncy_store_items(data, how.location, now=how.now)),
    (lambda data, _: is_class(data), lambda data, how: class_items(data, how.location)),
    (lambda data, _: data[:2] == b"MZ" or data[:4] in _BINARIES, _program_items),
    (lambda data, name: data[:1] == b"\x30" and (data[1:2] >= b"\x80" or name.endswith(_DER)),
     _der_items),
    (lambda _, name: name.endswith(_CBOR), lambda data, how: cose_items(data, how.location)),
    (lambda data, name: name.endswith(_OPENPGP) and data[:1] >= b"\x80",
     lambda data, how: openpgp_items(data, how.location)),
)  # fmt: skip
"""Tests of a file's first bytes and name, each with the reader of what passes; else it is text."""

"""Java key stores, JKS, JCEKS and Bouncy Castle's BKS, read without Java.

The layout is that of sun.security.provider.JavaKeyStore (OpenJDK): magic, version, count,
entries, and a SHA-1 over password (UTF-16BE), "Mighty Aphrodite" and all bytes before. The
certificates stand in the clear, keys are sealed: a private key is told by the certificate
that goes with it and is never opened. A secret key of JCEKS is a serialised Java object
whose length is not told: what follows it is found by the marks before certificates.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.inventory.item import Item, make, malformed, opaque
from kaname.cryptography.inventory.private_keys import key_use, private_key
from kaname.cryptography.inventory.strength import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["JAVA_MAGICS", "bouncy_store_items", "is_bouncy_store", "java_store_items"]

JAVA_MAGICS: Final = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
_WHITENER: Final = b"Mighty Aphrodite"
_DIGEST: Final = 20
_ENTRIES: Final = 100_000
_X509: Final = b"\x00\x05X.509"
_SEALED_WITH: Final = re.compile(rb"PBEWith\w{2,20}?And(?:TripleDES|\w{2,6}_\d{2,3}|DES)")


class _Reader:
    """A cursor over the store's bytes; every read checks what is left."""

    def __init__(self, data: bytes, end: int) -> None:
        self.data, self.at, self.end = data, 4, end

    def take(self, length: int) -> bytes:
        if length < 0 or self.at + length > self.end:
            raise ValueError(f"an entry at byte {self.at} says {length} bytes, fewer are there")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, width: int = 4) -> int:
        return int.from_bytes(self.take(width), "big")

    def text(self) -> str:
        return self.take(self.number(2)).decode("utf-8", "replace")


class _Entry(NamedTuple):
    tag: int
    alias: str
    certificates: list[tuple[int, bytes]]
    end: int = 0


def java_store_items(
    data: bytes, location: str, *, now: int, passwords: Sequence[str] = ()
) -> Iterator[Item]:
    """The store itself, its certificates and its keys; a damaged one up to where it breaks."""
    form = JAVA_MAGICS[data[:4]]
    verified = _verify(data, passwords)
    count, entries = 0, _entries(_Reader(data, len(data) - _DIGEST), form)
    try:
        for entry in entries:
            count += 1
            if entry.tag == 3:  # SecretKeyEntry
                yield from _after_secret(entry, data, location, now)
                break
            yield from _entry_items(entry, location, form, now)
    except (ValueError, IndexError) as error:
        yield malformed(location, str(error), form, evidence=data)
    if not verified:
        yield opaque(location, "no password given opens it: not verified", form, evidence=data)
    yield make(
        "keystore", location, "SHA-1", None, "mac", evidence=data,
        details={"form": form, "entries": count, "verified": verified},
    )  # fmt: skip


def _after_secret(entry: _Entry, data: bytes, location: str, now: int) -> Iterator[Item]:
    """The sealed secret key and the certificates behind it, by the type that stands before each."""
    following = data.find(_X509, entry.end)
    sealed = data[entry.end : following if following >= 0 else len(data)]
    found = _SEALED_WITH.search(sealed)
    reason = f"the secret key {entry.alias!r} is sealed"
    if found is not None:
        reason += f" with {found.group().decode('ascii')}"
    if following >= 0:
        reason += "; what follows it is told by its certificates only"
    yield opaque(location, reason, "JCEKS", evidence=entry.alias.encode())
    while following >= 0:
        at = following + len(_X509) + 4
        length = int.from_bytes(data[at - 4 : at], "big")
        if data[at : at + 1] == b"\x30" and at + length <= len(data):
            yield certificate_item(data[at : at + length], location, now=now, offset=at)
            following = data.find(_X509, at + length)
        else:
            following = data.find(_X509, at)


def is_bouncy_store(data: bytes) -> bool:
    """Whether ``data`` begins like a BKS store: version 1 or 2, a salt of 20 bytes."""
    return data[:8] in {b"\0\0\0\1\0\0\0\x14", b"\0\0\0\2\0\0\0\x14"}


def bouncy_store_items(data: bytes, location: str, *, now: int) -> Iterator[Item]:
    """The certificates and keys of a BKS store (BouncyCastle's BcKeyStoreSpi), unverified."""
    reader, count = _Reader(data, len(data) - _DIGEST), 0
    try:
        reader.take(reader.number())  # the salt
        reader.number()  # iterations
        while (kind := reader.number(1)) and count < _ENTRIES:
            count += 1
            yield from _bouncy_entry(reader, kind, location, now)
    except (ValueError, IndexError) as error:
        yield malformed(location, str(error), "BKS", evidence=data)
    yield make(
        "keystore", location, "SHA-1", None, "mac", evidence=data,
        details={"form": "BKS", "entries": count, "verified": False},
    )  # fmt: skip


def _bouncy_entry(reader: _Reader, kind: int, location: str, now: int) -> Iterator[Item]:
    alias = reader.text()
    reader.take(8)  # its date
    found = [_certificate(reader, 2) for _ in range(min(reader.number(), _ENTRIES))]
    if kind == 1:
        found.append(_certificate(reader, 2))
    elif kind == 2:  # a key in the clear
        reader.number(1)
        form, algorithm = reader.text(), canonical(reader.text())
        sealed = reader.take(reader.number())
        yield private_key(sealed, location, "PKCS#8") if form == "PKCS#8" else opaque(
            location, f"the key {alias!r}: {algorithm}", "BKS", evidence=sealed)  # fmt: skip
    elif kind in {3, 4}:
        sealed = reader.take(reader.number())
        yield opaque(location, f"the key {alias!r} is sealed", "BKS", evidence=sealed)
    else:
        raise ValueError(f"an entry of kind {kind} at byte {reader.at}; 1 to 4 are known")
    for at, one in found:
        yield certificate_item(one, location, now=now, offset=at)


def _verify(data: bytes, passwords: Sequence[str]) -> bool:
    body, digest = data[:-_DIGEST], data[-_DIGEST:]
    return any(
        hmac.compare_digest(
            hashlib.sha1(  # noqa: S324  # what the format asks for
                one.encode("utf-16-be") + _WHITENER + body
            ).digest(),
            digest,
        )
        for one in passwords
    )


def _entries(reader: _Reader, form: str) -> Iterator[_Entry]:
    version, count = reader.number(), reader.number()
    if version not in {1, 2}:
        raise ValueError(f"{form} of version {version}; 1 and 2 are known")
    for _ in range(min(count, _ENTRIES)):
        tag, alias = reader.number(), reader.text()
        reader.take(8)  # its date
        found: list[tuple[int, bytes]] = []
        if tag == 1:
            reader.take(reader.number())
            chain = min(reader.number(), _ENTRIES)
            found.extend(_certificate(reader, version) for _ in range(chain))
        elif tag == 2:  # TrustedCertEntry
            found.append(_certificate(reader, version))
        elif tag != 3:
            raise ValueError(f"an entry of kind {tag} at byte {reader.at}; 1 to 3 are known")
        yield _Entry(tag, alias, found, reader.at)


def _certificate(reader: _Reader, version: int) -> tuple[int, bytes]:
    if version > 1:
        reader.text()
    length = reader.number()
    at = reader.at
    return at, reader.take(length)


def _entry_items(entry: _Entry, location: str, form: str, now: int) -> Iterator[Item]:
    items = [certificate_item(one, location, now=now, offset=at) for at, one in entry.certificates]
    if entry.tag == 1 and items:
        first = items[0]
        details = {"form": form, "alias": entry.alias, "encrypted": True}
        yield make(
            "private-key", location, first.algorithm, first.parameter, key_use(first.algorithm),
            details=details, evidence=entry.alias.encode() + first.evidence.encode(),
        )  # fmt: skip
    elif entry.tag == 1:
        yield opaque(location, f"the key {entry.alias!r} has no certificate", form,
                     evidence=entry.alias.encode())  # fmt: skip
    yield from items

"""PEM (RFC 7468): every block of a file, each to the reader of what its label says."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.inventory.cms import pkcs7_items
from kaname.cryptography.inventory.der import DerError, children, element
from kaname.cryptography.inventory.item import Item, add_place, make, malformed, opaque
from kaname.cryptography.inventory.openpgp import openpgp_items
from kaname.cryptography.inventory.private_keys import openssh_private, private_key
from kaname.cryptography.inventory.private_keys import public_key as public_key_item
from kaname.cryptography.inventory.requests_and_lists import request_item, revocation_item

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["pem_items"]

_BEGIN: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{3,40})-----")
_DAMAGED: Final = 1000
_PRIVATE: Final = {
    "PRIVATE KEY": "PKCS#8", "RSA PRIVATE KEY": "PKCS#1", "EC PRIVATE KEY": "SEC1",
    "DSA PRIVATE KEY": "DSA", "ENCRYPTED PRIVATE KEY": "encrypted",
}  # fmt: skip
_PUBLIC: Final = {"PUBLIC KEY": "SPKI", "RSA PUBLIC KEY": "PKCS#1"}
_CERTIFICATES: Final = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}
_REQUESTS: Final = {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"}
_SILENT: Final = {"EC PARAMETERS", "DSA PARAMETERS"}
_HEADS: Final = {"PGP SIGNED MESSAGE"}


def pem_items(data: bytes, location: str, *, now: int, source: bool = False) -> Iterator[Item]:
    """An item or more for each PEM block; equal certificates of one file are told once.

    A block that cannot be read becomes an item of kind malformed, and the next is read; in a
    ``source`` it is left out, for there such blocks are examples and formats.
    """
    for item in _blocks(data, location, now):
        if not source or item.kind != "malformed":
            yield item


def _blocks(data: bytes, location: str, now: int) -> Iterator[Item]:
    line, counted, at, damaged = 1, 0, 0, 0
    seen: dict[bytes, Item] = {}
    while (found := _BEGIN.search(data, at)) is not None:
        line += data.count(b"\n", counted, found.start())
        counted = found.start()
        label = found.group(1).decode("ascii")
        if label in _HEADS:  # a text follows, and then a block of its own
            at = found.end()
            continue
        following = data.find(b"-----BEGIN ", found.end())
        limit = following if following >= 0 else len(data)
        end = data.find(b"-----END " + found.group(1) + b"-----", found.end(), limit)
        if end < 0:
            damaged += 1
            if damaged > _DAMAGED:
                yield opaque(location, f"more than {_DAMAGED} open blocks", "PEM", line=line)
                return
            yield malformed(location, f"the block {label} has no end", "PEM", line=line,
                            evidence=found.group())  # fmt: skip
            at = found.end()
            continue
        at = end + 1
        body = data[found.end() : end]
        if (known := seen.get(body)) is not None:
            add_place(known, f"{location}:{line}")
            continue
        for item in _block(label, body, location, line, now):
            if item.kind == "certificate":
                seen[body] = item
            yield item


def _unquoted(body: bytes) -> bytes:
    """A block out of the strings of a source or of JSON: without escapes, quotes and joints."""
    plain = re.sub(rb"\\[nrt]", b"\n", body)
    return re.sub(rb"[\"'`]\s*(?:[+.]\s*)?(?=[\"'`])|[\"'`,;\\]", b"", plain)


def _block(label: str, body: bytes, location: str, line: int, now: int) -> Iterator[Item]:
    if b"\\" in body or b'"' in body or b"'" in body:
        body = _unquoted(body)
    if b":" in body[:400]:
        if b"Proc-Type" in body and b"ENCRYPTED" in body:
            yield opaque(location, "encrypted with a password (PEM)", label, line=line,
                         evidence=body)  # fmt: skip
            return
        body = re.sub(rb"^[\w-]+:.*(?:\\\r?\n.*)*$", b"", body, flags=re.MULTILINE)
    if label.startswith("PGP "):
        body = re.sub(rb"\n=[A-Za-z0-9+/]{4}\s*$", b"\n", body.rstrip())
    try:
        der = binascii.a2b_base64(body)
        if not der or len(body) < 4:
            raise binascii.Error("no base64 inside")  # noqa: TRY301
    except binascii.Error as error:
        yield malformed(location, f"{label}: {error}", "PEM", line=line, evidence=body)
        return
    yield from _content(label, der, location, line, now)


def _content(label: str, der: bytes, location: str, line: int, now: int) -> Iterator[Item]:
    if label in _CERTIFICATES:
        if label.startswith("TRUSTED"):
            der = _first(der)
        yield certificate_item(der, location, now=now, line=line)
    elif label in _PRIVATE:
        yield private_key(der, location, _PRIVATE[label], line)
    elif label in _PUBLIC:
        yield public_key_item(der, location, _PUBLIC[label], line)
    elif label == "OPENSSH PRIVATE KEY":
        yield openssh_private(der, location, line)
    elif label in {"PKCS7", "CMS"}:
        yield from pkcs7_items(der, location, now=now, line=line)
    elif label.startswith("PGP "):
        yield from openpgp_items(der, location, line)
    else:
        yield from _rarer(label, der, location, line)


def _first(der: bytes) -> bytes:
    """The certificate before OpenSSL's trust settings."""
    try:
        return der[: element(der, 0, len(der)).end]
    except DerError:
        return der


def _rarer(label: str, der: bytes, location: str, line: int) -> Iterator[Item]:
    if label in _REQUESTS:
        yield request_item(der, location, line)
    elif label == "X509 CRL":
        yield revocation_item(der, location, line)
    elif label == "DH PARAMETERS":
        try:
            prime = children(der, element(der, 0, len(der)))[0]
        except (DerError, IndexError) as error:
            yield malformed(location, f"{label}: {error}", "PEM", line=line, evidence=der)
            return
        bits = int.from_bytes(der[prime.start : prime.end], "big").bit_length()
        yield make("group", location, "DH", str(bits), "key-agreement", line=line, evidence=der)
    elif label not in _SILENT:
        yield opaque(location, f"a PEM block {label}", "PEM", line=line, evidence=der)

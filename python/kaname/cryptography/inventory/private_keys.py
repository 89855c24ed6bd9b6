"""Private keys told by their kind and size; no key is loaded, decrypted or kept.

PKCS#1 (RFC 8017), SEC 1 (RFC 5915), PKCS#8 (RFC 5958), OpenSSH's own form. Encrypted keys
are opaque, but for OpenSSH's, whose public half stands in the clear.
"""

from __future__ import annotations

import struct
from typing import Final

from kaname.cryptography.inventory.der import (
    DerError,
    Element,
    children,
    element,
    object_identifier,
)
from kaname.cryptography.inventory.item import Item, Use, make, malformed, opaque
from kaname.cryptography.inventory.oids import CURVE_OIDS, KEY_OIDS
from kaname.cryptography.inventory.protection import identifiers, protection
from kaname.cryptography.inventory.public_keys import name_spki
from kaname.cryptography.inventory.ssh_keys import name_blob

__all__ = ["key_use", "openssh_private", "private_key", "public_key"]

_OID, _INTEGER, _OCTETS, _SEQUENCE = 0x06, 0x02, 0x04, 0x30
_AGREEMENT: Final = frozenset({"X25519", "X448", "DH", "ECDH"})


def key_use(algorithm: str) -> Use:
    """What a key of ``algorithm`` is for."""
    if algorithm.startswith("ML-KEM"):
        return "kem"
    return "key-agreement" if algorithm in _AGREEMENT else "sign"


def _bits(data: bytes, one: Element) -> str:
    return str(int.from_bytes(data[one.start : one.end], "big").bit_length())


def private_key(data: bytes, location: str, form: str, line: int | None = None) -> Item:
    """The item of a private key in DER; ``form`` is PKCS#1, SEC1, DSA, PKCS#8 or encrypted."""
    try:
        fields = children(data, element(data, 0, len(data)))
        if form == "encrypted":
            return _sealed(data, fields[0], location, line)
        algorithm, parameter = _name(data, fields, form)
    except (DerError, ValueError, IndexError) as error:
        reason = str(error) or "fields are missing"
        return malformed(location, reason, form, line=line, evidence=data)
    return make(
        "private-key", location, algorithm, parameter, key_use(algorithm), line=line,
        details={"form": form, "encrypted": False}, evidence=data,
    )  # fmt: skip


def _sealed(data: bytes, head: Element, location: str, line: int | None) -> Item:
    """The item of a sealed PKCS#8 key: how it is sealed stands in the clear (RFC 8018)."""
    told = protection(identifiers(data, [head]))
    words = [*told.get("ciphers", ()), *told.get("kdf", ())]
    reason = f"encrypted with {', '.join(words) or _oid(data, children(data, head)[0])}"
    item = opaque(location, reason, "PKCS#8", line=line, evidence=data)
    item.details.update(told)
    return item


def _name(data: bytes, fields: list[Element], form: str) -> tuple[str, str | None]:
    if fields[0].tag != _INTEGER:
        raise DerError("a private key begins with its version")
    if form == "PKCS#1":
        return "RSA", _bits(data, fields[1])
    if form == "DSA":
        return "DSA", _bits(data, fields[1])
    if form == "SEC1":
        return "ECDSA", _sec1_curve(data, fields)
    head = children(data, fields[1])
    oid = _oid(data, head[0])
    algorithm = KEY_OIDS.get(oid, oid)
    if algorithm in {"RSA", "RSA-PSS"}:
        return algorithm, _bits(data, children(data, element(data, fields[2].start, len(data)))[1])
    if algorithm == "ECDSA" and len(head) > 1 and head[1].tag == _OID:
        named = CURVE_OIDS.get(_oid(data, head[1]), _oid(data, head[1]))
        return ("SM2" if named == "sm2p256v1" else algorithm), named
    if algorithm in {"DSA", "DH"} and len(head) > 1:
        return algorithm, _bits(data, children(data, head[1])[0])
    return algorithm, {"Ed25519": "255", "X25519": "255", "Ed448": "448", "X448": "448"}.get(
        algorithm
    )


def _sec1_curve(data: bytes, fields: list[Element]) -> str | None:
    for one in fields[2:]:
        if one.tag == 0xA0:  # [0] parameters
            inside = children(data, one)[0]
            if inside.tag == _OID:
                named = _oid(data, inside)
                return CURVE_OIDS.get(named, named)
    return str(8 * (fields[1].end - fields[1].start))


def _oid(data: bytes, one: Element) -> str:
    if one.tag != _OID:
        raise DerError("an object identifier was expected")
    return object_identifier(data[one.start : one.end])


def public_key(data: bytes, location: str, form: str, line: int | None = None) -> Item:
    """The item of a public key in DER: SubjectPublicKeyInfo ("SPKI") or PKCS#1 RSA."""
    try:
        if form == "PKCS#1":
            modulus = children(data, element(data, 0, len(data)))[0]
            named: tuple[str, str | None] = ("RSA", _bits(data, modulus))
        else:
            named = name_spki(data)
    except (DerError, ValueError, IndexError) as error:
        reason = str(error) or "fields are missing"
        return malformed(location, reason, form, line=line, evidence=data)
    algorithm, parameter = named
    return make(
        "public-key", location, algorithm, parameter, key_use(algorithm), line=line,
        details={"form": form}, evidence=data,
    )  # fmt: skip


def openssh_private(data: bytes, location: str, line: int | None = None) -> Item:
    """The item of an OpenSSH private key (openssh PROTOCOL.key), locked or not."""
    try:
        cipher, offset = _text(data, _magic(data))
        kdf, offset = _text(data, offset)
        _, offset = _text(data, offset)
        blob, offset = _text(data, offset + 4)
        algorithm, parameter, _ = name_blob(blob)
    except (ValueError, struct.error) as error:
        return malformed(location, str(error), "OpenSSH", line=line, evidence=data)
    return make(
        "private-key", location, algorithm, parameter, "sign", line=line, evidence=data,
        details={"form": "OpenSSH", "encrypted": cipher != b"none",
                 "cipher": cipher.decode("ascii", "replace"),
                 "kdf": kdf.decode("ascii", "replace")},
    )  # fmt: skip


def _magic(data: bytes) -> int:
    """Where the fields begin; ValueError without the form's magic."""
    if not data.startswith(b"openssh-key-v1\0"):
        raise ValueError("the magic openssh-key-v1 is missing")
    return 15


def _text(data: bytes, offset: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">I", data, offset)
    end = offset + 4 + length
    if end > len(data):
        raise ValueError(f"a field at byte {offset} says {length} bytes, fewer are there")
    return data[offset + 4 : end], end

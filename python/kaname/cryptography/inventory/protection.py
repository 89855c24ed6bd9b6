"""How stores and messages are sealed: the algorithm identifiers that stand open in them.

A sealed PKCS#8 key, a PKCS#12 store and a CMS message name their ciphers, hashes and
iterations in the clear, whether a password is known or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kaname.cryptography.inventory.der import DerError, Element, children, object_identifier
from kaname.cryptography.inventory.item import Item, Use, make
from kaname.cryptography.inventory.oids import CIPHER_OIDS, HASH_OIDS, KDF_OIDS, PBE_OIDS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Identifier", "identifiers", "protection", "protection_items"]

_DEPTH: Final = 24
_ELEMENTS: Final = 50_000
_SEQUENCE, _OCTETS, _INTEGER, _OID = 0x30, 0x04, 0x02, 0x06


class Identifier(NamedTuple):
    """An AlgorithmIdentifier: its OID, and the largest count among its parameters (or 0)."""

    oid: str
    iterations: int


def identifiers(data: bytes, elements: list[Element]) -> list[Identifier]:
    """Every AlgorithmIdentifier that is found in ``elements``, OCTET STRINGs looked into."""
    return list(_walk(data, elements, 0, [_ELEMENTS]))


def _walk(
    data: bytes, elements: list[Element], depth: int, left: list[int]
) -> Iterator[Identifier]:
    for one in elements:
        left[0] -= 1
        if left[0] < 0 or depth > _DEPTH:
            return
        wrapped = one.tag == _OCTETS and data[one.start : one.start + 1] == b"\x30"
        if not (one.tag & 0x20 or wrapped):
            continue
        try:
            inside = children(data, one)
        except DerError:
            continue  # cipher text that begins like an element by chance
        if one.tag == _SEQUENCE and inside and inside[0].tag == _OID:
            yield _identifier(data, inside)
        yield from _walk(data, inside, depth + 1, left)


def _identifier(data: bytes, inside: list[Element]) -> Identifier:
    try:
        oid = object_identifier(data[inside[0].start : inside[0].end])
    except DerError:
        oid = ""
    count = 0
    if len(inside) > 1 and inside[1].tag == _SEQUENCE:
        try:
            numbers = [one for one in children(data, inside[1]) if one.tag == _INTEGER]
        except DerError:
            numbers = []
        values = [int.from_bytes(data[one.start : one.end], "big") for one in numbers]
        count = max(values, default=0)
    return Identifier(oid, count)


def protection(found: list[Identifier]) -> dict[str, Any]:
    """The details ``ciphers``, ``kdf``, ``hashes`` and ``iterations`` of what was ``found``."""
    ciphers = [_cipher(one.oid) for one in found if _cipher(one.oid)]
    kdf = [KDF_OIDS[one.oid] for one in found if one.oid in KDF_OIDS]
    hashes = [HASH_OIDS[one.oid] for one in found if one.oid in HASH_OIDS]
    counts = [one.iterations for one in found if one.oid in KDF_OIDS or one.oid in PBE_OIDS]
    told: dict[str, Any] = {}
    for name, words in (("ciphers", ciphers), ("kdf", kdf), ("hashes", hashes)):
        if words:
            told[name] = list(dict.fromkeys(words))
    if counts:
        told["iterations"] = min(max(counts), 1 << 62)
    return told


def _cipher(oid: str) -> str | None:
    if oid in CIPHER_OIDS:
        return CIPHER_OIDS[oid]
    return PBE_OIDS[oid][0] if oid in PBE_OIDS else None


def protection_items(
    told: dict[str, Any], location: str, form: str, evidence: bytes, line: int | None = None
) -> Iterator[Item]:
    """An item of kind algorithm for each cipher and each MAC's hash in ``told``."""
    for name in told.get("ciphers", ()):
        algorithm, parameter = ("RC2", "40") if name == "RC2-40" else (name, None)
        use: Use = "aead" if name.endswith(("-GCM", "-CCM", "Poly1305")) else "cipher"
        yield make("algorithm", location, algorithm, parameter, use, line=line,
                   details={"form": form, "protects": True},
                   evidence=evidence + name.encode())  # fmt: skip
    for name in told.get("hashes", ()):
        yield make("algorithm", location, f"HMAC-{name}", None, "mac", line=line,
                   details={"form": form, "protects": True},
                   evidence=evidence + name.encode())  # fmt: skip

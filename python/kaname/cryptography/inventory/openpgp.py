"""The heads of OpenPGP packets: keys and signatures, their algorithms and sizes (RFC 9580)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.der import object_identifier
from kaname.cryptography.inventory.item import Item, make, malformed
from kaname.cryptography.inventory.oids import CURVE_OIDS
from kaname.cryptography.inventory.private_keys import key_use

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["openpgp_items"]

_PACKETS: Final = 10_000
_KEYS: Final = {5: True, 7: True, 6: False, 14: False}  # tag: is it secret?
_ALGORITHMS: Final = {
    1: "RSA", 2: "RSA", 3: "RSA", 16: "ElGamal", 17: "DSA", 18: "ECDH", 19: "ECDSA",
    20: "ElGamal", 22: "Ed25519", 25: "X25519", 26: "X448", 27: "Ed25519", 28: "Ed448",
    30: "ML-DSA-65", 31: "ML-DSA-87", 35: "X25519MLKEM768",
}  # fmt: skip
_HASHES: Final = {
    1: "MD5", 2: "SHA-1", 3: "RIPEMD-160", 8: "SHA-256", 9: "SHA-384", 10: "SHA-512",
    11: "SHA-224", 12: "SHA3-256", 14: "SHA3-512",
}  # fmt: skip
_OLD_CURVES: Final = {
    "1.3.6.1.4.1.11591.15.1": ("Ed25519", "255"), "1.3.6.1.4.1.3029.1.5.1": ("X25519", "255"),
}  # fmt: skip


def _packets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    for _ in range(_PACKETS):
        if at >= len(data):
            return
        begun, first = at, data[at]
        if not first & 0x80:
            raise ValueError(f"no packet begins at byte {at}")
        if first & 0x40:
            tag, (length, at) = first & 0x3F, _new_length(data, at + 1)
        else:
            width = (1, 2, 4, 0)[first & 3]
            tag = first >> 2 & 0xF
            length = int.from_bytes(data[at + 1 : at + 1 + width], "big")
            at += 1 + width
            if not width:
                length = len(data) - at
        if at + length > len(data):
            raise ValueError(f"the packet at byte {begun} says {length} bytes, fewer are there")
        yield tag, begun, data[at : at + length]
        at += length


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first < 192:
        return first, at + 1
    if first < 224:
        return ((first - 192) << 8) + data[at + 1] + 192, at + 2
    if first == 255:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    raise ValueError("a partial length: encrypted or literal data")


def openpgp_items(data: bytes, location: str, line: int | None = None) -> Iterator[Item]:
    """Items of the keys in binary OpenPGP ``data``, and of how it is signed, alike ones once."""
    told: set[tuple[int, int]] = set()
    try:
        for tag, offset, body in _packets(data):
            if tag in _KEYS and body:
                algorithm, parameter = _key(body)
                yield make(
                    "private-key" if _KEYS[tag] else "public-key", location, algorithm, parameter,
                    key_use(algorithm), offset=offset, line=line, evidence=body,
                    details={"form": "OpenPGP", "version": body[0]},
                )  # fmt: skip
            elif tag == 2 and len(body) > 4 and body[0] in {4, 6}:
                if (body[2], body[3]) in told:
                    continue
                told.add((body[2], body[3]))
                algorithm = _ALGORITHMS.get(body[2], f"OpenPGP {body[2]}")
                yield make(
                    "algorithm",
                    location,
                    _HASHES.get(body[3], f"OpenPGP {body[3]}"),
                    None,
                    "hash",
                    offset=offset,
                    line=line,
                    evidence=body,
                    details={"form": "OpenPGP", "signature_algorithm": algorithm},
                )
    except (ValueError, IndexError) as error:
        reason = str(error) or "the packet is cut off"
        yield malformed(location, reason, "OpenPGP", line=line, evidence=data)


def _key(body: bytes) -> tuple[str, str | None]:
    version = body[0]
    at = {3: 7, 4: 5, 5: 5, 6: 5}.get(version)
    if at is None:
        raise ValueError(f"a key of version {version}")
    number = body[at]
    algorithm = _ALGORITHMS.get(number, f"OpenPGP {number}")
    at += 5 if version >= 5 else 1
    if algorithm in {"RSA", "DSA", "ElGamal"}:
        return algorithm, str(int.from_bytes(body[at : at + 2], "big"))
    if number in {18, 19, 22}:
        oid = object_identifier(body[at + 1 : at + 1 + body[at]])
        return _OLD_CURVES.get(oid, (algorithm, CURVE_OIDS.get(oid, oid)))
    return algorithm, {"25519": "255", "448": "448"}.get(algorithm.lstrip("EdX"))

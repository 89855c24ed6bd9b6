"""COSE keys and the heads of COSE messages (RFC 9052, 9053), over a small CBOR reader."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from kaname.cryptography.inventory.item import Item, Use, make, malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CborError", "cose_items", "read_cbor"]

_DEPTH: Final = 16
_ITEMS: Final = 100_000
_TAGS: Final = {16, 17, 18, 96, 97, 98}
_CURVES: Final = {
    1: ("ECDSA", "P-256"), 2: ("ECDSA", "P-384"), 3: ("ECDSA", "P-521"), 4: ("X25519", "255"),
    5: ("X448", "448"), 6: ("Ed25519", "255"), 7: ("Ed448", "448"), 8: ("ECDSA", "secp256k1"),
}  # fmt: skip
_ALGORITHMS: Final[dict[int, tuple[str, str | None, Use]]] = {
    -7: ("ECDSA", "P-256", "sign"), -35: ("ECDSA", "P-384", "sign"),
    -36: ("ECDSA", "P-521", "sign"), -8: ("Ed25519", "255", "sign"),
    -47: ("ECDSA", "secp256k1", "sign"), -37: ("RSA-PSS", None, "sign"),
    -38: ("RSA-PSS", None, "sign"), -39: ("RSA-PSS", None, "sign"), -257: ("RSA", None, "sign"),
    -258: ("RSA", None, "sign"), -259: ("RSA", None, "sign"), -65535: ("RSA", None, "sign"),
    -48: ("ML-DSA-44", None, "sign"), -49: ("ML-DSA-65", None, "sign"),
    -50: ("ML-DSA-87", None, "sign"), 1: ("AES-128-GCM", None, "aead"),
    2: ("AES-192-GCM", None, "aead"), 3: ("AES-256-GCM", None, "aead"),
    4: ("HMAC-SHA-256", None, "mac"), 5: ("HMAC-SHA-256", None, "mac"),
    6: ("HMAC-SHA-384", None, "mac"), 7: ("HMAC-SHA-512", None, "mac"),
    10: ("AES-128-CCM", None, "aead"), 24: ("ChaCha20-Poly1305", None, "aead"),
    -3: ("AES-128-KW", None, "cipher"), -5: ("AES-256-KW", None, "cipher"),
    -25: ("ECDH", None, "key-agreement"), -29: ("ECDH", None, "key-agreement"),
}  # fmt: skip


class CborError(ValueError):
    """The bytes are no CBOR, or nested or long beyond the limits."""


class _Tagged(tuple[int, Any]):
    __slots__ = ()


def read_cbor(data: bytes) -> Any:
    """The first CBOR item of ``data`` (RFC 8949, definite lengths); tags come as pairs."""
    return _read(data, 0, 0, [_ITEMS])[0]


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    if at >= len(data):
        raise CborError("the data ends too early")
    major, low = data[at] >> 5, data[at] & 0x1F
    if low < 24:
        return major, low, at + 1
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(low)
    if width is None or at + 1 + width > len(data):
        raise CborError(f"a length of kind {low} at byte {at}")
    return major, int.from_bytes(data[at + 1 : at + 1 + width], "big"), at + 1 + width


def _read(data: bytes, at: int, depth: int, left: list[int]) -> tuple[Any, int]:
    left[0] -= 1
    if depth > _DEPTH or left[0] < 0:
        raise CborError("nested or long beyond the limits")
    begun = at
    major, value, at = _head(data, at)
    if major < 2:  # integers
        return (value if major == 0 else -1 - value), at
    if major < 4:  # strings
        if at + value > len(data):
            raise CborError("a string is cut off")
        raw = data[at : at + value]
        return (raw if major == 2 else raw.decode("utf-8", "replace")), at + value
    if major == 7:  # simple values and floats
        return _simple(data, begun, value, at), at
    return _nested(data, at, depth, left, (major, value))


def _simple(data: bytes, begun: int, value: int, at: int) -> Any:
    width = at - begun
    if width in {3, 5, 9}:
        return struct.unpack({3: ">e", 5: ">f", 9: ">d"}[width], data[begun + 1 : at])[0]
    return {20: False, 21: True, 22: None}.get(value, value)


def _nested(
    data: bytes, at: int, depth: int, left: list[int], head: tuple[int, int]
) -> tuple[Any, int]:
    major, value = head
    if major == 6:  # a tag
        inside, at = _read(data, at, depth + 1, left)
        return _Tagged((value, inside)), at
    if value > left[0]:
        raise CborError(f"a container of {value} items")
    if major == 4:  # an array
        items = []
        for _ in range(value):
            one, at = _read(data, at, depth + 1, left)
            items.append(one)
        return items, at
    pairs = {}
    for _ in range(value):
        key, at = _read(data, at, depth + 1, left)
        one, at = _read(data, at, depth + 1, left)
        if not isinstance(key, (list, dict)):
            pairs[key if not isinstance(key, _Tagged) else repr(key)] = one
    return pairs, at


def cose_items(data: bytes, location: str) -> Iterator[Item]:
    """The keys and message heads of a COSE file; CBOR that is no COSE gives nothing."""
    try:
        document = read_cbor(data)
        yield from _search(document, location, data)
    except (ValueError, struct.error, TypeError) as error:
        yield malformed(location, str(error), "COSE", evidence=data)


def _search(node: Any, location: str, data: bytes) -> Iterator[Item]:
    if isinstance(node, _Tagged):
        tag, inside = node
        if tag in _TAGS and isinstance(inside, list) and inside:
            yield from _message(inside[0], location, data)
            return
        node = inside
    for one in node if isinstance(node, list) else [node]:
        if isinstance(one, dict) and isinstance(one.get(1), int) and 1 <= one[1] <= 7:
            yield _key(one, location)


def _message(protected: Any, location: str, data: bytes) -> Iterator[Item]:
    head = read_cbor(protected) if isinstance(protected, bytes) and protected else {}
    alg = head.get(1) if isinstance(head, dict) else None
    if isinstance(alg, int):
        algorithm, parameter, use = _ALGORITHMS.get(alg, (f"COSE {alg}", None, "sign"))
        yield make("algorithm", location, algorithm, parameter, use, evidence=data,
                   details={"form": "COSE"})  # fmt: skip


def _key(key: dict[Any, Any], location: str) -> Item:
    kind, evidence = key[1], repr(sorted(key.items(), key=repr)).encode()
    private = -4 in key or kind == 4  # d, or symmetric
    algorithm: str
    parameter: str | None
    if kind in {1, 2}:
        algorithm, parameter = _CURVES.get(key.get(-1, 0), (f"COSE curve {key.get(-1)}", None))
    elif kind == 3 and isinstance(key.get(-1), bytes):
        private = -3 in key
        algorithm, parameter = "RSA", str(int.from_bytes(key[-1], "big").bit_length())
    elif kind == 4:
        secret = key.get(-1)
        algorithm = _ALGORITHMS.get(key.get(3, 0), ("symmetric", None, "mac"))[0]
        parameter = str(8 * len(secret)) if isinstance(secret, bytes) else None
    else:
        algorithm, parameter, _ = _ALGORITHMS.get(key.get(3, 0), (f"COSE key {kind}", None, "sign"))
        private = -2 in key
    agrees = algorithm.startswith("X")
    use: Use = "key-agreement" if agrees else "mac" if kind == 4 else "sign"
    return make("private-key" if private else "public-key", location, algorithm, parameter, use,
                details={"form": "COSE"}, evidence=evidence)  # fmt: skip

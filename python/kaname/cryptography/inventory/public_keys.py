"""Names a public key: its algorithm and the parameter that its strength hangs on."""

from __future__ import annotations

from typing import Any

from kaname.cryptography.inventory.der import DerError, children, element, object_identifier
from kaname.cryptography.inventory.oids import CURVE_OIDS, KEY_OIDS
from kaname.cryptography.inventory.strength import canonical

__all__ = ["name_key", "name_spki"]

_SIMPLE = {
    "Ed25519": ("Ed25519", "255"), "Ed448": ("Ed448", "448"),
    "X25519": ("X25519", "255"), "X448": ("X448", "448"),
}  # fmt: skip
_SEQUENCE, _BITS, _INTEGER, _OID = 0x30, 0x03, 0x02, 0x06


def name_key(key: Any) -> tuple[str, str | None]:
    """Algorithm and parameter of a key object of pyca, public or private."""
    kind = type(key).__name__.removesuffix("PublicKey").removesuffix("PrivateKey")
    if kind == "RSA":
        return "RSA", str(key.key_size)
    if kind in {"EC", "EllipticCurve"}:
        return "ECDSA", canonical(key.curve.name)
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind in {"DSA", "DH"}:
        return kind, str(key.key_size)
    if kind.startswith(("MLDSA", "MLKEM")):
        return f"{kind[:2]}-{kind[2:5]}-{kind[5:]}", None
    return kind, None


def name_spki(data: bytes) -> tuple[str, str | None]:
    """Algorithm and parameter of a DER SubjectPublicKeyInfo that pyca will not load.

    An algorithm that is not known is named by its OID. Raises :class:`DerError`.
    """
    head, bits = children(data, element(data, 0, len(data)))[:2]
    inside = children(data, head)
    if not inside or inside[0].tag != _OID:
        raise DerError("a key without an algorithm identifier")
    oid = object_identifier(data[inside[0].start : inside[0].end])
    algorithm = KEY_OIDS.get(oid, oid)
    if algorithm in {"RSA", "RSA-PSS"}:
        modulus = children(data, element(data, bits.start + 1, bits.end))[0]
        return algorithm, str(int.from_bytes(data[modulus.start : modulus.end], "big").bit_length())
    if algorithm == "ECDSA":
        curve = _curve(data, inside[1:])
        return ("SM2" if curve == "sm2p256v1" else algorithm), curve
    if algorithm in {"DSA", "DH"} and len(inside) > 1 and inside[1].tag == _SEQUENCE:
        prime = children(data, inside[1])[0]
        return algorithm, str(int.from_bytes(data[prime.start : prime.end], "big").bit_length())
    return _SIMPLE.get(algorithm, (algorithm, None))


def _curve(data: bytes, parameters: list[Any]) -> str | None:
    """The named curve, or the bits of the field where the curve is written out (RFC 3279)."""
    if not parameters:
        return None
    if parameters[0].tag == _OID:
        oid = object_identifier(data[parameters[0].start : parameters[0].end])
        return CURVE_OIDS.get(oid, oid)
    field = children(data, parameters[0])[1]
    prime = children(data, field)[1]
    return f"{int.from_bytes(data[prime.start : prime.end], 'big').bit_length()} (explicit)"

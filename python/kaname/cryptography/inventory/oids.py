"""What the object identifiers of X.509 and PKCS say, in the canonical names of the items."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["CURVE_OIDS", "KEY_OIDS", "SIGNATURES", "Signature", "signature"]


class Signature(NamedTuple):
    """A signature's algorithm and the hash beside it (None: inside the algorithm)."""

    algorithm: str
    hash: str | None


_PKCS1: Final = "1.2.840.113549.1.1"
_NIST_SIGN: Final = "2.16.840.1.101.3.4.3"
_SLH: Final = [
    f"SLH-DSA-{name}-{size}{speed}"
    for name in ("SHA2", "SHAKE")
    for size in (128, 192, 256)
    for speed in "sf"
]
SIGNATURES: Final[dict[str, Signature]] = {
    f"{_PKCS1}.2": Signature("RSA", "MD2"),
    f"{_PKCS1}.3": Signature("RSA", "MD4"),
    f"{_PKCS1}.4": Signature("RSA", "MD5"),
    f"{_PKCS1}.5": Signature("RSA", "SHA-1"),
    "1.3.14.3.2.29": Signature("RSA", "SHA-1"),
    f"{_PKCS1}.10": Signature("RSA-PSS", None),
    f"{_PKCS1}.11": Signature("RSA", "SHA-256"),
    f"{_PKCS1}.12": Signature("RSA", "SHA-384"),
    f"{_PKCS1}.13": Signature("RSA", "SHA-512"),
    f"{_PKCS1}.14": Signature("RSA", "SHA-224"),
    "1.2.840.10040.4.3": Signature("DSA", "SHA-1"),
    f"{_NIST_SIGN}.1": Signature("DSA", "SHA-224"),
    f"{_NIST_SIGN}.2": Signature("DSA", "SHA-256"),
    "1.2.840.10045.4.1": Signature("ECDSA", "SHA-1"),
    "1.2.840.10045.4.3.1": Signature("ECDSA", "SHA-224"),
    "1.2.840.10045.4.3.2": Signature("ECDSA", "SHA-256"),
    "1.2.840.10045.4.3.3": Signature("ECDSA", "SHA-384"),
    "1.2.840.10045.4.3.4": Signature("ECDSA", "SHA-512"),
    "1.3.101.112": Signature("Ed25519", None),
    "1.3.101.113": Signature("Ed448", None),
    f"{_NIST_SIGN}.9": Signature("ECDSA", "SHA3-224"),
    f"{_NIST_SIGN}.10": Signature("ECDSA", "SHA3-256"),
    f"{_NIST_SIGN}.11": Signature("ECDSA", "SHA3-384"),
    f"{_NIST_SIGN}.12": Signature("ECDSA", "SHA3-512"),
    f"{_NIST_SIGN}.13": Signature("RSA", "SHA3-224"),
    f"{_NIST_SIGN}.14": Signature("RSA", "SHA3-256"),
    f"{_NIST_SIGN}.15": Signature("RSA", "SHA3-384"),
    f"{_NIST_SIGN}.16": Signature("RSA", "SHA3-512"),
    f"{_NIST_SIGN}.17": Signature("ML-DSA-44", None),
    f"{_NIST_SIGN}.18": Signature("ML-DSA-65", None),
    f"{_NIST_SIGN}.19": Signature("ML-DSA-87", None),
    **{f"{_NIST_SIGN}.{20 + n}": Signature(name, None) for n, name in enumerate(_SLH)},
    "1.2.156.10197.1.501": Signature("SM2", "SM3"),
    "1.2.643.7.1.1.3.2": Signature("GOST R 34.10-2012", "Streebog-256"),
    "1.2.643.7.1.1.3.3": Signature("GOST R 34.10-2012", "Streebog-512"),
}
"""Signature algorithms (RFC 3279, 4055, 5758, 8410, 8702, 9881, 9909)."""
KEY_OIDS: Final[dict[str, str]] = {
    f"{_PKCS1}.1": "RSA",
    f"{_PKCS1}.10": "RSA-PSS",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10046.2.1": "DH",
    "1.2.840.113549.1.3.1": "DH",
    "1.2.840.10045.2.1": "ECDSA",
    "1.3.101.110": "X25519",
    "1.3.101.111": "X448",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
    "2.16.840.1.101.3.4.4.1": "ML-KEM-512",
    "2.16.840.1.101.3.4.4.2": "ML-KEM-768",
    "2.16.840.1.101.3.4.4.3": "ML-KEM-1024",
    **{
        oid: one.algorithm for oid, one in SIGNATURES.items() if one.algorithm[:3] in {"ML-", "SLH"}
    },
    "1.2.643.7.1.1.1.1": "GOST R 34.10-2012",
    "1.2.643.7.1.1.1.2": "GOST R 34.10-2012",
}
"""Public-key algorithms of a SubjectPublicKeyInfo (RFC 3279, 5480, 8410, 9881, 9935)."""
CURVE_OIDS: Final[dict[str, str]] = {
    "1.2.840.10045.3.1.1": "P-192",
    "1.3.132.0.33": "P-224",
    "1.2.840.10045.3.1.7": "P-256",
    "1.3.132.0.34": "P-384",
    "1.3.132.0.35": "P-521",
    "1.3.132.0.10": "secp256k1",
    "1.2.156.10197.1.301": "sm2p256v1",
    "1.3.132.0.1": "K-163",
    "1.3.132.0.15": "B-163",
    "1.3.132.0.26": "K-233",
    "1.3.132.0.27": "B-233",
    "1.3.132.0.16": "K-283",
    "1.3.132.0.17": "B-283",
    "1.3.132.0.36": "K-409",
    "1.3.132.0.37": "B-409",
    "1.3.132.0.38": "K-571",
    "1.3.132.0.39": "B-571",
    "1.3.36.3.3.2.8.1.1.1": "brainpoolP160r1",
    "1.3.36.3.3.2.8.1.1.3": "brainpoolP192r1",
    "1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1",
    "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
    "1.3.36.3.3.2.8.1.1.9": "brainpoolP320r1",
    "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
    "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}
"""Named curves (RFC 5480, 5639)."""


def signature(oid: str) -> Signature:
    """What ``oid`` signs with; an OID that is not known stands for itself."""
    return SIGNATURES.get(oid) or Signature(oid, None)

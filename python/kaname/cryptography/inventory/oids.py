"""What the object identifiers of X.509 and PKCS say, in the canonical names of the items."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "CIPHER_OIDS", "CURVE_OIDS", "HASH_OIDS", "KDF_OIDS", "KEY_OIDS", "PBE_OIDS", "SIGNATURES",
    "Signature", "signature",
]  # fmt: skip


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
    **{
        f"{_NIST_SIGN}.{32 + n}": Signature(f"ML-DSA-{k}", "SHA-512")
        for n, k in enumerate((44, 65, 87))
    },
    "1.3.6.1.5.5.7.6.30": Signature("RSA-PSS", "SHAKE-128"),
    "1.3.6.1.5.5.7.6.31": Signature("RSA-PSS", "SHAKE-256"),
    "1.3.6.1.5.5.7.6.32": Signature("ECDSA", "SHAKE-128"),
    "1.3.6.1.5.5.7.6.33": Signature("ECDSA", "SHAKE-256"),
    "1.2.840.113549.1.9.16.3.17": Signature("HSS-LMS", None),
    "1.3.6.1.5.5.7.6.34": Signature("XMSS", None),
    "1.3.6.1.5.5.7.6.35": Signature("XMSS-MT", None),
    "1.3.6.1.4.1.2.267.7.4.4": Signature("Dilithium2", None),
    "1.3.6.1.4.1.2.267.7.6.5": Signature("Dilithium3", None),
    "1.3.6.1.4.1.2.267.7.8.7": Signature("Dilithium5", None),
    "1.3.9999.3.6": Signature("Falcon-512", None),
    "1.3.9999.3.11": Signature("Falcon-512", None),
    "1.3.9999.3.9": Signature("Falcon-1024", None),
    "1.3.9999.3.14": Signature("Falcon-1024", None),
    "1.2.643.2.2.3": Signature("GOST R 34.10-2001", "GOST R 34.11-94"),
    "1.2.156.10197.1.501": Signature("SM2", "SM3"),
    "1.2.643.7.1.1.3.2": Signature("GOST R 34.10-2012", "Streebog-256"),
    "1.2.643.7.1.1.3.3": Signature("GOST R 34.10-2012", "Streebog-512"),
}
"""Signature algorithms (RFC 3279, 4055, 5758, 8410, 8692, 9802, 9881, 9909)."""
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
        oid: one.algorithm
        for oid, one in SIGNATURES.items()
        if one.algorithm[:3] in {"ML-", "SLH", "HSS", "XMS", "Dil", "Fal"}
    },
    "1.2.643.2.2.19": "GOST R 34.10-2001",
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
    **{
        f"1.3.36.3.3.2.8.1.1.{2 * n}": f"brainpoolP{bits}t1"
        for n, bits in enumerate((160, 192, 224, 256, 320, 384, 512), 1)
    },
    "1.3.132.0.8": "secp160r1",
    "1.3.132.0.9": "secp160k1",
    "1.3.132.0.31": "secp192k1",
    "1.3.132.0.32": "secp224k1",
    "1.3.132.0.3": "K-239",
}
"""Named curves (RFC 5480, 5639)."""

CIPHER_OIDS: Final[dict[str, str]] = {
    **{
        f"2.16.840.1.101.3.4.1.{base + at}": f"AES-{bits}-{mode}"
        for base, bits in ((0, 128), (20, 192), (40, 256))
        for at, mode in ((1, "ECB"), (2, "CBC"), (3, "OFB"), (4, "CFB"), (5, "KW"), (6, "GCM"),
                         (7, "CCM"), (8, "KWP"))
    },
    "1.2.840.113549.3.2": "RC2", "1.2.840.113549.3.4": "RC4", "1.2.840.113549.3.7": "3DES",
    "1.3.14.3.2.7": "DES", "1.2.840.113549.1.9.16.3.6": "3DES", "1.2.410.200004.1.4": "SEED",
    "1.2.392.200011.61.1.1.1.2": "Camellia-128-CBC",
    "1.2.392.200011.61.1.1.1.3": "Camellia-192-CBC",
    "1.2.392.200011.61.1.1.1.4": "Camellia-256-CBC", "1.2.156.10197.1.104.2": "SM4",
    "1.2.840.113549.1.9.16.3.18": "ChaCha20-Poly1305", "1.3.6.1.4.1.188.7.1.1.2": "IDEA",
    "1.2.840.113533.7.66.10": "CAST5",
}  # fmt: skip
"""Ciphers of CMS and PKCS#5 (RFC 3370, 3565, 3657, 5084, 8103)."""
PBE_OIDS: Final[dict[str, tuple[str, str]]] = {
    "1.2.840.113549.1.12.1.1": ("RC4", "SHA-1"), "1.2.840.113549.1.12.1.2": ("RC4", "SHA-1"),
    "1.2.840.113549.1.12.1.3": ("3DES", "SHA-1"), "1.2.840.113549.1.12.1.4": ("3DES", "SHA-1"),
    "1.2.840.113549.1.12.1.5": ("RC2", "SHA-1"), "1.2.840.113549.1.12.1.6": ("RC2-40", "SHA-1"),
    "1.2.840.113549.1.5.1": ("DES", "MD2"), "1.2.840.113549.1.5.3": ("DES", "MD5"),
    "1.2.840.113549.1.5.4": ("RC2", "MD2"), "1.2.840.113549.1.5.6": ("RC2", "MD5"),
    "1.2.840.113549.1.5.10": ("DES", "SHA-1"), "1.2.840.113549.1.5.11": ("RC2", "SHA-1"),
}  # fmt: skip
"""Password-based encryption that names cipher and hash in one (RFC 7292, 8018)."""
KDF_OIDS: Final[dict[str, str]] = {
    "1.2.840.113549.1.5.12": "PBKDF2", "1.3.6.1.4.1.11591.4.11": "scrypt",
}  # fmt: skip
HASH_OIDS: Final[dict[str, str]] = {
    "1.2.840.113549.2.2": "MD2", "1.2.840.113549.2.4": "MD4", "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1", "1.3.36.3.2.1": "RIPEMD-160", "1.2.156.10197.1.401": "SM3",
    **{
        f"2.16.840.1.101.3.4.2.{n}": name
        for n, name in enumerate(
            ("SHA-256", "SHA-384", "SHA-512", "SHA-224", "SHA-512/224", "SHA-512/256", "SHA3-224",
             "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE-128", "SHAKE-256"), 1)
    },
}  # fmt: skip
"""Hashes (RFC 3370, 5754, 8702)."""


def signature(oid: str) -> Signature:
    """What ``oid`` signs with; an OID that is not known stands for itself."""
    return SIGNATURES.get(oid) or Signature(oid, None)

"""Canonical names of algorithms, and how strong each is by its parameter.

Strength is a *class*: what lies below a bound falls to the lower class, so that RSA 4096
is 128 and RSA 2047 is below 112 (NIST SP 800-57 part 1 table 2; CRYPTREC LS-0003). Where
the best known attack is below every class, its published work factor stands: MD5 18
(Xie, Feng 2013), SHA-1 63 (Leurent, Peyrin 2020), DES 56, RC4 0.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CURVES", "bits_of", "canonical", "classical_strength", "family", "quantum_vulnerable"]

_FACTORING: Final = ((15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80))
_CURVE: Final = ((512, 256), (384, 192), (256, 128), (224, 112), (160, 80))
CURVES: Final = {
    "P-192": 192, "P-224": 224, "P-256": 256, "P-384": 384, "P-521": 521,
    "secp256k1": 256, "brainpoolP160r1": 160, "brainpoolP192r1": 192, "brainpoolP224r1": 224,
    "brainpoolP256r1": 256, "brainpoolP320r1": 320, "brainpoolP384r1": 384,
    "brainpoolP512r1": 512, "sm2p256v1": 256, "K-163": 163, "K-233": 233, "K-283": 283,
    "K-409": 409, "K-571": 571, "B-163": 163, "B-233": 233, "B-283": 283, "B-409": 409,
    "B-571": 571, "K-239": 239, "secp160r1": 160, "secp160k1": 160, "secp192k1": 192,
    "secp224k1": 224, "brainpoolP160t1": 160, "brainpoolP192t1": 192, "brainpoolP224t1": 224,
    "brainpoolP256t1": 256, "brainpoolP320t1": 320, "brainpoolP384t1": 384,
    "brainpoolP512t1": 512,
}  # fmt: skip
"""Bits of the field of every named Weierstrass curve."""
_NAMED_CURVES: Final = {
    "secp192r1": "P-192", "prime192v1": "P-192", "secp224r1": "P-224", "secp256r1": "P-256",
    "prime256v1": "P-256", "nistp256": "P-256", "secp384r1": "P-384", "nistp384": "P-384",
    "secp521r1": "P-521", "nistp521": "P-521", "sect163k1": "K-163", "sect233k1": "K-233",
    "sect283k1": "K-283", "sect409k1": "K-409", "sect571k1": "K-571", "sect163r2": "B-163",
    "sect233r1": "B-233", "sect283r1": "B-283", "sect409r1": "B-409", "sect571r1": "B-571",
    "p256": "P-256", "p384": "P-384", "p521": "P-521", "p224": "P-224",
}  # fmt: skip
_FIXED: Final = {
    "Ed25519": 128, "X25519": 128, "Ed448": 192, "X448": 192, "RC4": 0, "RC2": 0, "DES": 56,
    "3DES": 112, "MD2": 0, "MD4": 0, "MD5": 18, "SHA-1": 63, "RIPEMD-160": 80, "IDEA": 112,
    "Blowfish": 56, "CAST5": 112, "SEED": 128, "SM4": 128, "SM3": 128, "ChaCha20": 256,
    "ChaCha20-Poly1305": 256, "Rocca-S": 256, "sntrup761": 128, "NULL": 0, "SM2": 128,
    "anonymous": 0, "export": 40,
    "Streebog-256": 128, "Streebog-512": 256, "Whirlpool": 256, "BLAKE2b": 256, "BLAKE2s": 128,
    "BLAKE3": 128, "HMAC-MD5": 112, "HMAC-SHA-1": 128, "Poly1305": 128, "X-Wing": 128,
    "KCipher-2": 128, "AEGIS-128L": 128, "AEGIS-256": 256,
    "X25519MLKEM768": 192, "SecP256r1MLKEM768": 192, "SecP384r1MLKEM1024": 256,
    "sntrup761x25519": 128, "Dilithium2": 128, "Dilithium3": 192, "Dilithium5": 256,
    "Falcon-512": 128, "Falcon-1024": 256, "GOST R 34.10-2001": 128, "GOST R 34.10-2012": 128,
}  # fmt: skip
_SHOR: Final = frozenset({
    "RSA", "RSA-PSS", "DSA", "DH", "ECDSA", "ECDH", "EC", "Ed25519", "Ed448", "X25519", "X448",
    "ElGamal", "SM2", "GOST R 34.10-2012", "GOST R 34.10-2001",
})  # fmt: skip
_FACTORS: Final = frozenset({"RSA", "RSA-PSS", "DSA", "DH", "ElGamal"})
_ELLIPTIC: Final = frozenset({"ECDSA", "ECDH", "EC"})
_SPELT: Final = {
    "sha1": "SHA-1", "sha": "SHA-1", "md5": "MD5", "md4": "MD4", "md2": "MD2",
    "tripledes": "3DES", "3des": "3DES", "desede": "3DES", "des3": "3DES", "tdes": "3DES",
    "des": "DES", "rc4": "RC4", "arcfour": "RC4", "arc4": "RC4", "rc2": "RC2",
    "rsa": "RSA", "dsa": "DSA", "dh": "DH", "diffiehellman": "DH", "ecdsa": "ECDSA",
    "ecdh": "ECDH", "ec": "EC", "ed25519": "Ed25519", "ed448": "Ed448", "x25519": "X25519",
    "x448": "X448", "aes": "AES", "camellia": "Camellia", "aria": "ARIA", "seed": "SEED",
    "blowfish": "Blowfish", "idea": "IDEA", "cast5": "CAST5", "chacha20": "ChaCha20",
    "chacha20poly1305": "ChaCha20-Poly1305", "poly1305": "Poly1305", "ripemd160": "RIPEMD-160",
    "sm2": "SM2", "sm3": "SM3", "sm4": "SM4", "mldsa": "ML-DSA", "mlkem": "ML-KEM",
    "slhdsa": "SLH-DSA", "blake2b": "BLAKE2b", "blake2s": "BLAKE2s", "blake3": "BLAKE3",
    "rsapss": "RSA-PSS", "rsassapss": "RSA-PSS", "whirlpool": "Whirlpool",
}  # fmt: skip
_NUMBERED: Final = re.compile(
    r"(aes|camellia|aria|mlkem|mldsa|sha3|sha|shake|hmacsha|fndsa)(128|192|224|256|384|512|768|1024|44|65|87)"
    r"(ecb|cbc|ctr|gcm|ccm|cfb|ofb|xts|siv|kw|ocb)?$"
)
_STEM: Final = {
    "aes": "AES", "camellia": "Camellia", "aria": "ARIA", "mlkem": "ML-KEM", "mldsa": "ML-DSA",
    "sha3": "SHA3", "sha": "SHA", "shake": "SHAKE", "hmacsha": "HMAC-SHA", "fndsa": "FN-DSA",
}  # fmt: skip


@lru_cache(4096)
def canonical(name: str) -> str:
    """The field's usual spelling of an algorithm's or a curve's ``name``.

    >>> canonical("sha256"), canonical("aes_128_gcm"), canonical("prime256v1")
    ('SHA-256', 'AES-128-GCM', 'P-256')
    """
    bare = re.sub(r"[-_ /.]", "", name).lower()
    if (known := _SPELT.get(bare) or _NAMED_CURVES.get(bare)) is not None:
        return known
    if (found := _NUMBERED.match(bare)) is not None:
        stem, number, mode = found.groups()
        return f"{_STEM[stem]}-{number}" + (f"-{mode.upper()}" if mode else "")
    return name


@lru_cache(4096)
def family(algorithm: str) -> str:
    """The family of ``algorithm``: Ed25519 is EdDSA, AES-256-GCM is AES."""
    if algorithm in {"Ed25519", "Ed448"}:
        return "EdDSA"
    for stem in ("AES", "Camellia", "ARIA", "ML-KEM", "ML-DSA", "SLH-DSA", "FN-DSA", "SHA3"):
        if algorithm.startswith(stem):
            return stem
    return algorithm


def bits_of(parameter: str | None) -> int | None:
    """The key's or the curve's size in bits that ``parameter`` says; None when it does not."""
    if not parameter:
        return None
    if parameter in CURVES:
        return CURVES[parameter]
    found = re.match(r"\d{1,6}(?!\d)", parameter)
    return int(found.group()) if found is not None else None


def _class(bits: int, bounds: tuple[tuple[int, int], ...]) -> int:
    for bound, strength in bounds:
        if bits >= bound:
            return strength
    return 0


@lru_cache(4096)
def classical_strength(algorithm: str, parameter: str | None = None) -> int | None:
    """The class of strength in bits against classical attack; None where it is not known.

    ``parameter`` is a size in bits ("2048") or a curve ("P-256"). A hash counts by the
    work for a collision.
    """
    bits = bits_of(parameter)
    if algorithm in _FIXED and not algorithm.startswith("HMAC"):
        return _FIXED[algorithm]
    if algorithm in _FACTORS:
        return None if bits is None else _class(bits, _FACTORING)
    if algorithm in _ELLIPTIC:
        return None if bits is None else _class(bits, _CURVE)
    return _named_strength(algorithm, bits)


_LEVELS: Final = {"512": 128, "768": 192, "1024": 256, "44": 128, "65": 192, "87": 256}
_RULES: Final[tuple[tuple[re.Pattern[str], Callable[[str], int | None]], ...]] = (
    (re.compile(r"(?:ML-KEM|ML-DSA|FN-DSA)-(\d+)"), _LEVELS.get),
    (re.compile(r"SLH-DSA-.*?(128|192|256)[sf]?$"), int),
    (re.compile(r"SHA3?-(?:512/)?(\d+)$"), lambda bits: int(bits) // 2),
    (re.compile(r"SHAKE-(128|256)$"), int),
    (re.compile(r"(?:AES|Camellia|ARIA)-(128|192|256)"), int),
    (re.compile(r"ffdhe(\d+)$"), lambda bits: _class(int(bits), _FACTORING)),
)


def _named_strength(algorithm: str, bits: int | None) -> int | None:
    if algorithm in CURVES:
        return _class(CURVES[algorithm], _CURVE)
    if algorithm.startswith("HMAC"):
        return _mac_strength(algorithm, bits)
    for pattern, strength in _RULES:
        if (found := pattern.match(algorithm)) is not None:
            return strength(found.group(1))
    return bits if algorithm in {"AES", "Camellia", "ARIA"} else None


def _mac_strength(algorithm: str, bits: int | None) -> int | None:
    """What the hash gives, and not more than the key has."""
    found = re.match(r"HMAC-SHA3?-?(\d{3})", algorithm)
    most = min(int(found.group(1)), 256) if found is not None else _FIXED.get(algorithm)
    return most if bits is None or most is None else min(most, bits)


@lru_cache(4096)
def quantum_vulnerable(algorithm: str) -> bool:
    """Whether Shor's algorithm breaks it: every public-key algorithm of today but the new ones.

    Hybrids with ML-KEM or sntrup761 are not, symmetric ciphers and hashes are not.
    """
    if algorithm in _SHOR or algorithm in CURVES:
        return True
    return algorithm.startswith("ffdhe")

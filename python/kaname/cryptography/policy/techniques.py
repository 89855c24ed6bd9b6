"""What an item of the inventory uses, in the words of the lists.

A certificate is a signature scheme, a curve and a hash; a TLS cipher suite is a key exchange,
a signature, a cipher, a mode and a MAC. Each part is judged by itself and the worst counts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from kaname.cryptography.inventory.strength import CURVES, canonical, classical_strength

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item

__all__ = ["Part", "parts_of", "relied_on", "version_of"]


class Part(NamedTuple):
    """One technique in use. ``strength`` is classical bits; None: not known, or has none."""

    technique: str
    strength: int | None = None
    curve: str | None = None
    keyed: bool = True  # whether its strength is a matter of policy (a mode has none of its own)
    hybrid: bool = False


_KEYWORDS: Final = frozenset({"HIGH", "MEDIUM", "LOW", "DEFAULT", "ALL", "PROFILE", "FIPS"})
_EXPERIMENTAL: Final = re.compile(r"(?i)(rocca|aegis|hiae)")
_MODES: Final = frozenset({"ECB", "CBC", "CFB", "CTR", "OFB", "XTS", "CCM", "GCM", "OCB", "SIV"})
_SIGNING: Final = {"RSA": "RSASSA-PKCS1-v1_5", "RSA-PSS": "RSA-PSS", "DSA": "DSA",
                   "ECDSA": "ECDSA", "EC": "ECDSA", "Ed25519": "EdDSA", "Ed448": "EdDSA",
                   "EdDSA": "EdDSA"}  # fmt: skip
_AGREEING: Final = {"EC": "ECDH", "ECDSA": "ECDH", "ECDH": "ECDH", "X25519": "ECDH",
                    "X448": "ECDH", "DH": "DH"}  # fmt: skip
_HYBRIDS: Final = {
    "X25519MLKEM768": ("X25519", "ML-KEM-768"), "SecP256r1MLKEM768": ("P-256", "ML-KEM-768"),
    "SecP384r1MLKEM1024": ("P-384", "ML-KEM-1024"), "X-Wing": ("X25519", "ML-KEM-768"),
    "mlkem768x25519": ("X25519", "ML-KEM-768"), "mlkem768nistp256": ("P-256", "ML-KEM-768"),
    "mlkem1024nistp384": ("P-384", "ML-KEM-1024"),
}  # fmt: skip
_SELF: Final = {"3DES": "3-key Triple DES", "SHAKE-128": "SHAKE128", "SHAKE-256": "SHAKE256",
                "SHA-512-256": "SHA-512/256", "CMAC": "CMAC", "AES-CMAC": "CMAC"}  # fmt: skip
_VERSION: Final = re.compile(r"(?i)^(ssl|tls)[ v]*v?(\d(?:\.\d)?)$")


def version_of(item: Item) -> str | None:
    """The protocol version as the TLS guideline writes it ("TLS 1.2"); None: another protocol."""
    said = f"{item.algorithm} {item.parameter or item.details.get('version') or ''}".strip()
    for text in (said, item.algorithm, item.parameter or ""):
        if (found := _VERSION.match(text.strip())) is not None:
            name, number = found.group(1).upper(), found.group(2)
            return f"{name} {number if '.' in number else number + '.0'}"
    return None


def parts_of(item: Item) -> tuple[Part, ...]:
    """The techniques of ``item``; empty for what has none (a damaged file, a protocol)."""
    if item.kind in {"malformed", "opaque", "protocol", "configuration"}:
        return ()
    if item.kind == "keystore" and item.use is None:
        return ()
    suite = str(item.details.get("suite") or "")
    if item.kind == "cipher-suite" and suite.startswith(("TLS_", "SSL_")):
        return _own(suite, None, None, None)
    if item.kind == "cipher-suite" and item.algorithm in _KEYWORDS:
        return ()  # stands for suites that depend on the library
    own = _own(item.algorithm, item.parameter, item.use, item.strength)
    if item.kind == "algorithm":
        # Offered or named without a key: the scheme and its hash are what there is to judge.
        bare = tuple(part._replace(keyed=False) if part.strength is None else part for part in own)
        return bare + _hash(item)
    if item.kind == "public-key":  # of DNSSEC or a request: what is signed with it as well
        return own + _hash(item)
    return own + _signature(item) if item.kind == "certificate" else own


@lru_cache(8192)
def _own(
    algorithm: str, parameter: str | None, use: str | None, strength: int | None
) -> tuple[Part, ...]:
    if algorithm.startswith(("TLS_", "SSL_")):
        return _suite(algorithm)
    name = algorithm.partition("@")[0].removesuffix("-sha256").removesuffix("-sha512")
    if name in _HYBRIDS:
        curve, kem = _HYBRIDS[name]
        # The joint secret holds as long as one of the two does: the stronger one decides.
        classical = _curve(curve)._replace(keyed=False)
        return (classical, Part(kem, classical_strength(kem), hybrid=True))
    if name in CURVES or name in {"X25519", "X448"}:
        return (_curve(name),)
    if name.startswith("ffdhe"):
        return (Part("DH", classical_strength(name)),)
    if name.startswith("mode "):
        return (Part(name.removeprefix("mode ").upper(), keyed=False),)
    if (public := _public(name, parameter, use, strength)) is not None:
        return (public,)
    return _symmetric(name, parameter, strength)


def _curve(name: str) -> Part:
    strength = classical_strength(name)
    return Part("ECDH", strength, name)


def _public(name: str, parameter: str | None, use: str | None, strength: int | None) -> Part | None:
    curve = parameter if name in {"EC", "ECDSA", "ECDH"} else None
    if name in {"X25519", "X448", "Ed25519", "Ed448"}:
        curve = name
    if use in {"kem", "key-agreement", "cipher"}:
        if name == "RSA" and use != "key-agreement":
            padded = "oaep" in (parameter or "").lower()
            return Part("RSA-OAEP" if padded else "RSAES-PKCS1-v1_5", strength)
        if name in _AGREEING:
            return Part(_AGREEING[name], strength, curve)
    if name in _SIGNING:
        return Part(_SIGNING[name], strength, curve)
    return Part(name, strength, curve) if name in {"DH", "ECDH"} else None


def _symmetric(name: str, parameter: str | None, strength: int | None) -> tuple[Part, ...]:
    if name in {"AES", "Camellia"} or name.startswith(("AES-", "Camellia-")):
        words = name.split("-") + re.split(r"[-_ /]", parameter or "")
        if "CMAC" in words:
            return (Part("CMAC", strength),)
        modes = [Part(word.upper(), keyed=False) for word in words if word.upper() in _MODES]
        return (Part(words[0], strength), *modes)
    if name.startswith("HMAC"):
        hashed = canonical(name[5:]) if len(name) > 5 else None
        weak = (Part(hashed, keyed=False),) if hashed in {"MD5", "SHA-1", "RIPEMD-160"} else ()
        return (Part("HMAC", strength, keyed=strength is not None), *weak)
    listed = _SELF.get(name, name)
    if _EXPERIMENTAL.search(name) is not None:
        return (Part(listed, strength),)
    return (Part("SLH-DSA" if listed.startswith("SLH-DSA") else listed, strength),)


def relied_on(item: Item) -> bool:
    """Whether anybody relies on a certificate's signature: not on a root's own."""
    return not (item.details.get("self_signed") and item.details.get("ca"))


def _signature(item: Item) -> tuple[Part, ...]:
    """How the issuer signed."""
    details = item.details
    if not relied_on(item):
        return ()
    scheme = details.get("signature_algorithm")
    if scheme in {None, "unknown"} or details.get("self_signed"):
        return _hash(item)
    return (*_hash(item), Part(_SIGNING.get(str(scheme), str(scheme)), keyed=False))


def _hash(item: Item) -> tuple[Part, ...]:
    hashed = item.details.get("signature_hash")
    if item.details.get("ssh") == "ssh-rsa":  # RFC 4253 section 6.6: RSA with SHA-1
        hashed = "SHA-1"
    if hashed is None:
        return ()
    name = canonical(str(hashed))
    return (Part(name, classical_strength(name)),)


_SUITE: Final = re.compile(r"^(?:TLS|SSL)_(?:(.+)_WITH_)?(.+?)(?:_(SHA\d*|MD5|CCM_?8?))?$")
_CIPHERS: Final = (
    ("CHACHA20_POLY1305", "ChaCha20-Poly1305"), ("3DES_EDE", "3DES"), ("DES40", "DES"),
    ("DES", "DES"), ("RC4", "RC4"), ("RC2", "RC2"), ("IDEA", "IDEA"), ("SEED", "SEED"),
    ("NULL", "NULL"), ("SM4", "SM4"),
)  # fmt: skip


@lru_cache(1024)
def _suite(name: str) -> tuple[Part, ...]:
    """The parts of a TLS cipher suite by its IANA name."""
    found = _SUITE.match(name)
    if found is None:
        return (Part(name),)
    exchange, cipher, mac = found.groups()
    return (*_exchange(exchange), *_cipher(cipher, mac))


def _exchange(exchange: str | None) -> tuple[Part, ...]:
    if exchange is None:  # TLS 1.3: groups and signatures are agreed on apart from it
        return ()
    if "anon" in exchange.lower() or exchange == "NULL":
        return (Part("anonymous", 0),)
    if "EXPORT" in exchange:
        return (Part("export", 40),)
    words = exchange.split("_")
    if words == ["RSA"]:
        return (Part("RSAES-PKCS1-v1_5", keyed=False),)
    agreed = "ECDH" if words[0].startswith("ECDH") else "DH" if words[0].startswith("DH") else None
    signed = {"RSA": "RSASSA-PKCS1-v1_5", "ECDSA": "ECDSA", "DSS": "DSA"}.get(words[-1])
    return tuple(Part(one, keyed=False) for one in (agreed, signed) if one is not None)


def _cipher(cipher: str, mac: str | None) -> tuple[Part, ...]:
    for stem, technique in _CIPHERS:
        if cipher.startswith(stem):
            own = Part(_SELF.get(technique, technique), classical_strength(technique))
            break
    else:
        words = cipher.split("_")
        bits = next((word for word in words if word.isdigit()), "")
        technique = canonical(words[0])
        own = Part(technique, classical_strength(technique, bits or None))
    modes = [word for word in (*cipher.split("_"), *(mac or "").split("_")) if word in _MODES]
    parts = [own, *(Part(mode, keyed=False) for mode in modes)]
    if mac in {"SHA", "MD5"} and "GCM" not in modes:
        parts.append(Part({"SHA": "SHA-1", "MD5": "MD5"}[mac], keyed=False))
    return tuple(parts)

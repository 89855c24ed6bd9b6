"""Binaries: cryptography told by its constants, imported symbols and library names.

A constant says that the algorithm's code is in the file, not that it is used (confidence
below 1). Symbols are read from the dynamic symbol table of ELF; nothing is run.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any, Final

from kaname.cryptography.inventory.item import Item, Use, make, malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["binary_items", "elf_symbols"]

_SYMBOLS: Final = 200_000


def _words(*words: int, width: str = "I") -> tuple[bytes, ...]:
    """The bytes of ``words`` in both byte orders."""
    return tuple(struct.pack(f"{order}{len(words)}{width}", *words) for order in "<>")


_CONSTANTS: Final[tuple[tuple[str, Use, str, tuple[bytes, ...]], ...]] = (
    ("AES", "cipher", "S-box", (bytes.fromhex("637c777bf26b6fc53001672bfed7ab76ca82c97d"),)),
    ("AES", "cipher", "inverse S-box", (bytes.fromhex("52096ad53036a538bf40a39e81f3d7fb7ce3"),)),
    ("AES", "cipher", "T-table", _words(0xC66363A5, 0xF87C7C84, 0xEE777799, 0xF67B7B8D)),
    ("SHA-256", "hash", "K", _words(0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5)),
    ("SHA-512", "hash", "K", _words(0x428A2F98D728AE22, 0x7137449123EF65CD, width="Q")),
    ("MD5", "hash", "T", _words(0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE)),
    ("SHA-1", "hash", "initial value", _words(
        0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)),
    ("SHA3-256", "hash", "Keccak round constants", _words(
        0x1, 0x8082, 0x800000000000808A, 0x8000000080008000, width="Q")),
    ("ChaCha20", "cipher", "sigma", (b"expand 32-byte k",)),
    ("DES", "cipher", "PC1", (bytes(
        (57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18)),)),
    ("Blowfish", "cipher", "P-array", _words(0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)),
    ("Camellia", "cipher", "sigma", _words(0xA09E667F, 0x3BCC908B, 0xB67AE858, 0x4CAA73B2)),
    ("SM4", "cipher", "S-box", (bytes.fromhex("d690e9fecce13db716b614c228fb2c05"),)),
    ("ML-KEM", "kem", "zetas", (
        *_words(1, 1729, 2580, 3289, 2642, 630, 1897, 848, width="H"),
        *_words(2285, 2571, 2970, 1812, 1493, 1422, 287, 202, width="H"),
        *(struct.pack(f"{o}8h", -1044, -758, -359, -1517, 1493, 1422, 287, 202) for o in "<>"))),
    ("ML-DSA", "sign", "zetas", tuple(
        struct.pack(f"{o}5i", 0, 25847, -2608894, -518909, 237124) for o in "<>")),
    ("Curve25519", "key-agreement", "base point order", (
        bytes.fromhex("edd3f55c1a631258d69cf7a2def9de14"),)),
)  # fmt: skip
_IMPORTS: Final[tuple[tuple[re.Pattern[str], str, Use], ...]] = tuple(
    (re.compile(pattern), algorithm, use)  # type: ignore[misc]
    for pattern, algorithm, use in (
        (r"(?:EVP_md5|MD5_(?:Init|Update|Final)|MD5|gcry_md5|mbedtls_md5\w*)$", "MD5", "hash"),
        (r"(?:EVP_sha1|SHA1_(?:Init|Update|Final)|SHA1|mbedtls_sha1\w*)$", "SHA-1", "hash"),
        (
            r"(?:EVP_sha256|SHA256_(?:Init|Update|Final)|SHA256|mbedtls_sha256\w*)$",
            "SHA-256",
            "hash",
        ),
        (r"(?:EVP_sha512|SHA512_(?:Init|Update|Final)|SHA512)$", "SHA-512", "hash"),
        (r"EVP_aes_128_gcm$", "AES-128-GCM", "aead"),
        (r"EVP_aes_256_gcm$", "AES-256-GCM", "aead"),
        (r"EVP_aes_128_cbc$", "AES-128-CBC", "cipher"),
        (r"EVP_aes_256_cbc$", "AES-256-CBC", "cipher"),
        (r"EVP_aes_\d+_ecb$", "AES-ECB", "cipher"),
        (r"AES_(?:set_encrypt_key|encrypt)$", "AES", "cipher"),
        (r"(?:EVP_des_ede3\w*|DES_ede3\w*)$", "3DES", "cipher"),
        (r"(?:EVP_des_(?:cbc|ecb|cfb)\w*|DES_(?:ecb|ncbc)_encrypt)$", "DES", "cipher"),
        (r"(?:EVP_rc4|RC4|RC4_set_key)$", "RC4", "cipher"),
        (
            r"(?:EVP_chacha20_poly1305|crypto_aead_chacha20poly1305\w*)$",
            "ChaCha20-Poly1305",
            "aead",
        ),
        (r"RSA_(?:generate_key|sign|verify|public_encrypt|private_decrypt)\w*$", "RSA", "sign"),
        (r"(?:ECDSA_(?:do_)?(?:sign|verify))$", "ECDSA", "sign"),
        (r"ECDH_compute_key$", "ECDH", "key-agreement"),
        (r"DH_(?:generate|compute)_key$", "DH", "key-agreement"),
        (r"crypto_sign(?:_ed25519)?\w*$", "Ed25519", "sign"),
        (r"(?:X25519|crypto_scalarmult(?:_curve25519)?)$", "X25519", "key-agreement"),
        (r"(?:OQS_KEM\w*|\w*(?:ml_?kem|kyber)_?(?:512|768|1024)\w*)$", "ML-KEM", "kem"),
        (r"(?:OQS_SIG\w*|\w*(?:ml_?dsa|dilithium)_?\d+\w*)$", "ML-DSA", "sign"),
    )
)


_MENTIONS: Final = 10_000
_NAMES: Final = (b"OpenSSL ", b"LibreSSL ", b"BoringSSL ", b"GnuTLS ", b"wolfSSL ", b"Mbed TLS ",
                 b"mbed TLS ", b"libsodium ", b"libgcrypt ", b"Botan ", b"NSS ")  # fmt: skip
_LIBRARY: Final = re.compile(
    rb"(OpenSSL|LibreSSL|BoringSSL|GnuTLS|wolfSSL|[Mm]bed TLS|libsodium|libgcrypt|Botan|NSS) "
    rb"v?(\d{1,4}\.\d{1,4}[\w.-]{0,16})"
)


def _libraries(data: bytes) -> list[str]:
    """Names and versions of cryptographic libraries that stand in the file's strings."""
    found: set[str] = set()
    for name in _NAMES:
        at = data.find(name)
        for _ in range(_MENTIONS):
            if at < 0:
                break
            if (said := _LIBRARY.match(data, at)) is not None:
                found.add(b" ".join(said.groups()).decode("ascii"))
            at = data.find(name, at + 1)
    return sorted(found)[:10]


def _first(data: bytes, forms: tuple[bytes, ...]) -> tuple[int, bytes] | None:
    """Where the first of ``forms`` stands, and which; None: none does."""
    places = [(at, form) for form in forms if (at := data.find(form)) >= 0]
    return min(places, default=None)


def binary_items(data: bytes, location: str) -> Iterator[Item]:
    """The algorithms whose constants or imported functions are in the binary ``data``."""
    libraries = _libraries(data)
    told: dict[str, Any] = {"language": "binary"}
    if libraries:
        told["library"] = ", ".join(libraries)
    for algorithm, use, what, forms in _CONSTANTS:
        if (found := _first(data, forms)) is not None:
            yield make(
                "code-use",
                location,
                algorithm,
                None,
                use,
                offset=found[0],
                evidence=found[1],
                details=told | {"confidence": 0.7, "constant": what},
            )
    if data[:4] != b"\x7fELF":
        return
    try:
        symbols = elf_symbols(data)
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        yield malformed(location, f"the ELF symbols cannot be read: {error}", "ELF",
                        evidence=data[:4096])  # fmt: skip
        return
    yield from _imports(symbols, location, told)


def _imports(symbols: list[str], location: str, told: dict[str, Any]) -> Iterator[Item]:
    seen: set[str] = set()
    for name in symbols:
        for pattern, algorithm, use in _IMPORTS:
            if algorithm not in seen and pattern.match(name) is not None:
                seen.add(algorithm)
                yield make(
                    "code-use",
                    location,
                    algorithm,
                    None,
                    use,
                    evidence=f"import {name}".encode(),
                    details=told | {"confidence": 0.9, "symbol": name},
                )


def elf_symbols(data: bytes) -> list[str]:
    """The names of an ELF file's undefined dynamic symbols, 32 or 64 bit, either byte order."""
    wide, order = data[4] == 2, ">" if data[5] == 2 else "<"
    (table,) = struct.unpack_from(order + ("Q" if wide else "I"), data, 0x28 if wide else 0x20)
    size, count = struct.unpack_from(f"{order}HH", data, 0x3A if wide else 0x2E)
    form = order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII")
    sections = [struct.unpack_from(form, data, table + n * size) for n in range(count)]
    names: list[str] = []
    for section in sections:
        if section[1] == 11 and section[6] < len(sections):  # SHT_DYNSYM
            text = sections[section[6]]
            strings = data[text[4] : text[4] + text[5]]
            names += _undefined(data, section[4], section[5], strings, (wide, order))
    return names


def _undefined(
    data: bytes, start: int, length: int, strings: bytes, form: tuple[bool, str]
) -> Iterator[str]:
    wide, order = form
    size = 24 if wide else 16
    for number in range(min(length // size, _SYMBOLS)):
        at = start + number * size
        (name,) = struct.unpack_from(f"{order}I", data, at)
        (section,) = struct.unpack_from(f"{order}H", data, at + (6 if wide else 14))
        if section == 0 and 0 < name < len(strings):
            end = strings.find(b"\0", name, name + 256)
            yield strings[name : end if end >= 0 else name + 256].decode("ascii", "replace")

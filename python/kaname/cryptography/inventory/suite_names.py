"""Cipher suites by OpenSSL's names and the keywords of its cipher lists (ciphers(1))."""

from __future__ import annotations

import re
from typing import Final

from kaname.cryptography.inventory.tls_codes import SUITES

__all__ = ["KEYWORDS", "iana_suite", "listed_word", "openssl_suite"]

KEYWORDS: Final = {
    "aNULL": "anonymous", "ADH": "anonymous", "AECDH": "anonymous", "eNULL": "NULL",
    "NULL": "NULL", "EXPORT": "export", "EXP": "export", "EXPORT40": "export",
    "EXPORT56": "export", "LOW": "DES", "RC4": "RC4", "RC2": "RC2", "DES": "DES", "3DES": "3DES",
    "IDEA": "IDEA", "SEED": "SEED", "AESGCM": "AES-GCM", "AESCCM": "AES-CCM",
    "CHACHA20": "ChaCha20-Poly1305",
}  # fmt: skip
"""Words of a cipher list that stand for all suites with one algorithm."""
_CIPHERS: Final = (
    ("3DES_EDE_CBC", "DES-CBC3"), ("DES_CBC", "DES-CBC"), ("RC4_128", "RC4"),
    ("CHACHA20_POLY1305", "CHACHA20-POLY1305"), ("SEED_CBC", "SEED"), ("IDEA_CBC", "IDEA-CBC"),
    ("NULL", "NULL"),
)  # fmt: skip


def openssl_suite(iana: str) -> str | None:
    """OpenSSL's name of a suite of TLS 1.2: TLS_RSA_WITH_AES_128_CBC_SHA is AES128-SHA."""
    exchange, _, cipher = iana.removeprefix("TLS_").partition("_WITH_")
    if "EXPORT" in exchange or not cipher:
        return None
    words = {"RSA": "", "DH_anon": "ADH", "ECDH_anon": "AECDH"}.get(
        exchange, exchange.replace("_", "-")
    )
    for theirs, ours in _CIPHERS:
        if cipher.startswith(theirs):
            rest = cipher.removeprefix(theirs)
            cipher = ours if ours == "CHACHA20-POLY1305" else ours + rest.replace("_", "-")
            break
    else:
        cipher = re.sub(r"^(AES|CAMELLIA|ARIA)_(\d+)_(CBC_)?", r"\1\2-", cipher).replace("_", "-")
        cipher = re.sub(r"CCM-8$", "CCM8", cipher)
    return f"{words}-{cipher}" if words else cipher


_BY_OPENSSL: Final = {
    name: iana for iana in SUITES.values() if (name := openssl_suite(iana)) is not None
}


def iana_suite(name: str) -> str | None:
    """The IANA name of a suite by its IANA or OpenSSL ``name``; None where it is no suite's."""
    if name.startswith("TLS_"):
        return name
    plain = name.removeprefix("TLS-") if name.startswith("TLS-") else name
    if plain != name:
        return "TLS_" + plain.replace("-", "_")  # OpenVPN and mbed TLS: IANA's with hyphens
    return _BY_OPENSSL.get(name.replace("EDH-", "DHE-"))


def listed_word(word: str) -> str | None:
    """The algorithm that a ``word`` of a cipher list means ("EECDH+AESGCM" is AES-GCM)."""
    for part in word.split("+"):
        if part in KEYWORDS:
            return KEYWORDS[part]
        if (found := re.fullmatch(r"(AES|CAMELLIA|ARIA)(128|256)", part)) is not None:
            return f"{found.group(1).replace('CAMELLIA', 'Camellia')}-{found.group(2)}"
    return None

"""The transforms of IKEv2: IANA's numbers (RFC 7296, 9370) and the words of configurations."""

from __future__ import annotations

import re
from typing import Final

from kaname.cryptography.inventory.item import Use

__all__ = ["CIPHERS", "EXCHANGES", "INTEGRITY", "MODP", "PRFS", "ike_word"]

Named = tuple[str, str | None, Use]
MODP: Final = {
    1: "768", 2: "1024", 5: "1536", 14: "2048", 15: "3072", 16: "4096", 17: "6144", 18: "8192",
    22: "1024", 23: "2048", 24: "2048",
}  # fmt: skip
"""Diffie-Hellman groups over primes by their number, with the bits of the prime."""
EXCHANGES: Final[dict[int, Named]] = {
    **{number: ("DH", size, "key-agreement") for number, size in MODP.items()},
    19: ("P-256", None, "key-agreement"), 20: ("P-384", None, "key-agreement"),
    21: ("P-521", None, "key-agreement"), 25: ("P-192", None, "key-agreement"),
    26: ("P-224", None, "key-agreement"), 27: ("brainpoolP224r1", None, "key-agreement"),
    28: ("brainpoolP256r1", None, "key-agreement"), 29: ("brainpoolP384r1", None, "key-agreement"),
    30: ("brainpoolP512r1", None, "key-agreement"), 31: ("X25519", "255", "key-agreement"),
    32: ("X448", "448", "key-agreement"), 35: ("ML-KEM-512", None, "kem"),
    36: ("ML-KEM-768", None, "kem"), 37: ("ML-KEM-1024", None, "kem"),
}  # fmt: skip
"""Key exchange methods (transform type 4; ML-KEM of draft-ietf-ipsecme-ikev2-mlkem)."""
CIPHERS: Final[dict[tuple[int, int], Named]] = {
    (2, 0): ("DES", None, "cipher"), (3, 0): ("3DES", None, "cipher"),
    (5, 0): ("IDEA", None, "cipher"), (6, 0): ("CAST5", None, "cipher"),
    (7, 128): ("Blowfish", None, "cipher"), (11, 0): ("NULL", None, "cipher"),
    **{(12, n): (f"AES-{n}-CBC", None, "cipher") for n in (128, 192, 256)},
    **{(13, n): (f"AES-{n}-CTR", None, "cipher") for n in (128, 192, 256)},
    **{(16, n): (f"AES-{n}-CCM", None, "aead") for n in (128, 192, 256)},
    **{(20, n): (f"AES-{n}-GCM", None, "aead") for n in (128, 192, 256)},
    **{(23, n): (f"Camellia-{n}-CBC", None, "cipher") for n in (128, 192, 256)},
    (28, 0): ("ChaCha20-Poly1305", None, "aead"),
}  # fmt: skip
"""Ciphers (transform type 1) by number and key length (0: it has one length)."""
PRFS: Final = {1: "HMAC-MD5", 2: "HMAC-SHA-1", 4: "AES-XCBC", 5: "HMAC-SHA-256",
               6: "HMAC-SHA-384", 7: "HMAC-SHA-512", 8: "AES-CMAC"}  # fmt: skip
"""Pseudo-random functions (transform type 2)."""
INTEGRITY: Final = {1: "HMAC-MD5", 2: "HMAC-SHA-1", 5: "AES-XCBC", 12: "HMAC-SHA-256",
                    13: "HMAC-SHA-384", 14: "HMAC-SHA-512", 8: "AES-CMAC"}  # fmt: skip
"""Integrity algorithms (transform type 3)."""
_WORDS: Final[dict[str, Named]] = {
    "3des": ("3DES", None, "cipher"), "des": ("DES", None, "cipher"),
    "blowfish": ("Blowfish", None, "cipher"), "cast128": ("CAST5", None, "cipher"),
    "null": ("NULL", None, "cipher"), "aes": ("AES-128-CBC", None, "cipher"),
    "chacha20poly1305": ("ChaCha20-Poly1305", None, "aead"),
    "chacha20_poly1305": ("ChaCha20-Poly1305", None, "aead"),
    "md5": ("HMAC-MD5", None, "mac"), "sha": ("HMAC-SHA-1", None, "mac"),
    "aesxcbc": ("AES-XCBC", None, "mac"), "aescmac": ("AES-CMAC", None, "mac"),
    "curve25519": EXCHANGES[31], "x25519": EXCHANGES[31], "curve448": EXCHANGES[32],
    "ecp192": EXCHANGES[25], "ecp224": EXCHANGES[26], "ecp256": EXCHANGES[19],
    "ecp384": EXCHANGES[20], "ecp521": EXCHANGES[21], "ecp224bp": EXCHANGES[27],
    "ecp256bp": EXCHANGES[28], "ecp384bp": EXCHANGES[29], "ecp512bp": EXCHANGES[30],
    "mlkem512": EXCHANGES[35], "mlkem768": EXCHANGES[36], "mlkem1024": EXCHANGES[37],
}  # fmt: skip
_SHA: Final = re.compile(r"(?:prf)?(?:hmac_)?sha(1|256|384|512|2|2_256|2_384|2_512)?(?:_\d+)?$")
_SEALED: Final = re.compile(r"(aes|camellia)_?(128|192|256)?_?(gcm|ccm|ctr|gmac)?_?(?:\d+|[abc])?$")


def ike_word(word: str) -> Named | None:
    """What a ``word`` of a proposal means ("aes256gcm16", "modp2048", "ke1_mlkem768", "dh19")."""
    bare = re.sub(r"^ke\d_", "", word)
    if bare in _WORDS:
        return _WORDS[bare]
    if (found := re.match(r"modp(\d{3,4})(?:s\d+)?$", bare)) is not None:
        return "DH", found.group(1), "key-agreement"
    if (found := re.match(r"dh(\d{1,2})$", bare)) is not None:
        return EXCHANGES.get(int(found.group(1)))
    if bare in {"prfmd5", "prfaesxcbc", "prfaescmac"}:
        name, _, use = _WORDS[bare.removeprefix("prf")]
        return name, None, use
    return _sized(bare)


def _sized(bare: str) -> Named | None:
    if (found := _SHA.match(bare)) is not None:
        size = (found.group(1) or "1").removeprefix("2_")
        return f"HMAC-SHA-{'256' if size == '2' else size}", None, "mac"
    if (found := _SEALED.match(bare)) is not None:
        stem = {"aes": "AES", "camellia": "Camellia"}[found.group(1)]
        mode = (found.group(3) or "cbc").upper()
        use: Use = "aead" if mode in {"GCM", "CCM", "GMAC"} else "cipher"
        return f"{stem}-{found.group(2) or '128'}-{mode}", None, use
    return None

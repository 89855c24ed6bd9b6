"""Java class files: names of algorithms among their string constants (JVMS 4.4).

A string counts only when the class refers to the JCA class that takes such names: "MD5"
where MessageDigest is used, "AES/ECB/..." where Cipher is. No code is run or followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.code import jca_name, jca_transformation
from kaname.cryptography.inventory.item import Item, make, malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["class_items", "is_class"]

_SIZES: Final = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2,
                 17: 4, 18: 4, 19: 2, 20: 2}  # fmt: skip
_UTF8, _LONG, _DOUBLE, _STRING = 1, 5, 6, 8
_CIPHERS: Final = r"(?:AES|DES|DESede|TripleDES|RC4|ARCFOUR|RC2|Blowfish|Camellia|ChaCha20\S*)"
_TAKES: Final = (
    ("javax/crypto/Cipher", re.compile(rf"{_CIPHERS}(?:[/_][\w/-]{{1,50}})?$|RSA/[\w/-]{{1,50}}$")),
    ("java/security/MessageDigest", re.compile(r"(?:MD[245]|SHA-?(?:1|\d{3})?|SHA3-\d{3})$")),
    ("java/security/Signature", re.compile(r"\w{3,9}with\w{2,20}$|(?:ML|SLH)-DSA[\w-]*$|Ed\w+$")),
    ("javax/crypto/Mac", re.compile(r"Hmac\w{3,10}$")),
    ("java/security/KeyPairGenerator", re.compile(
        r"(?:RSA|DSA|EC|DH|X25519|Ed25519|ML-(?:KEM|DSA)[\w-]*)$")),
    ("javax/crypto/KeyGenerator", re.compile(r"(?:AES|DES|DESede|RC4|Blowfish|Hmac\w{3,10})$")),
    ("javax/crypto/spec/SecretKeySpec", re.compile(r"(?:AES|DES|DESede|RC4|Blowfish|Hmac\w+)$")),
    ("javax/crypto/SecretKeyFactory", re.compile(r"PBKDF2With\w{4,20}$|PBEWith\w{4,40}$")),
    ("javax/crypto/KEM", re.compile(r"ML-KEM[\w-]*$")),
    ("javax/crypto/KeyAgreement", re.compile(r"(?:DH|ECDH|X25519|X448|XDH)$")),
)  # fmt: skip


def is_class(data: bytes) -> bool:
    """Whether ``data`` begins like a class file of Java 1.1 to today (and no fat Mach-O)."""
    return data[:4] == b"\xca\xfe\xba\xbe" and 45 <= int.from_bytes(data[6:8], "big") < 200


def class_items(data: bytes, location: str) -> Iterator[Item]:
    """The algorithms that the class's string constants name to the JCA."""
    try:
        texts, strings = _pool(data)
    except (IndexError, ValueError) as error:
        yield malformed(location, f"constants: {error}", "class", evidence=data[:4096])
        return
    names = set(texts.values())
    words = [texts[at] for at in strings if at in texts]
    told: set[tuple[str, str | None]] = set()
    for owner, form in _TAKES:
        if owner not in names:
            continue
        for word in words:
            if form.match(word) is None:
                continue
            found = jca_transformation(word) if owner.endswith("/Cipher") else jca_name(word)
            if found is None or (found[0], found[1]) in told:
                continue
            told.add((found[0], found[1]))
            algorithm, named, use = found
            details = {"confidence": 0.7, "language": "Java class", "source": word}
            hashed = named if use in {"sign", "kdf"} else None
            if hashed is not None:
                details["signature_hash" if use == "sign" else "hash"] = hashed
            yield make("code-use", location, algorithm, None if hashed else named, use,
                       evidence=f"{owner} {word}".encode(), details=details)  # fmt: skip


def _pool(data: bytes) -> tuple[dict[int, str], list[int]]:
    """The texts of the constant pool by index, and the indexes that strings refer to."""
    count, at, index = int.from_bytes(data[8:10], "big"), 10, 1
    texts: dict[int, str] = {}
    strings: list[int] = []
    while index < count:
        tag = data[at]
        if tag == _UTF8:
            length = int.from_bytes(data[at + 1 : at + 3], "big")
            if length <= 200:
                texts[index] = data[at + 3 : at + 3 + length].decode("utf-8", "replace")
            at += 3 + length
        elif tag in _SIZES:
            if tag == _STRING:
                strings.append(int.from_bytes(data[at + 1 : at + 3], "big"))
            at += 1 + _SIZES[tag]
            index += tag in {_LONG, _DOUBLE}
        else:
            raise ValueError(f"a constant of kind {tag} at byte {at}")
        index += 1
    return texts, strings

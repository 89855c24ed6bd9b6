"""Uses of cryptography in source code: by the syntax tree in Python, by patterns elsewhere.

A finding says file, line, what and how sure: 0.9 where a call of a known library names the
algorithm, 0.6 where a name alone does. Comments are left out where the language's simple
comment marks show them. The same algorithm on the same line is told once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.code_lexing import blanked
from kaname.cryptography.inventory.code_python import python_uses
from kaname.cryptography.inventory.code_rules import BY_LANGUAGE, HINTS
from kaname.cryptography.inventory.item import Item, Use, make
from kaname.cryptography.inventory.jose import jose_algorithm
from kaname.cryptography.inventory.strength import canonical
from kaname.cryptography.inventory.tls_codes import suite_cipher

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LANGUAGES", "code_items", "jca_name", "jca_transformation"]

LANGUAGES: Final = {
    "py": "Python", "pyi": "Python", "java": "Java", "kt": "Java", "kts": "Java",
    "scala": "Java", "groovy": "Java", "c": "C", "h": "C", "cc": "C", "cpp": "C", "cxx": "C",
    "hpp": "C", "hh": "C", "m": "C", "mm": "C", "go": "Go", "js": "JavaScript",
    "mjs": "JavaScript", "cjs": "JavaScript", "ts": "JavaScript", "tsx": "JavaScript",
    "jsx": "JavaScript", "vue": "JavaScript", "svelte": "JavaScript", "rs": "Rust", "cs": "C#",
    "php": "PHP", "rb": "Ruby", "swift": "Swift", "sh": "shell", "bash": "shell",
}  # fmt: skip
_LARGEST: Final = {"Python": 2 << 20}  # a syntax tree costs a hundred times its text
_LARGEST_OTHER: Final = 8 << 20
_UseOf = tuple[str, str | None, Use | None]
_HASHES: Final = frozenset({"MD5", "MD4", "MD2", "SHA-1", "RIPEMD-160", "BLAKE2b", "BLAKE3"})
_KDFS: Final = frozenset({"PBKDF2", "bcrypt", "Argon2i", "Argon2id", "scrypt", "HKDF"})


def _use_of(algorithm: str) -> Use | None:
    if algorithm in _KDFS:
        return "kdf"
    if algorithm in _HASHES or algorithm.startswith(("SHA-", "SHA3-")):
        return "hash"
    if algorithm.startswith("HMAC"):
        return "mac"
    if algorithm.startswith("ML-KEM"):
        return "kem"
    if algorithm in {"ECDH", "DH", "X25519", "X448"}:
        return "key-agreement"
    if algorithm.endswith(("-GCM", "-CCM", "Poly1305")):
        return "aead"
    signs = algorithm in {"RSA", "RSA-PSS", "DSA", "ECDSA", "EC", "Ed25519", "Ed448"}
    return "sign" if signs or algorithm.startswith(("ML-DSA", "SLH-DSA")) else "cipher"


def jca_name(text: str) -> _UseOf | None:
    """A JCA name: "SHA256withRSA", "HmacSHA1", "PBKDF2WithHmacSHA256", "ML-KEM-768"."""
    found = re.match(r"(SHA-?\d+|MD5|NONE)with(RSA|ECDSA|DSA)", text, re.IGNORECASE)
    if found is not None:
        pss = re.search(r"PSS|MGF1", text, re.IGNORECASE) is not None
        scheme = "RSA-PSS" if pss else canonical(found.group(2))
        hashed = None if found.group(1).upper() == "NONE" else canonical(found.group(1))
        return scheme, hashed, "sign"
    if text.lower().startswith("hmac"):
        return f"HMAC-{canonical(text[4:])}", None, "mac"
    if text.upper().startswith("PBKDF2"):
        mac = re.search(r"Hmac(\w+)$", text)
        return "PBKDF2", canonical(mac.group(1)) if mac is not None else None, "kdf"
    algorithm = {"RSASSA-PSS": "RSA-PSS", "DiffieHellman": "DH", "XDH": "X25519",
                 "EdDSA": "Ed25519"}.get(text) or canonical(text)  # fmt: skip
    known = algorithm != text or _JCA_WORDS.search(text) is not None
    return (algorithm, None, _use_of(algorithm)) if known else None


_JCA_WORDS: Final = re.compile(
    r"RSA|EC|DES|AES|SHA|MD[245]|RC4|ML-|SLH-|DSA|DH|X25519|X448|Ed\d", re.IGNORECASE
)


def jca_transformation(text: str) -> _UseOf | None:
    """A JCA transformation: "AES/GCM/NoPadding"; without a mode Java takes ECB."""
    parts = text.split("/")
    algorithm = canonical(parts[0])
    mode = parts[1].upper() if len(parts) > 1 else ""
    if algorithm in {"AES", "Camellia", "SM4", "ARIA"}:
        aead = mode in {"GCM", "CCM"}
        return f"{algorithm}-{mode or 'ECB'}", None, "aead" if aead else "cipher"
    if algorithm == "RSA":
        padding = parts[2] if len(parts) > 2 else ""
        return "RSA", "OAEP" if "OAEP" in padding.upper() else None, "kem"
    return jca_name(parts[0])


def _named(text: str) -> _UseOf | None:
    """A name such as "aes-256-cbc", "sha1", "ML-KEM-768" or "RSA-SHA256"."""
    if (
        found := re.fullmatch(r"(RSA|DSA|ecdsa-with)-(MD5|SHA\d+)", text, re.IGNORECASE)
    ) is not None:
        scheme = canonical(found.group(1).removesuffix("-with"))
        return scheme, canonical(found.group(2)), "sign"
    plain = _ALIASES.get(text.lower(), text)
    found = re.fullmatch(r"(AES|Camellia|ARIA|SM4)(\d{3})?[-_]?(\w{2,4})?", plain, re.IGNORECASE)
    if found is not None and found.group(3) and not found.group(2):
        plain = f"{canonical(found.group(1))}-{found.group(3).upper()}"
    algorithm = canonical(plain)
    return algorithm, None, _use_of(algorithm)


_ALIASES: Final = {
    "des3": "3DES", "des-ede3-cbc": "3DES", "des_ede3_cbc": "3DES", "des-cbc": "DES",
    "des_cbc": "DES", "des-ecb": "DES", "bf": "Blowfish", "bf-cbc": "Blowfish",
    "bf_cbc": "Blowfish", "rc2_cbc": "RC2", "cast5_cbc": "CAST5", "idea_cbc": "IDEA",
    "seed_cbc": "SEED", "arcfour": "RC4", "arc4": "RC4", "rmd160": "RIPEMD-160",
    "rijndael": "AES", "rijndael_128": "AES", "rijndael_256": "Rijndael-256",
    "rsassa-pkcs1-v1_5": "RSA", "rsa-oaep": "RSA", "rsa-pss": "RSA-PSS", "tripledes": "3DES",
    "cast": "CAST5", "cast_128": "CAST5", "ecc": "ECDSA", "ecdsa_p256": "ECDSA",
    "ecdh_p256": "ECDH", "sha_1": "SHA-1", "sha_256": "SHA-256", "sha_512": "SHA-512",
    "des_ede3": "3DES", "dh": "DH", "mlkem": "ML-KEM", "mldsa": "ML-DSA", "blake2b512": "BLAKE2b",
    "sha1_for_legacy_use_only": "SHA-1", "bcrypt": "bcrypt", "argon2i": "Argon2i",
    "argon2id": "Argon2id", "xchacha20poly1305": "ChaCha20-Poly1305", "gcm": "AES-GCM",
}  # fmt: skip
_SIZED: Final = re.compile(r"\b(1024|2048|3072|4096|7680|8192|15360|512|768)\b")
_INITIALIZED: Final = re.compile(r"[^}]{0,160}?\.initialize\s*\(\s*(\d{3,5})\b")
_VERSIONS: Final = {
    "ssl2": "SSLv2", "sslv2": "SSLv2", "ssl3": "SSLv3", "sslv3": "SSLv3", "ssl30": "SSLv3",
    "tls": "TLSv1.0", "tls1": "TLSv1.0", "tlsv1": "TLSv1.0", "tls10": "TLSv1.0",
    "tls11": "TLSv1.1", "tlsv11": "TLSv1.1", "tls12": "TLSv1.2", "tlsv12": "TLSv1.2",
    "tls13": "TLSv1.3", "tlsv13": "TLSv1.3", "tlsv10": "TLSv1.0",
}  # fmt: skip


def _version(text: str) -> _UseOf | None:
    """A version of TLS as a library's constant spells it."""
    name = _VERSIONS.get(re.sub(r"[._]", "", text).lower())
    return None if name is None else (name, None, "tls")


def _hmac(text: str) -> _UseOf | None:
    named = _named(text)
    return None if named is None else (f"HMAC-{named[0]}", None, "mac")


def _suite(text: str) -> _UseOf | None:
    algorithm, use = suite_cipher(text)
    return (algorithm, None, use) if algorithm != text else None


def _group(text: str) -> _UseOf | None:
    name = canonical(text.removeprefix("Curve"))
    return name, None, "kem" if "MLKEM" in name else "key-agreement"


def _jose(text: str) -> _UseOf | None:
    return jose_algorithm(text)


_READERS: Final[dict[str, Callable[[str], _UseOf | None]]] = {
    ":jca": jca_name, ":cipher": jca_transformation, ":tls": _version, ":hmac": _hmac,
    ":suite": _suite, ":group": _group, ":jose": _jose,
}  # fmt: skip


def code_items(data: bytes, location: str) -> Iterator[Item]:
    """The uses of cryptography in the source file ``data``, whose language its ending says."""
    language = LANGUAGES.get(location.rpartition(".")[2].lower())
    if language is None or len(data) > _LARGEST.get(language, _LARGEST_OTHER):
        return
    hints = HINTS.get(language)
    if hints is not None and not any(hint in data for hint in hints):
        return
    text = data.decode("utf-8", "replace")
    uses = python_uses(text) if language == "Python" else _pattern_uses(text, language)
    told: set[tuple[int, str, str | None]] = set()
    lines = text.splitlines()
    for line, (algorithm, named, use), sure in uses:
        if (line, algorithm, named) in told:
            continue
        told.add((line, algorithm, named))
        details = {"confidence": sure, "language": language}
        parameter = named
        if named is not None and use in {"sign", "kdf"} and _use_of(named) == "hash":
            details["signature_hash" if use == "sign" else "hash"], parameter = named, None
        shown = lines[line - 1].strip() if line <= len(lines) else ""
        yield make(
            "code-use",
            location,
            algorithm,
            parameter,
            use,
            line=line,
            evidence=shown.encode("utf-8", "replace"),
            details=details | {"source": shown[:200]},
        )


def _pattern_uses(text: str, language: str) -> Iterator[tuple[int, _UseOf, float]]:
    bare, code = blanked(text, language)
    starts = [0, *(found.end() for found in re.finditer("\n", bare))]
    for pattern, algorithm, use, sure in BY_LANGUAGE[language]:
        for found in pattern.finditer(bare):
            begun = found.start() + len(found.group()) - len(found.group().lstrip())
            if code[begun] != bare[begun]:
                continue  # inside a string
            named = _meaning(found, algorithm, use)
            if named is not None:
                yield bisect_right(starts, begun), _sized(named, bare, found.end()), sure


def _meaning(found: re.Match[str], algorithm: str | None, use: Use | None) -> _UseOf | None:
    word = found.group(1) if found.re.groups else None
    if algorithm is None:
        named = _named(word) if word else _named(re.sub(r"\W.*", "", found.group()))
        return named if use is None or named is None else (named[0], named[1], use)
    if algorithm in _READERS:
        return _READERS[algorithm](word) if word else None
    if algorithm == "curve":
        named_curve = canonical((word or "").removeprefix("X9_62_"))
        return "ECDH" if use == "key-agreement" else "ECDSA", named_curve, use
    if algorithm == "mode":
        return f"mode {word}", None, use
    if algorithm.endswith(" P"):
        return algorithm[:-2], f"P-{word}", use
    if word is None or algorithm in {"RSA", "PBKDF2"}:
        return algorithm, None, use
    if re.fullmatch(r"P\d{3}", word):
        return algorithm, canonical(word), use
    return f"{algorithm}-{word}" if word.isdigit() else algorithm, None, use


def _sized(named: _UseOf, text: str, end: int) -> _UseOf:
    """A key size that stands in the same statement, for the algorithms that have one."""
    if named[0] not in {"RSA", "DSA", "DH"} or named[1] is not None:
        return named
    if (found := _INITIALIZED.match(text, end, end + 240)) is not None:
        return (named[0], found.group(1), named[2])
    statement = text[end : end + 160].split(";", 1)[0].split("\n\n", 1)[0]
    found = _SIZED.search(statement)
    return (named[0], found.group(), named[2]) if found is not None else named

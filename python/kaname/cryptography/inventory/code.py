"""Uses of cryptography in source code: by the syntax tree in Python, by patterns elsewhere.

A finding says file, line, what and how sure: 0.9 where a call of a known library names the
algorithm, 0.6 where a name alone does. Comments are left out where the language's simple
comment marks show them. The same algorithm on the same line is told once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.code_python import python_uses
from kaname.cryptography.inventory.item import Item, Use, make
from kaname.cryptography.inventory.strength import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LANGUAGES", "code_items"]

LANGUAGES: Final = {
    "py": "Python", "pyi": "Python", "java": "Java", "kt": "Java", "scala": "Java", "c": "C",
    "h": "C", "cc": "C", "cpp": "C", "cxx": "C", "hpp": "C", "go": "Go", "js": "JavaScript",
    "mjs": "JavaScript", "cjs": "JavaScript", "ts": "JavaScript", "tsx": "JavaScript",
    "jsx": "JavaScript", "rs": "Rust", "cs": "C#",
}  # fmt: skip
_LARGEST: Final = {"Python": 2 << 20}  # a syntax tree costs a hundred times its text
_LARGEST_OTHER: Final = 8 << 20
_UseOf = tuple[str, str | None, Use | None]
_HASHES: Final = frozenset({"MD5", "MD4", "MD2", "SHA-1", "RIPEMD-160", "BLAKE2b", "BLAKE3"})


def _use_of(algorithm: str) -> Use | None:
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


def _java(text: str) -> _UseOf | None:
    """A JCA name: transformation "AES/GCM/NoPadding", "SHA256withRSA", "HmacSHA1"."""
    if (found := re.match(r"(SHA-?\d+|MD5)with(RSA|ECDSA|DSA)", text, re.IGNORECASE)) is not None:
        return canonical(found.group(2)), canonical(found.group(1)), "sign"
    if text.lower().startswith("hmac"):
        return f"HMAC-{canonical(text[4:])}", None, "mac"
    parts = text.split("/")
    algorithm = canonical(parts[0])
    mode = parts[1].upper() if len(parts) > 1 else ""
    if algorithm == "AES":
        use: Use = "aead" if mode in {"GCM", "CCM"} else "cipher"
        return f"AES-{mode}" if mode else "AES-ECB", None, use
    known = algorithm != parts[0] or re.search(
        r"RSA|EC|DES|AES|SHA|MD5|RC4|ML-|DSA|DH", text, re.IGNORECASE
    )
    return (algorithm, None, _use_of(algorithm)) if known else None


def _named(text: str) -> _UseOf | None:
    """A name such as "aes-256-cbc", "sha1" or "md5"."""
    algorithm = canonical(text)
    return algorithm, None, _use_of(algorithm)


_NODE_CALL: Final = (
    r"\b(?:createHash|createHmac|createCipheriv|createDecipheriv|createCipher|createSign|"
    r"createVerify)\s*\(\s*['\"]([\w-]{2,40})['\"]"
)
_SIZED: Final = re.compile(r"\b(1024|2048|3072|4096|7680|8192|15360|512|768)\b")
_INITIALIZED: Final = re.compile(r"[^}]{0,160}?\.initialize\s*\(\s*(\d{3,5})\b")
_Rule = tuple[re.Pattern[str], str | None, Use | None, float]


def _rules(*rules: tuple[str, str | None, Use | None, float]) -> tuple[_Rule, ...]:
    return tuple((re.compile(one[0]), *one[1:]) for one in rules)


_OPENSSL: Final = _rules(
    (r"\bEVP_(md5|md4|sha1|sha224|sha256|sha384|sha512|ripemd160|sm3)\s*\(", None, "hash", 0.9),
    (
        (
            r"\bEVP_(aes_\d+_(?:cbc|ecb|gcm|ccm|ctr|cfb\d*|ofb|xts|wrap)|rc4|chacha20_poly1305|sm4_\w+|"
            r"camellia_\d+_\w+)\s*\("
        ),
        None,
        None,
        0.9,
    ),
    (r"\bEVP_des_ede3\w*\s*\(|\bDES_ede3_\w+\s*\(", "3DES", "cipher", 0.9),
    (
        r"\bEVP_des_(?:cbc|ecb|cfb|ofb)\w*\s*\(|\bDES_(?:ecb|ncbc|cbc)_encrypt\s*\(",
        "DES",
        "cipher",
        0.9,
    ),
    (r"\b(MD5|SHA1|SHA256|SHA512)(?:_Init|_Update|_Final)?\s*\(", None, "hash", 0.8),
    (r"\bRC4(?:_set_key)?\s*\(", "RC4", "cipher", 0.9),
    (
        r"\bAES_(?:set_(?:en|de)crypt_key|(?:en|de)crypt|cbc_encrypt|ecb_encrypt)\s*\(",
        "AES",
        "cipher",
        0.9,
    ),
    (
        (
            r"\b(?:RSA_generate_key(?:_ex)?|EVP_RSA_gen|EVP_PKEY_CTX_set_rsa_keygen_bits|RSA_sign|"
            r"RSA_public_encrypt)\s*\("
        ),
        "RSA",
        "sign",
        0.9,
    ),
    (r"\bECDSA_(?:do_)?(?:sign|verify)\s*\(", "ECDSA", "sign", 0.9),
    (r"\bECDH_compute_key\s*\(", "ECDH", "key-agreement", 0.9),
    (r"\bDH_(?:generate_key|compute_key|generate_parameters_ex)\s*\(", "DH", "key-agreement", 0.9),
    (
        r"\bmbedtls_(md5|sha1|sha256|sha512|aes|des3|des|rsa|ecdsa|ecdh|arc4)_\w+\s*\(",
        None,
        None,
        0.8,
    ),
    (r"\bcrypto_aead_chacha20poly1305\w*\s*\(", "ChaCha20-Poly1305", "aead", 0.9),
    (r"\bcrypto_sign\w*\s*\(", "Ed25519", "sign", 0.8),
    (r"\b(?:OQS_KEM_\w+|\w*(?:kyber|ml_?kem)_?\d+\w*)\s*\(", "ML-KEM", "kem", 0.8),
    (r"\b\w*(?:dilithium|ml_?dsa)_?\d+\w*\s*\(", "ML-DSA", "sign", 0.8),
)
_JCA: Final = _rules(
    (
        (
            r"\b(?:Cipher|MessageDigest|Signature|Mac|KeyPairGenerator|KeyGenerator|KeyFactory|"
            r"SecretKeyFactory|KeyAgreement|KEM)\s*\.\s*getInstance\s*\(\s*\"([^\"]{2,60})\""
        ),
        "java",
        None,
        0.9,
    ),
    (r"\bnew\s+SecretKeySpec\s*\([^;]{0,200}?\"(\w{2,20})\"\s*\)", "java", None, 0.7),
    (r"\bDigestUtils\.(md5|sha1|sha256|sha512)(?:Hex)?\s*\(", None, "hash", 0.9),
)
_GO: Final = _rules(
    (r"\b(md5|sha1|sha256|sha512)\.(?:New|Sum\w*)\s*\(", None, "hash", 0.9),
    (r"\b(des)\.NewCipher\s*\(", None, "cipher", 0.9),
    (r"\bdes\.NewTripleDESCipher\s*\(", "3DES", "cipher", 0.9),
    (r"\brc4\.NewCipher\s*\(", "RC4", "cipher", 0.9),
    (r"\baes\.NewCipher\s*\(", "AES", "cipher", 0.9),
    (r"\bcipher\.NewGCM\s*\(", "AES-GCM", "aead", 0.7),
    (r"\bchacha20poly1305\.New\w*\s*\(", "ChaCha20-Poly1305", "aead", 0.9),
    (
        r"\brsa\.(?:GenerateKey|SignPKCS1v15|SignPSS|EncryptPKCS1v15|EncryptOAEP)\s*\(",
        "RSA",
        "sign",
        0.9,
    ),
    (r"\becdsa\.(?:GenerateKey|Sign\w*|Verify\w*)\s*\(", "ECDSA", "sign", 0.9),
    (r"\bed25519\.(?:GenerateKey|Sign|Verify)\s*\(", "Ed25519", "sign", 0.9),
    (r"\becdh\.X25519\s*\(", "X25519", "key-agreement", 0.9),
    (r"\becdh\.P\d+\s*\(", "ECDH", "key-agreement", 0.9),
    (r"\bmlkem\.\w+768\s*\(", "ML-KEM-768", "kem", 0.9),
    (r"\bmlkem\.\w+1024\s*\(", "ML-KEM-1024", "kem", 0.9),
    (r"\btls\.VersionTLS10\b", "TLSv1.0", "tls", 0.6),
    (r"\btls\.VersionSSL30\b", "SSLv3", "tls", 0.6),
)
_NODE: Final = _rules(
    (_NODE_CALL, None, None, 0.9),
    (r"\bCryptoJS\.(MD5|SHA1|SHA256|SHA512|AES|DES|TripleDES|RC4)\b", None, None, 0.9),
    (r"\bsubtle\.\w+\s*\(\s*(?:\{\s*name\s*:\s*)?['\"]([\w-]{2,40})['\"]", None, None, 0.9),
    (
        r"\bname\s*:\s*['\"](RSA-PSS|RSA-OAEP|RSASSA-PKCS1-v1_5|AES-GCM|AES-CBC|AES-CTR|ECDSA|ECDH|Ed25519|X25519)['\"]",
        None,
        None,
        0.8,
    ),
    (r"\bgenerateKeyPair(?:Sync)?\s*\(\s*['\"]([\w-]{2,20})['\"]", None, None, 0.9),
    (r"\bml_kem(512|768|1024)\b", "ML-KEM", "kem", 0.8),
    (r"\bml_dsa(44|65|87)\b", "ML-DSA", "sign", 0.8),
)
_RUST: Final = _rules(
    (r"\b(Md5|Sha1|Sha224|Sha256|Sha384|Sha512)::(?:new|digest)\b", None, "hash", 0.9),
    (r"\b(Aes128Gcm|Aes256Gcm|ChaCha20Poly1305)::new\b", None, "aead", 0.9),
    (r"\bdigest::(SHA1_FOR_LEGACY_USE_ONLY|SHA256|SHA384|SHA512)\b", None, "hash", 0.8),
    (r"\baead::(AES_128_GCM|AES_256_GCM|CHACHA20_POLY1305)\b", None, "aead", 0.9),
    (r"\bRsaPrivateKey::new\b", "RSA", "sign", 0.9),
    (r"\bTdesEde3\b", "3DES", "cipher", 0.8),
    (r"\bed25519_dalek::|\bEd25519KeyPair\b", "Ed25519", "sign", 0.8),
    (r"\bx25519_dalek::|\bX25519\b", "X25519", "key-agreement", 0.7),
    (r"\bMlKem(512|768|1024)\b", "ML-KEM", "kem", 0.8),
    (r"\bMlDsa(44|65|87)\b", "ML-DSA", "sign", 0.8),
)
_DOTNET: Final = _rules(
    (
        (
            r"\b(MD5|SHA1|SHA256|SHA384|SHA512|Aes|DES|TripleDES|RC2|RSA|DSA|ECDsa)(?:CryptoServiceProvider|Managed|Cng)?"
            r"\s*\.\s*(?:Create|HashData)\s*\("
        ),
        None,
        None,
        0.9,
    ),
    (
        (
            r"\bnew\s+(MD5|SHA1|SHA256|SHA384|SHA512|Aes|DES|TripleDES|RC2|RSA|DSA|ECDsa)(?:CryptoServiceProvider|Managed|Cng)"
            r"\s*\("
        ),
        None,
        None,
        0.9,
    ),
    (r"\bnew\s+AesGcm\s*\(", "AES-GCM", "aead", 0.9),
    (r"\bECDiffieHellman\.Create\s*\(", "ECDH", "key-agreement", 0.9),
    (r"\bSslProtocols\.(Ssl2|Ssl3|Tls11|Tls)\b", "old TLS", "tls", 0.7),
    (r"\bMLKem\b", "ML-KEM", "kem", 0.8),
    (r"\bMLDsa\b", "ML-DSA", "sign", 0.8),
)
_BY_LANGUAGE: Final = {
    "Java": _JCA, "C": _OPENSSL, "Go": _GO, "JavaScript": _NODE, "Rust": _RUST, "C#": _DOTNET,
}  # fmt: skip
_STRING_OR_COMMENT: Final = re.compile(
    r"(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)"
)


def code_items(data: bytes, location: str) -> Iterator[Item]:
    """The uses of cryptography in the source file ``data``, whose language its ending says."""
    language = LANGUAGES.get(location.rpartition(".")[2].lower())
    if language is None or len(data) > _LARGEST.get(language, _LARGEST_OTHER):
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
    bare = _STRING_OR_COMMENT.sub(_blank, text)
    starts = [0, *(found.end() for found in re.finditer("\n", bare))]
    from bisect import bisect_right

    for pattern, algorithm, use, sure in _BY_LANGUAGE[language]:
        for found in pattern.finditer(bare):
            named = _meaning(found, algorithm, use)
            if named is not None:
                yield bisect_right(starts, found.start()), _sized(named, bare, found.end()), sure


def _blank(found: re.Match[str]) -> str:
    """Strings stay; of a comment only its line ends stay."""
    if found.group(1) is not None:
        return found.group()
    return "\n" * found.group().count("\n") or " "


def _meaning(found: re.Match[str], algorithm: str | None, use: Use | None) -> _UseOf | None:
    word = found.group(1) if found.re.groups else None
    if algorithm == "java":
        return _java(word or "")
    if algorithm is not None:
        return f"{algorithm}-{word}" if word and word.isdigit() else algorithm, None, use
    if word is None:
        return None
    plain = word.replace("_FOR_LEGACY_USE_ONLY", "").replace("RSASSA-PKCS1-v1_5", "RSA")
    named = _named(plain.replace("RSA-OAEP", "RSA"))
    return named if use is None or named is None else (named[0], named[1], use)


def _sized(named: _UseOf, text: str, end: int) -> _UseOf:
    """A key size that stands in the same statement, for the algorithms that have one."""
    if named[0] not in {"RSA", "DSA", "DH"} or named[1] is not None:
        return named
    if (found := _INITIALIZED.match(text, end, end + 240)) is not None:
        return (named[0], found.group(1), named[2])
    statement = text[end : end + 160].split(";", 1)[0].split("\n\n", 1)[0]
    found = _SIZED.search(statement)
    return (named[0], found.group(), named[2]) if found is not None else named

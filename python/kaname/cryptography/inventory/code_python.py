"""Uses of cryptography in Python, by the syntax tree.

hashlib, hmac, ssl, pyca cryptography, PyCryptodome, PyNaCl: names are followed through
imports and aliases, so that a name in a comment or a string is no finding.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.jose import jose_algorithm
from kaname.cryptography.inventory.strength import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaname.cryptography.inventory.item import Use

__all__ = ["python_uses"]

_Use = tuple[str, "str | None", "Use | None"]
_HASHLIB: Final = re.compile(
    r"hashlib\.(md5|sha1|sha224|sha256|sha384|sha512|sha3_\d+|blake2[bs])$"
)
_HASH_NAME: Final = re.compile(r"(?i)(md[245]|sha|blake|sm3|ripemd|whirlpool)[\w-]{0,10}")
_TOKEN: Final = re.compile(r"(?:HS|RS|PS|ES)\d{3}K?|EdDSA|none")
_CLASSES: Final[dict[str, tuple[str, Use]]] = {
    "AESGCM": ("AES-GCM", "aead"), "AESCCM": ("AES-CCM", "aead"),
    "ChaCha20Poly1305": ("ChaCha20-Poly1305", "aead"), "AES": ("AES", "cipher"),
    "AES128": ("AES-128", "cipher"), "AES256": ("AES-256", "cipher"),
    "TripleDES": ("3DES", "cipher"), "DES3": ("3DES", "cipher"), "DES": ("DES", "cipher"),
    "ARC4": ("RC4", "cipher"), "ARC2": ("RC2", "cipher"), "Blowfish": ("Blowfish", "cipher"),
    "IDEA": ("IDEA", "cipher"), "CAST5": ("CAST5", "cipher"), "SEED": ("SEED", "cipher"),
    "Camellia": ("Camellia", "cipher"), "ChaCha20": ("ChaCha20", "cipher"),
    "Fernet": ("AES-128-CBC", "cipher"), "MD5": ("MD5", "hash"), "SHA1": ("SHA-1", "hash"),
    "SHA": ("SHA-1", "hash"), "SHA224": ("SHA-224", "hash"), "SHA256": ("SHA-256", "hash"),
    "SHA384": ("SHA-384", "hash"), "SHA512": ("SHA-512", "hash"), "MD4": ("MD4", "hash"),
    "ECDSA": ("ECDSA", "sign"), "ECDH": ("ECDH", "key-agreement"),
    "Ed25519PrivateKey": ("Ed25519", "sign"), "X25519PrivateKey": ("X25519", "key-agreement"),
    "Ed448PrivateKey": ("Ed448", "sign"), "X448PrivateKey": ("X448", "key-agreement"),
    "SigningKey": ("Ed25519", "sign"), "PBKDF2HMAC": ("PBKDF2", "kdf"), "HKDF": ("HKDF", "kdf"),
    "Scrypt": ("scrypt", "kdf"), "MLKEM768PrivateKey": ("ML-KEM-768", "kem"),
    "MLKEM1024PrivateKey": ("ML-KEM-1024", "kem"), "MLDSA44PrivateKey": ("ML-DSA-44", "sign"),
    "MLDSA65PrivateKey": ("ML-DSA-65", "sign"), "MLDSA87PrivateKey": ("ML-DSA-87", "sign"),
}  # fmt: skip
_LIBRARIES: Final = ("cryptography.", "Crypto.", "Cryptodome.", "nacl.")
_SSL: Final = {
    "PROTOCOL_SSLv2": "SSLv2", "PROTOCOL_SSLv3": "SSLv3", "PROTOCOL_TLSv1": "TLSv1.0",
    "PROTOCOL_TLSv1_1": "TLSv1.1", "PROTOCOL_TLSv1_2": "TLSv1.2",
}  # fmt: skip

_TLS: Final = {f"ssl.{name}": version for name, version in _SSL.items()} | {
    "ssl.TLSVersion.SSLv3": "SSLv3", "ssl.TLSVersion.TLSv1": "TLSv1.0",
    "ssl.TLSVersion.TLSv1_1": "TLSv1.1", "ssl.TLSVersion.TLSv1_2": "TLSv1.2",
    "ssl.TLSVersion.TLSv1_3": "TLSv1.3",
}  # fmt: skip
_NAMED_BY_TEXT: Final[dict[str, Use]] = {"oqs.KeyEncapsulation": "kem", "oqs.Signature": "sign"}
_TOKENS: Final = frozenset({"jwt.encode", "jwt.decode", "jose.jwt.encode", "jose.jwt.decode"})
_OTHERS: Final[dict[str, tuple[str, Use]]] = {
    "rsa.newkeys": ("RSA", "sign"), "paramiko.RSAKey.generate": ("RSA", "sign"),
    "paramiko.DSSKey.generate": ("DSA", "sign"), "bcrypt.hashpw": ("bcrypt", "kdf"),
    "hashlib.scrypt": ("scrypt", "kdf"), "ecdsa.SigningKey.generate": ("ECDSA", "sign"),
    "kyber_py.ml_kem.ML_KEM_768.keygen": ("ML-KEM-768", "kem"),
    "dilithium_py.ml_dsa.ML_DSA_65.keygen": ("ML-DSA-65", "sign"),
}  # fmt: skip


def python_uses(text: str) -> Iterator[tuple[int, _Use, float]]:
    """Line, use and how sure, of every use in the module ``text``; none if it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    names = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(node, names)
        elif isinstance(node, ast.Attribute) and _dotted(node, names) in _TLS:
            yield node.lineno, (_TLS[_dotted(node, names)], None, "tls"), 0.9


def _imported(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                head = one.name.split(".")[0]
                names[one.asname or head] = one.name if one.asname else head
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                names[one.asname or one.name] = f"{node.module}.{one.name}"
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(names.get(node.id, ""))
    return ".".join(reversed(parts)) if parts[-1] else ""


def _call(node: ast.Call, names: dict[str, str]) -> Iterator[tuple[int, _Use, float]]:
    name = _dotted(node.func, names)
    if not name:
        return
    line = node.lineno
    if (found := _HASHLIB.match(name)) is not None:
        yield line, (canonical(found.group(1)), None, "hash"), 0.5 if _harmless(node) else 0.95
    elif name in {"hashlib.new", "hmac.new", "hmac.digest", "hashlib.pbkdf2_hmac"}:
        yield from _by_argument(node, name)
    elif name.startswith(_LIBRARIES):
        yield from _library(node, name, line)
    else:
        yield from _other(node, name)


def _other(node: ast.Call, name: str) -> Iterator[tuple[int, _Use, float]]:
    """Libraries with a call or two that name the algorithm, in the name or in a string."""
    words = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
    if name in _OTHERS:
        algorithm, use = _OTHERS[name]
        size = next((one for one in words if type(one) is int and one >= 512), None)
        yield node.lineno, (algorithm, str(size) if size else None, use), 0.9
    elif name in _NAMED_BY_TEXT:
        named = next((one for one in words if isinstance(one, str)), None)
        if named is not None:
            yield node.lineno, (canonical(named[:40]), None, _NAMED_BY_TEXT[name]), 0.9
    elif name in _TOKENS:
        for word in words:
            if isinstance(word, str) and _TOKEN.fullmatch(word) is not None:
                yield node.lineno, jose_algorithm(word), 0.9


def _harmless(node: ast.Call) -> bool:
    """Whether the call says that no security hangs on it (PEP 452, Python 3.9)."""
    return any(
        one.arg == "usedforsecurity"
        and isinstance(one.value, ast.Constant)
        and one.value.value is False
        for one in node.keywords
    )


def _by_argument(node: ast.Call, name: str) -> Iterator[tuple[int, _Use, float]]:
    """The hash that is named by a string argument."""
    values = [*node.args, *(one.value for one in node.keywords)]
    words = [
        one.value if isinstance(one, ast.Constant) else one.attr
        for one in values
        if isinstance(one, (ast.Constant, ast.Attribute))
    ]
    for word in words:
        if isinstance(word, str) and _HASH_NAME.fullmatch(word):
            hashed = canonical(word)
            if name == "hashlib.new":
                yield node.lineno, (hashed, None, "hash"), 0.95
            elif name.startswith("hmac."):
                yield node.lineno, (f"HMAC-{hashed}", None, "mac"), 0.95
            else:
                yield node.lineno, ("PBKDF2", hashed, "kdf"), 0.95
            return


def _library(node: ast.Call, name: str, line: int) -> Iterator[tuple[int, _Use, float]]:
    head, _, last = name.rpartition(".")
    owner = head.rpartition(".")[2]
    if last in {"generate_private_key", "generate", "import_key", "generate_parameters"}:
        yield from _generated(node, owner, line)
    elif last in _CLASSES:
        algorithm, use = _CLASSES[last]
        yield line, (algorithm, None, use), 0.95
    elif last == "new" and owner in _CLASSES:  # PyCryptodome: AES.new(key, AES.MODE_ECB)
        algorithm, use = _CLASSES[owner]
        mode = next(
            (one.attr[5:] for one in ast.walk(node)
             if isinstance(one, ast.Attribute) and one.attr.startswith("MODE_")), None,
        )  # fmt: skip
        if mode is not None:
            algorithm = f"{algorithm}-{mode}"
            use = "aead" if mode in {"GCM", "CCM", "EAX", "SIV", "OCB"} else use
        yield line, (algorithm, None, use), 0.95
    elif owner == "modes":
        yield line, (f"mode {last}", None, "cipher"), 0.8


def _generated(node: ast.Call, owner: str, line: int) -> Iterator[tuple[int, _Use, float]]:
    kind = {"rsa": "RSA", "RSA": "RSA", "dsa": "DSA", "DSA": "DSA", "dh": "DH", "ec": "ECDSA",
            "ECC": "ECDSA"}.get(owner)  # fmt: skip
    if kind is None:
        if owner in _CLASSES:
            algorithm, use = _CLASSES[owner]
            yield line, (algorithm, None, use), 0.95
        return
    values = [*node.args, *(one.value for one in node.keywords)]
    sizes = [one.value for one in values if isinstance(one, ast.Constant)]
    size = next((one for one in sizes if type(one) is int and 512 <= one <= 16_384), None)
    curve = next(
        (canonical(one.func.attr) for one in values
         if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)), None,
    )  # fmt: skip
    parameter = curve if kind == "ECDSA" else str(size) if size is not None else None
    yield line, (kind, parameter, "key-agreement" if kind == "DH" else "sign"), 0.95

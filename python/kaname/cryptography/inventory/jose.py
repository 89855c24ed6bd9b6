"""JOSE: JWK and JWK sets, and the heads of JWS and JWE (RFC 7515-7518, 8037; JSON only)."""

from __future__ import annotations

import binascii
import json
import re
from typing import TYPE_CHECKING, Any, Final

from kaname.cryptography.inventory.item import Item, Use, make, malformed
from kaname.cryptography.inventory.strength import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["JWT", "jose_algorithm", "jwk_items", "token_items"]

JWT: Final = re.compile(rb"(?<![\w-])eyJ[\w-]{4,4000}\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?")
_SIGN: Final = re.compile(r"(HS|RS|PS|ES)(256|384|512|256K)$")
_DEPTH: Final = 8


def _bytes(text: str) -> bytes:
    return binascii.a2b_base64(text.replace("-", "+").replace("_", "/") + "==")


def jose_algorithm(alg: str) -> tuple[str, str | None, Use | None]:
    """Algorithm, parameter and use of a JOSE ``alg`` or ``enc`` name."""
    if (found := _SIGN.match(alg)) is not None:
        kind, bits = found.groups()
        size = bits.removesuffix("K")
        curve = {"256": "P-256", "384": "P-384", "512": "P-521", "256K": "secp256k1"}[bits]
        signed: dict[str, tuple[str, str | None, Use | None]] = {
            "HS": (f"HMAC-SHA-{size}", None, "mac"), "RS": ("RSA", None, "sign"),
            "PS": ("RSA-PSS", None, "sign"), "ES": ("ECDSA", curve, "sign"),
        }  # fmt: skip
        return signed[kind]
    if alg.startswith("RSA"):
        return "RSA", alg[4:] if alg.startswith("RSA-OAEP") else None, "kem"
    if alg.startswith("ECDH-ES"):
        return "ECDH", None, "key-agreement"
    if alg == "none":
        return "NULL", None, "sign"
    if (found := re.match(r"A(128|192|256)(GCM|CBC|KW)", alg)) is not None:
        mode = found.group(2)
        return f"AES-{found.group(1)}-{mode}", None, "aead" if mode == "GCM" else "cipher"
    if alg.startswith("PBES2-"):
        return "PBKDF2", None, "kdf"
    if alg.startswith(("ML-KEM", "HPKE")):
        return re.sub(r"\+A\d+KW$", "", alg), None, "kem"
    return {"EdDSA": "Ed25519", "dir": "direct"}.get(alg, canonical(alg)), None, "sign"


def jwk_items(data: bytes, location: str) -> Iterator[Item]:
    """The keys of a JSON file that is a JWK or holds a JWK set; nothing when it is other JSON."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return
    yield from _search(document, location, 0)


def _search(node: Any, location: str, depth: int) -> Iterator[Item]:
    if depth > _DEPTH:
        return
    if isinstance(node, dict):
        if isinstance(node.get("kty"), str):
            yield _key(node, location)
            return
        for one in node.values():
            yield from _search(one, location, depth + 1)
    elif isinstance(node, list):
        for one in node:
            yield from _search(one, location, depth + 1)


def _key(key: dict[str, Any], location: str) -> Item:
    kind = key["kty"]
    private = "d" in key or "k" in key or "priv" in key
    evidence = json.dumps(key, sort_keys=True, default=str).encode()
    try:
        algorithm, parameter = _name(kind, key)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        reason = f"a JWK of kty {kind} that cannot be read: {error}"
        return malformed(location, reason, "JWK", evidence=evidence)
    use: Use = "mac" if kind == "oct" else "sign"
    if key.get("use") == "enc" or algorithm in {"X25519", "X448", "ECDH"}:
        use = "kem" if algorithm == "RSA" else "key-agreement"
    details: dict[str, Any] = {
        "form": "JWK",
        **{n: str(key[n])[:200] for n in ("kid", "alg", "use") if n in key},
    }
    return make("private-key" if private else "public-key", location, algorithm, parameter, use,
                details=details, evidence=evidence)  # fmt: skip


def _name(kind: str, key: dict[str, Any]) -> tuple[str, str | None]:
    if kind == "RSA":
        return "RSA", str(int.from_bytes(_bytes(key["n"]), "big").bit_length())
    if kind == "EC":
        return ("ECDH" if key.get("use") == "enc" else "ECDSA"), canonical(key["crv"])
    if kind == "OKP":
        curve = canonical(key["crv"])
        return curve, "448" if curve.endswith("448") else "255"
    if kind == "AKP":
        return canonical(key["alg"]), None
    if kind == "oct":
        algorithm = jose_algorithm(key["alg"])[0] if "alg" in key else "symmetric"
        return algorithm, str(8 * len(_bytes(key["k"])))
    return kind, None


def token_items(data: bytes, location: str) -> Iterator[Item]:
    """The algorithms in the heads of compact JWS and JWE tokens in a text."""
    line, counted = 1, 0
    for found in JWT.finditer(data):
        line += data.count(b"\n", counted, found.start())
        counted = found.start()
        head = found.group().split(b".", 1)[0]
        try:
            document = json.loads(_bytes(head.decode("ascii")))
            named = [document[name] for name in ("alg", "enc") if name in document]
        except (ValueError, TypeError, RecursionError):
            continue  # three dotted words are no token
        for name in named:
            algorithm, parameter, use = jose_algorithm(str(name)[:60])
            yield make("algorithm", location, algorithm, parameter, use, line=line,
                       details={"form": "JWS" if len(named) == 1 else "JWE"},
                       evidence=head + str(name).encode())  # fmt: skip

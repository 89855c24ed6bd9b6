"""Ed25519 signatures (RFC 8032) over the canonical JSON of what is said.

The key is made on first use and lies in the data folder, readable by its owner alone. Who
receives a bundle pins the public key; one that is only in the bundle proves that nothing
was changed since it was signed, not by whom.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from kaname.model.errors import UsageError

__all__ = ["canonical", "is_signed", "key_of", "public_of", "sign"]

_NAME = "score.ed25519"
_SIZE = 32  # bytes of a key, private or public

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical(document: Any) -> bytes:
    """JSON with sorted keys and no spaces."""
    return _encoder.encode(document)


def key_of(data: Path) -> Ed25519PrivateKey:
    """The key of the data folder, made now if there is none.

    Raises:
        UsageError: the file is not a key.
    """
    path = data / "keys" / _NAME
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raw = path.read_bytes()
    else:
        made = Ed25519PrivateKey.generate()
        raw = made.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
    if len(raw) != _SIZE:
        raise UsageError("intelligence.error.key", path=path)
    return Ed25519PrivateKey.from_private_bytes(raw)


def public_of(key: Ed25519PrivateKey) -> str:
    """The public half of ``key``, Base64."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def sign(document: Any, key: Ed25519PrivateKey) -> str:
    """The signature over the canonical JSON of ``document``, Base64."""
    return base64.b64encode(key.sign(canonical(document))).decode()


def is_signed(document: Any, signature: str, public: str) -> bool:
    """Whether ``signature`` is that of ``document`` by the owner of ``public``."""
    try:
        raw = base64.b64decode(public, validate=True)
        sealed = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(sealed, canonical(document))
    except (InvalidSignature, ValueError):
        return False
    return True

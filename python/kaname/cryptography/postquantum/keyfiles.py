"""Keys in files: a line each, what it is and the key in base64; ``#`` begins a comment.

A secret file has the seeds of the key for envelopes and of the key for signatures, and is
readable by its owner only; the public file beside it has what others need.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from kaname.cryptography.postquantum.hybrid import HybridPrivateKey, HybridPublicKey
from kaname.model.errors import ConflictError, InputError

__all__ = ["make", "opening_key", "recipient", "signing_key", "verifying_key"]

_MOST = 1 << 16
_OPEN, _TO = "kaname-opening-key-1", "kaname-recipient-1"
_SIGN, _VERIFY = "kaname-signing-key-1", "kaname-signer-1"


def make(path: Path) -> Path:
    """Draw a pair of keys for envelopes and one for signatures; gives the public file.

    Raises:
        ConflictError: one of the files exists.
        InputError: one cannot be written.
    """
    public = path.with_name(f"{path.name}.pub")
    opening, signing = HybridPrivateKey(secrets.token_bytes(32)), MLDSA65PrivateKey.generate()
    _write(path, {_OPEN: opening.seed, _SIGN: signing.private_bytes_raw()}, 0o600)
    shown = {_TO: opening.public_key().raw, _VERIFY: signing.public_key().public_bytes_raw()}
    _write(public, shown, 0o644)
    return public


def opening_key(path: Path) -> HybridPrivateKey:
    """The key that opens envelopes, from a secret file."""
    return HybridPrivateKey(_read(path, _OPEN))


def recipient(path: Path) -> HybridPublicKey:
    """The key to seal for, from a public file."""
    return HybridPublicKey(_read(path, _TO))


def signing_key(path: Path) -> MLDSA65PrivateKey:
    """The key that signs, from a secret file."""
    try:
        return MLDSA65PrivateKey.from_seed_bytes(_read(path, _SIGN))
    except ValueError as error:
        raise _unfit(path, _SIGN) from error


def verifying_key(path: Path) -> MLDSA65PublicKey:
    """The key that signatures are checked with, from a public file."""
    try:
        return MLDSA65PublicKey.from_public_bytes(_read(path, _VERIFY))
    except ValueError as error:
        raise _unfit(path, _VERIFY) from error


def _write(path: Path, keys: dict[str, bytes], mode: int) -> None:
    lines = [f"{name} {base64.b64encode(key).decode()}\n" for name, key in keys.items()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.writelines(lines)
    except FileExistsError:
        raise ConflictError("cryptography.error.key_exists", path=path) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("cryptography.error.key_file", path=path, reason=reason) from error


def _read(path: Path, wanted: str) -> bytes:
    try:
        with path.open("rb") as file:
            text = file.read(_MOST).decode("ascii", "replace")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("cryptography.error.key_file", path=path, reason=reason) from error
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        if name == wanted:
            try:
                return base64.b64decode(value.strip(), validate=True)
            except binascii.Error as error:
                raise _unfit(path, wanted) from error
    raise _unfit(path, wanted)


def _unfit(path: Path, wanted: str) -> InputError:
    return InputError("cryptography.error.no_key", path=path, wanted=wanted)

"""Keys in files: a line each, what it is and the key in base64; ``#`` begins a comment.

A secret file has the seeds of the key for envelopes and of the key for signatures, and is
readable by its owner only; the public file beside it has what others need. The name of a
line says the kind of the key; X-Wing is meant where none is named.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from kaname.model.errors import ConflictError, InputError
from kaname.sealing.hybrid import KEMS, XWING, HybridPrivateKey, HybridPublicKey, Kem

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "draw",
    "lines_of",
    "make",
    "opening_key",
    "public_lines",
    "public_of",
    "read",
    "recipient",
    "secret_lines",
    "signing_key",
    "verifying_key",
    "write_new",
]

_MOST = 1 << 16
_OPEN, _TO = "kaname-opening-key-1", "kaname-recipient-1"
_SIGN, _VERIFY = "kaname-signing-key-1", "kaname-signer-1"


def draw(kem: Kem = XWING) -> tuple[HybridPrivateKey, MLDSA65PrivateKey]:
    """A fresh key for envelopes and one for signatures."""
    return HybridPrivateKey(secrets.token_bytes(32), kem), MLDSA65PrivateKey.generate()


def make(path: Path, kem: Kem = XWING) -> Path:
    """Draw a pair of keys for envelopes and one for signatures; gives the public file.

    Raises:
        ConflictError: one of the files exists.
        InputError: one cannot be written.
    """
    public = path.with_name(f"{path.name}.pub")
    if public.exists():
        raise ConflictError("sealing.error.key_exists", path=public)
    opening, signing = draw(kem)
    write_new(path, secret_lines(opening, signing), 0o600)
    write_new(public, public_lines(opening.public_key(), signing.public_key()), 0o644)
    return public


def secret_lines(opening: HybridPrivateKey, signing: MLDSA65PrivateKey) -> str:
    """What stands in a secret file."""
    return _text({_named(_OPEN, opening.kem): opening.seed, _SIGN: signing.private_bytes_raw()})


def public_lines(to: HybridPublicKey, verify: MLDSA65PublicKey) -> str:
    """What stands in a public file."""
    return _text({_named(_TO, to.kem): to.raw, _VERIFY: verify.public_bytes_raw()})


def public_of(text: str, place: Path) -> tuple[Kem, bytes, MLDSA65PublicKey]:
    """Kind and bytes of the key to seal for and the key of signatures, from a public file.

    Raises:
        InputError: one is missing.
    """
    lines = lines_of(text[:_MOST])
    kem, raw = _of_kind(lines, _TO, place)
    try:
        return kem, raw, MLDSA65PublicKey.from_public_bytes(_one(lines, _VERIFY, place))
    except ValueError as error:
        raise _unfit(place, _VERIFY) from error


def opening_key(path: Path) -> HybridPrivateKey:
    """The key that opens envelopes, from a secret file."""
    kem, raw = _of_kind(lines_of(read(path)), _OPEN, path)
    return HybridPrivateKey(raw, kem)


def recipient(path: Path) -> HybridPublicKey:
    """The key to seal for, from a public file."""
    kem, raw = _of_kind(lines_of(read(path)), _TO, path)
    return HybridPublicKey(raw, kem)


def signing_key(path: Path) -> MLDSA65PrivateKey:
    """The key that signs, from a secret file."""
    try:
        return MLDSA65PrivateKey.from_seed_bytes(_one(lines_of(read(path)), _SIGN, path))
    except ValueError as error:
        raise _unfit(path, _SIGN) from error


def verifying_key(path: Path) -> MLDSA65PublicKey:
    """The key that signatures are checked with, from a public file."""
    try:
        return MLDSA65PublicKey.from_public_bytes(_one(lines_of(read(path)), _VERIFY, path))
    except ValueError as error:
        raise _unfit(path, _VERIFY) from error


def write_new(path: Path, text: str, mode: int) -> None:
    """A file that is there whole or not at all, and never in place of another.

    Raises:
        ConflictError: it exists.
        InputError: it cannot be written.
    """
    made: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        made = Path(name)
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        made.chmod(mode)
        path.hardlink_to(made)
    except FileExistsError:
        raise ConflictError("sealing.error.key_exists", path=path) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("sealing.error.key_file", path=path, reason=reason) from error
    finally:
        if made is not None:
            made.unlink(missing_ok=True)


def read(path: Path) -> str:
    """The text of a key file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MOST).decode("ascii", "replace")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("sealing.error.key_file", path=path, reason=reason) from error


def lines_of(text: str) -> dict[str, str]:
    """What each line of a key file says, by its name; the first of a name counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        if name and not name.startswith("#"):
            found.setdefault(name, value.strip())
    return found


def _text(keys: Mapping[str, bytes]) -> str:
    return "".join(f"{name} {base64.b64encode(key).decode()}\n" for name, key in keys.items())


def _named(line: str, kem: Kem) -> str:
    return line if kem is XWING else f"{line}:{kem.name}"


def _of_kind(lines: Mapping[str, str], wanted: str, path: Path) -> tuple[Kem, bytes]:
    """The kind and the bytes of a hybrid key."""
    for kem in KEMS.values():
        name = _named(wanted, kem)
        if name in lines:
            return kem, _one(lines, name, path)
    raise _unfit(path, wanted)


def _one(lines: Mapping[str, str], wanted: str, path: Path) -> bytes:
    try:
        return base64.b64decode(lines[wanted], validate=True)
    except (KeyError, binascii.Error) as error:
        raise _unfit(path, wanted) from error


def _unfit(path: Path, wanted: str) -> InputError:
    return InputError("sealing.error.no_key", path=path, wanted=wanted)

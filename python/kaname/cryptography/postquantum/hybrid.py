"""X-Wing: a key that stays secret while either X25519 or ML-KEM-768 holds.

Barbosa, Connolly, Duarte, Kaiser, Schwabe, Varner, Westerbaan, "X-Wing: The Hybrid KEM
You've Been Looking For", 2024; draft-connolly-cfrg-xwing-kem-08, whose vectors are tests.

A message to several recipients may share the X25519 share (``ephemeral``): each secret is
bound to the recipient's key and to an ML-KEM ciphertext of its own.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from kaname.model.errors import InputError

__all__ = ["CIPHERTEXT", "SEED", "HybridPrivateKey", "HybridPublicKey", "Sealed"]

SEED = 32
_MLKEM_PUBLIC = 1184
_MLKEM_CIPHERTEXT = 1088
_SHARE = 32
PUBLIC = _MLKEM_PUBLIC + _SHARE
CIPHERTEXT = _MLKEM_CIPHERTEXT + _SHARE
_LABEL = bytes.fromhex("5c2e2f2f5e5c")  # \.//^\


class Sealed(NamedTuple):
    """A shared secret (32 bytes) and what lets the recipient find it."""

    secret: bytes
    lattice: bytes  # the ML-KEM ciphertext
    share: bytes  # the sender's X25519 share

    @property
    def ciphertext(self) -> bytes:
        """As the draft writes it."""
        return self.lattice + self.share


class HybridPublicKey:
    """The key that others encapsulate to: 1,216 bytes.

    Raises:
        InputError: the bytes are no such key.
    """

    def __init__(self, raw: bytes) -> None:
        if len(raw) != PUBLIC:
            raise InputError("cryptography.error.public_key", found=len(raw), expected=PUBLIC)
        try:
            self._lattice = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC])
            self._curve = X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:])
        except ValueError as error:
            raise InputError(
                "cryptography.error.public_key", found=str(error), expected=PUBLIC
            ) from error
        self.raw = raw

    @property
    def ident(self) -> bytes:
        """Eight bytes that say which key it is."""
        return hashlib.sha256(self.raw).digest()[:8]

    def encapsulate(self, ephemeral: X25519PrivateKey | None = None) -> Sealed:
        """A fresh secret for the holder of the private key."""
        own = ephemeral or X25519PrivateKey.generate()
        share = own.public_key().public_bytes_raw()
        first, lattice = self._lattice.encapsulate()
        second = _exchange(own, self._curve)
        return Sealed(_combined(first, second, share, self.raw[_MLKEM_PUBLIC:]), lattice, share)


class HybridPrivateKey:
    """The holder's key, grown from a seed of 32 bytes.

    Raises:
        InputError: the seed has another length.
    """

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED:
            raise InputError("cryptography.error.private_key", found=len(seed), expected=SEED)
        grown = hashlib.shake_256(seed).digest(96)
        self.seed = seed
        self._lattice = MLKEM768PrivateKey.from_seed_bytes(grown[:64])
        self._curve = X25519PrivateKey.from_private_bytes(grown[64:])

    def public_key(self) -> HybridPublicKey:
        """The key for others."""
        curve = self._curve.public_key().public_bytes_raw()
        return HybridPublicKey(self._lattice.public_key().public_bytes_raw() + curve)

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """The secret of a ciphertext; another one where it was changed (implicit rejection).

        Raises:
            InputError: it is not one.
        """
        if len(ciphertext) != CIPHERTEXT:
            raise InputError(
                "cryptography.error.ciphertext", found=len(ciphertext), expected=CIPHERTEXT
            )
        lattice, share = ciphertext[:_MLKEM_CIPHERTEXT], ciphertext[_MLKEM_CIPHERTEXT:]
        first = self._lattice.decapsulate(lattice)
        second = _exchange(self._curve, X25519PublicKey.from_public_bytes(share))
        return _combined(first, second, share, self._curve.public_key().public_bytes_raw())


def _exchange(own: X25519PrivateKey, other: X25519PublicKey) -> bytes:
    try:
        return own.exchange(other)
    except ValueError as error:  # a point of small order: the secret would be all zeros
        raise InputError("cryptography.error.share") from error


def _combined(first: bytes, second: bytes, share: bytes, public: bytes) -> bytes:
    return hashlib.sha3_256(first + second + share + public + _LABEL).digest()

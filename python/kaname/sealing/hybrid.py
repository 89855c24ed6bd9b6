"""Hybrid keys: a secret that stays one while either ML-KEM or the curve holds.

Two kinds, both of draft-irtf-cfrg-concrete-hybrid-kems-04 (framework CG of
draft-irtf-cfrg-hybrid-kems), whose vectors are tests:

- ``MLKEM768-X25519`` is X-Wing (Barbosa, Connolly, Duarte, Kaiser, Schwabe, Varner,
  Westerbaan, "X-Wing: The Hybrid KEM You've Been Looking For", 2024;
  draft-connolly-cfrg-xwing-kem-08).
- ``MLKEM1024-P384`` is for those who need the highest class: it doubles the bytes of a key.

A message to several recipients may share the classical share (``ephemeral``): each secret is
bound to the recipient's key and to an ML-KEM ciphertext of its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
    MLKEM1024PrivateKey,
    MLKEM1024PublicKey,
)

from kaname.model.errors import InputError
from kaname.sealing.groups import P384, X25519, Exchange, Group

__all__ = [
    "KEMS",
    "MLKEM1024_P384",
    "SEED",
    "XWING",
    "HybridPrivateKey",
    "HybridPublicKey",
    "Kem",
    "Sealed",
]

SEED = 32
_LATTICE_SEED = 64


@dataclass(frozen=True, slots=True)
class Kem:
    """One kind of hybrid key; lengths in bytes."""

    name: str
    label: bytes
    lattice_private: type[MLKEM768PrivateKey | MLKEM1024PrivateKey]
    lattice_public: type[MLKEM768PublicKey | MLKEM1024PublicKey]
    lattice_key: int
    lattice: int  # of an ML-KEM ciphertext
    group: Group

    @property
    def public(self) -> int:
        """Of a public key."""
        return self.lattice_key + self.group.element

    @property
    def ciphertext(self) -> int:
        """Of an encapsulated secret."""
        return self.lattice + self.group.element


XWING = Kem(
    "MLKEM768-X25519", bytes.fromhex("5c2e2f2f5e5c"), MLKEM768PrivateKey, MLKEM768PublicKey,
    1184, 1088, X25519,
)  # fmt: skip
MLKEM1024_P384 = Kem(
    "MLKEM1024-P384", b"MLKEM1024-P384", MLKEM1024PrivateKey, MLKEM1024PublicKey,
    1568, 1568, P384,
)  # fmt: skip
KEMS = {one.name: one for one in (XWING, MLKEM1024_P384)}
"""All kinds, by the name that files and headers call them."""


class Sealed(NamedTuple):
    """A shared secret (32 bytes) and what lets the recipient find it."""

    secret: bytes
    lattice: bytes  # the ML-KEM ciphertext
    share: bytes  # the sender's share of the curve

    @property
    def ciphertext(self) -> bytes:
        """As the draft writes it."""
        return self.lattice + self.share


class HybridPublicKey:
    """The key that others encapsulate to.

    Raises:
        InputError: the bytes are no such key.
    """

    def __init__(self, raw: bytes, kem: Kem = XWING) -> None:
        if len(raw) != kem.public:
            raise InputError("sealing.error.public_key", found=len(raw), expected=kem.public)
        try:
            self._lattice = kem.lattice_public.from_public_bytes(raw[: kem.lattice_key])
            kem.group.check(raw[kem.lattice_key :])
        except ValueError as error:
            raise InputError(
                "sealing.error.public_key", found=str(error), expected=kem.public
            ) from error
        self.raw = raw
        self.kem = kem

    @property
    def ident(self) -> bytes:
        """Eight bytes that say which key it is."""
        return hashlib.sha256(self.raw).digest()[:8]

    def encapsulate(self, ephemeral: Exchange | None = None) -> Sealed:
        """A fresh secret for the holder of the private key.

        Raises:
            InputError: the key's share is one that no honest holder makes.
        """
        own = ephemeral or self.kem.group.drawn()
        public = self.raw[self.kem.lattice_key :]
        first, lattice = self._lattice.encapsulate()
        second = _exchange(own, public)
        return Sealed(_combined(self.kem, first, second, own.share + public), lattice, own.share)


class HybridPrivateKey:
    """The holder's key, grown from a seed of 32 bytes.

    Raises:
        InputError: the seed has another length.
    """

    def __init__(self, seed: bytes, kem: Kem = XWING) -> None:
        if len(seed) != SEED:
            raise InputError("sealing.error.private_key", found=len(seed), expected=SEED)
        grown = hashlib.shake_256(seed).digest(_LATTICE_SEED + kem.group.scalar)
        self.seed = seed
        self.kem = kem
        self._lattice = kem.lattice_private.from_seed_bytes(grown[:_LATTICE_SEED])
        self._curve = kem.group.grown(grown[_LATTICE_SEED:])

    def public_key(self) -> HybridPublicKey:
        """The key for others."""
        lattice = self._lattice.public_key().public_bytes_raw()
        return HybridPublicKey(lattice + self._curve.share, self.kem)

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """The secret of a ciphertext; another one where it was changed (implicit rejection).

        Raises:
            InputError: it is not one.
        """
        expected = self.kem.ciphertext
        if len(ciphertext) != expected:
            raise InputError("sealing.error.ciphertext", found=len(ciphertext), expected=expected)
        lattice, share = ciphertext[: self.kem.lattice], ciphertext[self.kem.lattice :]
        first = self._lattice.decapsulate(lattice)
        second = _exchange(self._curve, share)
        return _combined(self.kem, first, second, share + self._curve.share)


def _exchange(own: Exchange, share: bytes) -> bytes:
    try:
        return own.with_share(share)
    except ValueError as error:  # no point, or of small order: the secret would be all zeros
        raise InputError("sealing.error.share") from error


def _combined(kem: Kem, first: bytes, second: bytes, shares: bytes) -> bytes:
    return hashlib.sha3_256(first + second + shares + kem.label).digest()

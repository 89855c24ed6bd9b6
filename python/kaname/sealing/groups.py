"""The classical halves of hybrid keys: X25519 and ECDH over P-384.

What draft-irtf-cfrg-concrete-hybrid-kems-04 calls nominal groups: elements and shared
secrets are bytes of a fixed length, a private key grows from a seed.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

__all__ = ["P384", "X25519", "Exchange", "Group"]


class Exchange(Protocol):
    """A private key of a group."""

    @property
    def share(self) -> bytes:
        """The element that others need."""
        ...

    def with_share(self, other: bytes) -> bytes:
        """The secret with the holder of another share.

        Raises:
            ValueError: it is no element, or one that no honest sender makes.
        """
        ...


class Group(Protocol):
    """A way to agree on a secret."""

    element: int  # bytes of a share
    scalar: int  # bytes of seed that a private key grows from

    def grown(self, seed: bytes) -> Exchange:
        """The private key of a seed.

        Raises:
            ValueError: none grows from it (one seed in 2^192 of P-384).
        """
        ...

    def drawn(self) -> Exchange:
        """A fresh private key."""
        ...

    def check(self, share: bytes) -> None:
        """Refuse what is no element.

        Raises:
            ValueError: it is none.
        """
        ...


class _X25519Exchange:
    def __init__(self, key: X25519PrivateKey) -> None:
        self._key = key
        self.share = key.public_key().public_bytes_raw()

    def with_share(self, other: bytes) -> bytes:
        return self._key.exchange(X25519PublicKey.from_public_bytes(other))


class _X25519:
    """RFC 7748."""

    element, scalar = 32, 32

    def grown(self, seed: bytes) -> Exchange:
        return _X25519Exchange(X25519PrivateKey.from_private_bytes(seed))

    def drawn(self) -> Exchange:
        return _X25519Exchange(X25519PrivateKey.generate())

    def check(self, share: bytes) -> None:
        X25519PublicKey.from_public_bytes(share)


_CURVE = ec.SECP384R1()
_UNCOMPRESSED = 4


class _P384Exchange:
    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.share = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def with_share(self, other: bytes) -> bytes:
        return self._key.exchange(ec.ECDH(), _point(other))


class _P384:
    """SP 800-186; points uncompressed (SEC 1), the secret is the x coordinate."""

    element, scalar = 97, 48

    def grown(self, seed: bytes) -> Exchange:
        return _P384Exchange(ec.derive_private_key(int.from_bytes(seed, "big"), _CURVE))

    def drawn(self) -> Exchange:
        return _P384Exchange(ec.generate_private_key(_CURVE))

    def check(self, share: bytes) -> None:
        _point(share)


def _point(share: bytes) -> ec.EllipticCurvePublicKey:
    """The point on the curve; one spelling only, so that no share has two."""
    if len(share) != _P384.element or share[0] != _UNCOMPRESSED:
        raise ValueError("not an uncompressed point of P-384")
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, share)


X25519: Group = _X25519()
P384: Group = _P384()

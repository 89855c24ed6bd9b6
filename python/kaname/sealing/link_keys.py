"""The key of one end of a link: a hybrid key to open with and an ML-DSA-65 key to sign with.

Both are in one file and have one fingerprint, written as OpenSSH writes them, so that people
compare one thing and neither half can be exchanged by itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from kaname.sealing import keyfiles
from kaname.sealing.hybrid import HybridPrivateKey, HybridPublicKey, Kem

__all__ = ["SIGNATURE", "LinkKey", "LinkPublicKey", "link_key", "link_public_key"]

SIGNATURE = 3309  # bytes of ML-DSA-65 (FIPS 204)
_RECEIPT = b"kaname-receipt-1"


class LinkPublicKey:
    """What the other end needs."""

    def __init__(self, to: HybridPublicKey, verify: MLDSA65PublicKey) -> None:
        self.to = to
        self._verify = verify
        self._signer = verify.public_bytes_raw()
        said = to.kem.name.encode() + b"\0" + to.raw + self._signer
        digest = base64.b64encode(hashlib.sha256(said).digest()).decode().rstrip("=")
        self.fingerprint = f"SHA256:{digest}"

    @property
    def text(self) -> str:
        """As a public file has it."""
        return keyfiles.public_lines(self.to, self._verify)

    def signed(self, message: bytes, signature: bytes, context: bytes) -> bool:
        """Whether ``signature`` is that of the holder over ``message``."""
        try:
            self._verify.verify(signature, message, context)
        except (InvalidSignature, ValueError):
            return False
        return True

    def receipted(self, request: bytes, answer: bytes, receipt: str) -> bool:
        """Whether ``receipt`` is the holder's for ``answer`` to ``request``."""
        try:
            signature = base64.b64decode(receipt, validate=True)
        except (binascii.Error, ValueError):
            return False
        return self.signed(_receipted(request, answer), signature, _RECEIPT)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same key."""
        return isinstance(other, LinkPublicKey) and hmac.compare_digest(
            self.fingerprint, other.fingerprint
        )

    def __hash__(self) -> int:
        """By the fingerprint."""
        return hash(self.fingerprint)


class LinkKey:
    """What the holder keeps."""

    def __init__(self, opening: HybridPrivateKey, signing: MLDSA65PrivateKey) -> None:
        self.opening = opening
        self._signing = signing
        self.public = LinkPublicKey(opening.public_key(), signing.public_key())

    @classmethod
    def drawn(cls, kem: Kem | None = None) -> LinkKey:
        """A fresh key."""
        return cls(*(keyfiles.draw(kem) if kem else keyfiles.draw()))

    @property
    def text(self) -> str:
        """As a secret file has it."""
        return keyfiles.secret_lines(self.opening, self._signing)

    def sign(self, message: bytes, context: bytes) -> bytes:
        """A signature over ``message``."""
        return self._signing.sign(message, context)

    def receipt(self, request: bytes, answer: bytes) -> str:
        """Says that ``answer`` is ours to ``request``; base64."""
        return base64.b64encode(self.sign(_receipted(request, answer), _RECEIPT)).decode()


def link_key(path: Path) -> LinkKey:
    """The key in a secret file, as `kaname crypto key` writes it.

    Raises:
        InputError: there is none in it.
    """
    return LinkKey(keyfiles.opening_key(path), keyfiles.signing_key(path))


def link_public_key(text: str, place: str | Path = "-") -> LinkPublicKey:
    """The key in the text of a public file, which was found at ``place``.

    Raises:
        InputError: there is none in it.
    """
    kem, raw, verify = keyfiles.public_of(text, Path(place))
    return LinkPublicKey(HybridPublicKey(raw, kem), verify)


def _receipted(request: bytes, answer: bytes) -> bytes:
    return hashlib.sha512(request).digest() + hashlib.sha512(answer).digest()

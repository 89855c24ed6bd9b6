"""The key schedule of TLS 1.3 up to the server's handshake keys (RFC 8446, 7.1 and 7.3).

Enough to read the certificates that a TLS 1.3 server sends sealed, whatever signature
they bear: nothing is verified and no handshake is finished.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kaname.cryptography.inventory.tls_hello import TlsError, split

__all__ = ["KeyShare", "expand_label", "open_flight"]

_SUITES: Final[dict[int, tuple[str, int]]] = {
    0x1301: ("sha256", 16), 0x1302: ("sha384", 32), 0x1303: ("sha256", 32),
    0x1304: ("sha256", 16), 0x1305: ("sha256", 16),
}  # fmt: skip
_X25519, _P256, _P384, _X25519MLKEM768 = 0x001D, 0x0017, 0x0018, 0x11EC
_ENCAPSULATED: Final = 1088


class KeyShare:
    """A client's share for ``group``: X25519, P-256, P-384 or X25519MLKEM768."""

    def __init__(self, group: int) -> None:
        self.group = group
        self._kem: Any = None
        if group in {_P256, _P384}:
            self._key: Any = ec.generate_private_key(
                ec.SECP256R1() if group == _P256 else ec.SECP384R1()
            )
            form = PublicFormat.UncompressedPoint
            self.public = self._key.public_key().public_bytes(Encoding.X962, form)
            return
        self._key = x25519.X25519PrivateKey.generate()
        self.public = self._key.public_key().public_bytes_raw()
        if group == _X25519MLKEM768:
            from cryptography.hazmat.primitives.asymmetric import mlkem

            self._kem = mlkem.MLKEM768PrivateKey.generate()
            self.public = self._kem.public_key().public_bytes_raw() + self.public

    def shared(self, answer: bytes) -> bytes:
        """The secret shared with the server's ``answer``; ValueError when it is no key."""
        if self.group in {_P256, _P384}:
            point = ec.EllipticCurvePublicKey.from_encoded_point(self._key.curve, answer)
            return bytes(self._key.exchange(ec.ECDH(), point))
        secret = b""
        if self._kem is not None:
            secret = self._kem.decapsulate(answer[:_ENCAPSULATED])
            answer = answer[_ENCAPSULATED:]
        return secret + bytes(self._key.exchange(x25519.X25519PublicKey.from_public_bytes(answer)))


def expand_label(name: str, secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """HKDF-Expand-Label; no length here is beyond one block of the hash."""
    label = b"tls13 " + label
    info = struct.pack(">HB", length, len(label)) + label + bytes([len(context)]) + context
    return hmac.digest(secret, info + b"\x01", name)[:length]


def open_flight(
    suite: int, secret: bytes, transcript: bytes, sealed: list[bytes]
) -> list[tuple[int, bytes]]:
    """The handshake messages in the server's ``sealed`` records.

    ``transcript`` are the handshake messages up to the ServerHello. Raises
    :class:`TlsError` when a record does not open.
    """
    name, key_length = _SUITES[suite]
    zeros = bytes(hashlib.new(name).digest_size)
    early = hmac.digest(zeros, zeros, name)
    derived = expand_label(name, early, b"derived", hashlib.new(name).digest(), len(zeros))
    handshake = hmac.digest(derived, secret, name)
    seen = hashlib.new(name, transcript).digest()
    traffic = expand_label(name, handshake, b"s hs traffic", seen, len(zeros))
    cipher = _cipher(suite, expand_label(name, traffic, b"key", b"", key_length))
    fixed = int.from_bytes(expand_label(name, traffic, b"iv", b"", 12), "big")
    stream = b""
    for number, record in enumerate(sealed):
        nonce = (fixed ^ number).to_bytes(12, "big")
        try:
            inner = cipher.decrypt(nonce, record[5:], record[:5]).rstrip(b"\0")
        except (InvalidTag, ValueError) as error:
            raise TlsError("a sealed record does not open") from error
        if inner[-1:] == b"\x16":
            stream += inner[:-1]
    return split(stream)


def _cipher(suite: int, key: bytes) -> Any:
    if suite == 0x1303:
        return ChaCha20Poly1305(key)
    if suite in {0x1304, 0x1305}:
        return AESCCM(key, tag_length=16 if suite == 0x1304 else 8)
    return AESGCM(key)

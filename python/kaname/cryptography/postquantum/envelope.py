r"""Envelopes: a file for one or many recipients, which nobody else reads or changes.

Layout, integers big-endian::

    magic        "kaname-envelope-1\n"
    header       length (4), JSON: cipher, piece size, number of recipients, signer (or none)
    share        32, the sender's X25519 share for all recipients
    recipients   each: key id (8), ML-KEM-768 ciphertext (1,088), wrapped file key (40)
    seal         32, HMAC-SHA-256 over all of the above under a key made of the file key
    pieces       each up to ``piece`` bytes and a tag of 16; the last one says that it is
    signature    ML-DSA-65 over the SHA-512 of all of the above, where there is a signer

The file key is drawn anew for each file, and wrapped (RFC 3394) under each recipient's
X-Wing secret. The seal binds it: a recipient who opens with another key is told so before
anything is decrypted, which AES-GCM alone does not promise (it does not commit to its key).
Pieces follow STREAM (Hoang, Reyhanitabar, Rogaway, Vizar, CRYPTO 2015): counter and last
flag are the nonce, so that pieces cannot be dropped, repeated or reordered.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from kaname.cryptography.postquantum.hybrid import HybridPrivateKey, HybridPublicKey
from kaname.model.errors import InputError, IntegrityError, UsageError

__all__ = ["MAGIC", "Opened", "open_envelope", "seal_envelope"]

MAGIC = b"kaname-envelope-1\n"
PIECE = 1 << 16
_CIPHER = "aes-256-gcm"
_MOST_RECIPIENTS = 100_000
_MOST_HEADER = 1 << 16
_LATTICE, _WRAPPED, _IDENT, _SHARE, _SEAL, _TAG = 1088, 40, 8, 32, 32, 16
_RECIPIENT = _IDENT + _LATTICE + _WRAPPED
_SIGNATURE = 3309
_CONTEXT = b"kaname-envelope-1"


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of an envelope before its pieces are read."""

    recipients: int
    signer: bytes  # the ML-DSA-65 public key that is named; empty where there is none


class _Hashed:
    """What is written or read, and the hash of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.hash = hashlib.sha512()

    def write(self, data: bytes) -> None:
        self.hash.update(data)
        self._stream.write(data)

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.hash.update(data)
        return data

    def ahead(self, size: int) -> bytes:
        """Read without hashing: what of it belongs to the hash is not known yet."""
        return self._stream.read(size)

    def exactly(self, size: int) -> bytes:
        data = self.read(size)
        if len(data) != size:
            raise InputError("cryptography.error.envelope_short")
        return data


def seal_envelope(
    source: BinaryIO,
    target: BinaryIO,
    recipients: Sequence[HybridPublicKey],
    signer: MLDSA65PrivateKey | None = None,
) -> int:
    """Write ``source`` as an envelope to ``target``; gives the bytes of the plaintext.

    Raises:
        UsageError: there is no recipient, or there are too many.
    """
    if not 0 < len(recipients) <= _MOST_RECIPIENTS:
        raise UsageError("cryptography.error.recipients", most=_MOST_RECIPIENTS)
    named = signer.public_key().public_bytes_raw().hex() if signer else ""
    head = json.dumps(
        {"cipher": _CIPHER, "piece": PIECE, "recipients": len(recipients), "signer": named},
        separators=(",", ":"), sort_keys=True,
    ).encode()  # fmt: skip
    key = secrets.token_bytes(32)
    share = X25519PrivateKey.generate()
    body = bytearray(MAGIC + struct.pack(">I", len(head)) + head)
    body += share.public_key().public_bytes_raw()
    for one in recipients:
        sealed = one.encapsulate(share)
        body += one.ident + sealed.lattice + aes_key_wrap(_derived(sealed.secret, b"wrap"), key)
    out = _Hashed(target)
    out.write(bytes(body))
    out.write(_seal(key, bytes(body)))
    size = 0
    for piece in _sealed_pieces(source, key):
        size += len(piece) - _TAG
        out.write(piece)
    if signer:
        out.write(signer.sign(out.hash.digest(), _CONTEXT))
    return size


def open_envelope(
    source: BinaryIO,
    target: BinaryIO,
    key: HybridPrivateKey,
    signer: MLDSA65PublicKey | None = None,
) -> Opened:
    """Write the plaintext of an envelope to ``target``.

    Each piece is written once it is proved; the caller makes the whole visible only when
    this returns, since a cut or forged end is found last.

    Raises:
        InputError: it is no envelope, is cut, or is for others.
        IntegrityError: it was changed, or the signature is missing, of another, or wrong.
    """
    start = _Hashed(source)
    head = _head(start)
    listed = start.exactly(_SHARE + head.recipients * _RECIPIENT)
    secret = _file_key(listed, key)
    body = MAGIC + head.raw + listed
    if not hmac.compare_digest(start.exactly(_SEAL), _seal(secret, body)):
        raise IntegrityError("cryptography.error.envelope_changed")
    ends = _SIGNATURE if head.signer else 0
    _expect(head.signer, signer)
    trailer = _open_pieces(start, target, secret, ends)
    if head.signer:
        _verify(head.signer, trailer.signature, trailer.digest)
    return Opened(head.recipients, head.signer)


@dataclass(frozen=True, slots=True)
class _Head:
    raw: bytes
    recipients: int
    signer: bytes


@dataclass(frozen=True, slots=True)
class _Trailer:
    digest: bytes
    signature: bytes


def _head(start: _Hashed) -> _Head:
    if start.read(len(MAGIC)) != MAGIC:
        raise InputError("cryptography.error.no_envelope")
    length = start.exactly(4)
    (size,) = struct.unpack(">I", length)
    if size > _MOST_HEADER:
        raise InputError("cryptography.error.no_envelope")
    raw = start.exactly(size)
    try:
        told = json.loads(raw)
        fit = told["cipher"] == _CIPHER and told["piece"] == PIECE
        many, signer = int(told["recipients"]), bytes.fromhex(told["signer"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("cryptography.error.no_envelope") from error
    if not fit or not 0 < many <= _MOST_RECIPIENTS:
        raise InputError("cryptography.error.no_envelope")
    return _Head(length + raw, many, signer)


def _file_key(listed: bytes, key: HybridPrivateKey) -> bytes:
    """The file key, from the entry for this key."""
    share, ident = listed[:_SHARE], key.public_key().ident
    for at in range(_SHARE, len(listed), _RECIPIENT):
        if listed[at : at + _IDENT] != ident:
            continue
        lattice = listed[at + _IDENT : at + _IDENT + _LATTICE]
        wrapped = listed[at + _IDENT + _LATTICE : at + _RECIPIENT]
        secret = key.decapsulate(lattice + share)
        try:
            return aes_key_unwrap(_derived(secret, b"wrap"), wrapped)
        except InvalidUnwrap as error:
            raise IntegrityError("cryptography.error.envelope_changed") from error
    raise InputError("cryptography.error.not_recipient")


def _expect(named: bytes, signer: MLDSA65PublicKey | None) -> None:
    if signer is None:
        return
    if not named:
        raise IntegrityError("cryptography.error.unsigned")
    if named != signer.public_bytes_raw():
        raise IntegrityError("cryptography.error.other_signer")


def _verify(named: bytes, signature: bytes, digest: bytes) -> None:
    try:
        MLDSA65PublicKey.from_public_bytes(named).verify(signature, digest, _CONTEXT)
    except (InvalidSignature, ValueError) as error:
        raise IntegrityError("cryptography.error.signature") from error


def _sealed_pieces(source: BinaryIO, key: bytes) -> Iterator[bytes]:
    cipher = AESGCM(_derived(key, b"pieces"))
    for number, (piece, last) in enumerate(_pieces(source)):
        yield cipher.encrypt(_nonce(number, last=last), piece, None)


def _pieces(source: BinaryIO) -> Iterable[tuple[bytes, bool]]:
    """Pieces, and whether each is the last; an empty source is one empty piece."""
    now = source.read(PIECE)
    while True:
        following = source.read(PIECE) if len(now) == PIECE else b""
        yield now, not following
        if not following:
            return
        now = following


def _open_pieces(start: _Hashed, target: BinaryIO, key: bytes, ends: int) -> _Trailer:
    """Decrypt the pieces; gives what stands behind them and the hash up to there."""
    cipher = AESGCM(_derived(key, b"pieces"))
    held = start.ahead(PIECE + _TAG + ends)
    number = 0
    while True:
        more = start.ahead(PIECE + _TAG) if len(held) == PIECE + _TAG + ends else b""
        whole = held + more
        last = len(whole) <= PIECE + _TAG + ends
        piece = whole[: len(whole) - ends] if last else whole[: PIECE + _TAG]
        if len(piece) < _TAG:
            raise InputError("cryptography.error.envelope_short")
        start.hash.update(piece)
        try:
            target.write(cipher.decrypt(_nonce(number, last=last), piece, None))
        except InvalidTag as error:
            raise IntegrityError("cryptography.error.envelope_changed") from error
        if last:
            return _Trailer(start.hash.digest(), whole[len(whole) - ends :] if ends else b"")
        held = whole[PIECE + _TAG :]
        number += 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.new(_derived(key, b"header"), body, hashlib.sha256).digest()


def _derived(secret: bytes, purpose: bytes) -> bytes:
    info = _CONTEXT + b" " + purpose
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)

r"""Envelopes: a file for one or many recipients, which nobody else reads or changes.

Layout, integers big-endian::

    magic        "kaname-envelope-1\n"
    header       length (4), JSON: cipher, piece size, recipients by kind of key, signer (or none)
    for each kind of key that the header names, in the order of the names:
      share      the sender's share of the curve for these recipients (32; P-384: 97)
      recipients each: key id (8), ML-KEM ciphertext (1,088; 1,568), wrapped file key (40)
    seal         32, HMAC-SHA-256 over all of the above under a key made of the file key
    pieces       each up to ``piece`` bytes and a tag of 16; the last one says that it is
    signature    ML-DSA-65 over the SHA-512 of all of the above, where there is a signer

The file key is drawn anew for each file, and wrapped (RFC 3394) under each recipient's
hybrid secret (`kaname.sealing.hybrid`). The seal binds it: a recipient who opens with another
key is told so before anything is decrypted, which AES-GCM alone does not promise (it does
not commit to its key). Pieces follow STREAM (Hoang, Reyhanitabar, Rogaway, Vizar, CRYPTO
2015): counter and last flag are the nonce, so that pieces cannot be dropped, repeated or
reordered.
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
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from kaname.model.errors import InputError, IntegrityError, UsageError
from kaname.sealing.hybrid import KEMS, HybridPrivateKey, HybridPublicKey, Kem

__all__ = ["MAGIC", "Opened", "open_envelope", "seal_envelope"]

MAGIC = b"kaname-envelope-1\n"
PIECE = 1 << 16
_CIPHER = "aes-256-gcm"
_MOST_RECIPIENTS = 100_000
_MOST_HEADER = 1 << 16
_WRAPPED, _IDENT, _SEAL, _TAG = 40, 8, 32, 16
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
            raise InputError("sealing.error.envelope_short")
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
        raise UsageError("sealing.error.recipients", most=_MOST_RECIPIENTS)
    named = signer.public_key().public_bytes_raw().hex() if signer else ""
    groups = _grouped(recipients)
    counts = {name: len(people) for name, people in groups.items()}
    head = json.dumps(
        {"cipher": _CIPHER, "piece": PIECE, "recipients": counts, "signer": named},
        separators=(",", ":"), sort_keys=True,
    ).encode()  # fmt: skip
    key = secrets.token_bytes(32)
    body = bytearray(MAGIC + struct.pack(">I", len(head)) + head)
    for name, people in groups.items():
        body += _entries(KEMS[name], people, key)
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
    listed = {one: start.exactly(_length(one, count)) for one, count in head.recipients}
    secret = _file_key(listed, key)
    body = MAGIC + head.raw + b"".join(listed.values())
    if not hmac.compare_digest(start.exactly(_SEAL), _seal(secret, body)):
        raise IntegrityError("sealing.error.envelope_changed")
    ends = _SIGNATURE if head.signer else 0
    _expect(head.signer, signer)
    trailer = _open_pieces(start, target, secret, ends)
    if head.signer:
        _verify(head.signer, trailer.signature, trailer.digest)
    return Opened(sum(count for _, count in head.recipients), head.signer)


@dataclass(frozen=True, slots=True)
class _Head:
    raw: bytes
    recipients: tuple[tuple[Kem, int], ...]
    signer: bytes


@dataclass(frozen=True, slots=True)
class _Trailer:
    digest: bytes
    signature: bytes


def _head(start: _Hashed) -> _Head:
    if start.read(len(MAGIC)) != MAGIC:
        raise InputError("sealing.error.no_envelope")
    length = start.exactly(4)
    (size,) = struct.unpack(">I", length)
    if size > _MOST_HEADER:
        raise InputError("sealing.error.no_envelope")
    raw = start.exactly(size)
    try:
        told = json.loads(raw)
        fit = told["cipher"] == _CIPHER and told["piece"] == PIECE
        many = tuple((KEMS[name], count) for name, count in sorted(told["recipients"].items()))
        signer = bytes.fromhex(told["signer"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError("sealing.error.no_envelope") from error
    counts = [count for _, count in many]
    whole = all(type(count) is int and count > 0 for count in counts)
    if not fit or not whole or not 0 < sum(counts) <= _MOST_RECIPIENTS:
        raise InputError("sealing.error.no_envelope")
    return _Head(length + raw, many, signer)


def _grouped(recipients: Sequence[HybridPublicKey]) -> dict[str, list[HybridPublicKey]]:
    """Recipients by kind of key, in the order of the names."""
    groups: dict[str, list[HybridPublicKey]] = {}
    for one in recipients:
        groups.setdefault(one.kem.name, []).append(one)
    return dict(sorted(groups.items()))


def _entries(kem: Kem, people: Sequence[HybridPublicKey], key: bytes) -> bytes:
    """The share for recipients of one kind, and an entry for each."""
    ephemeral = kem.group.drawn()
    body = bytearray(ephemeral.share)
    for one in people:
        sealed = one.encapsulate(ephemeral)
        body += one.ident + sealed.lattice + aes_key_wrap(_derived(sealed.secret, b"wrap"), key)
    return bytes(body)


def _length(kem: Kem, count: int) -> int:
    """Bytes of the share and the entries."""
    return kem.group.element + count * _entry(kem)


def _entry(kem: Kem) -> int:
    return _IDENT + kem.lattice + _WRAPPED


def _file_key(listed: dict[Kem, bytes], key: HybridPrivateKey) -> bytes:
    """The file key, from the entry for this key."""
    entries = listed.get(key.kem, b"")
    size, ident = _entry(key.kem), key.public_key().ident
    share = entries[: key.kem.group.element]
    for at in range(len(share), len(entries), size):
        if entries[at : at + _IDENT] != ident:
            continue
        lattice = entries[at + _IDENT : at + size - _WRAPPED]
        secret = key.decapsulate(lattice + share)
        try:
            return aes_key_unwrap(
                _derived(secret, b"wrap"), entries[at + size - _WRAPPED :][:_WRAPPED]
            )
        except InvalidUnwrap as error:
            raise IntegrityError("sealing.error.envelope_changed") from error
    raise InputError("sealing.error.not_recipient")


def _expect(named: bytes, signer: MLDSA65PublicKey | None) -> None:
    if signer is None:
        return
    if not named:
        raise IntegrityError("sealing.error.unsigned")
    if named != signer.public_bytes_raw():
        raise IntegrityError("sealing.error.other_signer")


def _verify(named: bytes, signature: bytes, digest: bytes) -> None:
    try:
        MLDSA65PublicKey.from_public_bytes(named).verify(signature, digest, _CONTEXT)
    except (InvalidSignature, ValueError) as error:
        raise IntegrityError("sealing.error.signature") from error


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
            raise InputError("sealing.error.envelope_short")
        start.hash.update(piece)
        try:
            target.write(cipher.decrypt(_nonce(number, last=last), piece, None))
        except InvalidTag as error:
            raise IntegrityError("sealing.error.envelope_changed") from error
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

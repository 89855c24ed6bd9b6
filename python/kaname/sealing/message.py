r"""Sealed messages between two ends that know each other's keys.

Layout, integers big-endian::

    magic        "kaname-link-1\n"
    header       length (2), JSON: cipher, kem, from and to (fingerprints)
    share        the sender's share of the curve
    lattice      ML-KEM ciphertext
    content      AES-256-GCM under HKDF-SHA-256 of the hybrid secret and the purpose
    signature    ML-DSA-65 of the sender over the SHA-512 of purpose and all of the above

Every message has a fresh secret, so the nonce is constant. The purpose is what both ends
know of the message (which door, which sensor, the request that is answered): it does not
travel, and a message for one purpose is none for another.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kaname.model.errors import ForbiddenError, InputError
from kaname.sealing.hybrid import KEMS
from kaname.sealing.link_keys import SIGNATURE, LinkKey, LinkPublicKey

__all__ = ["MAGIC", "Opened", "is_sealed", "named_sender", "open_message", "seal_message"]

MAGIC = b"kaname-link-1\n"
_CIPHER = "aes-256-gcm"
_CONTEXT = b"kaname-link-1"
_NONCE = bytes(12)
_TAG = 16
_MOST_HEADER = 1024
_Fingerprint = Annotated[str, msgspec.Meta(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cipher: str
    sender: _Fingerprint = msgspec.field(name="from")
    kem: str
    to: _Fingerprint


class Opened(NamedTuple):
    """What was in a message, for which of our keys, and from whom."""

    content: bytes
    own: LinkKey
    sender: LinkPublicKey


def is_sealed(body: bytes) -> bool:
    """Whether ``body`` begins like a sealed message."""
    return body.startswith(MAGIC)


def named_sender(raw: bytes) -> str:
    """The fingerprint of who the message says that it is from; nothing is proved by it.

    Raises:
        InputError: it is no message.
    """
    return _header(raw)[0].sender


def seal_message(content: bytes, to: LinkPublicKey, by: LinkKey, purpose: str) -> bytes:
    """``content`` for the holder of ``to`` alone, from the holder of ``by``."""
    kem = to.to.kem
    said = msgspec.json.encode(
        {"cipher": _CIPHER, "from": by.public.fingerprint, "kem": kem.name, "to": to.fingerprint}
    )
    made = to.to.encapsulate()
    head = b"".join((MAGIC, struct.pack(">H", len(said)), said, made.share, made.lattice))
    sealed = head + _cipher(made.secret, purpose).encrypt(_NONCE, content, head)
    return sealed + by.sign(_signed(sealed, purpose), _CONTEXT)


def open_message(
    raw: bytes, own: Sequence[LinkKey], senders: Sequence[LinkPublicKey], purpose: str
) -> Opened:
    """The content of a message for one of ``own`` from one of ``senders``.

    Raises:
        InputError: it is no message, is cut, changed, for others or for another purpose.
        ForbiddenError: it is from somebody else.
    """
    header, at = _header(raw)
    key = next((one for one in own if one.public.fingerprint == header.to), None)
    if key is None:
        held = ", ".join(one.public.fingerprint for one in own)
        raise InputError("sealing.error.other_receiver", found=header.to, held=held)
    sender = next((one for one in senders if one.fingerprint == header.sender), None)
    if sender is None:
        raise ForbiddenError("sealing.error.unknown_sender", found=header.sender)
    end = len(raw) - SIGNATURE
    kem = key.opening.kem
    begin = at + kem.ciphertext
    if kem.name != header.kem or end - _TAG < begin:
        raise InputError("sealing.error.message_short")
    if not sender.signed(_signed(raw[:end], purpose), raw[end:], _CONTEXT):
        raise InputError("sealing.error.message_changed")
    return Opened(_decrypted(raw, (at, begin, end), key, purpose), key, sender)


def _decrypted(raw: bytes, places: tuple[int, int, int], key: LinkKey, purpose: str) -> bytes:
    at, begin, end = places
    element = key.opening.kem.group.element
    share, lattice = raw[at : at + element], raw[at + element : begin]
    secret = key.opening.decapsulate(lattice + share)
    try:
        return _cipher(secret, purpose).decrypt(_NONCE, raw[begin:end], raw[:begin])
    except InvalidTag as error:
        raise InputError("sealing.error.message_changed") from error


def _header(raw: bytes) -> tuple[_Header, int]:
    """The header, and where it ends."""
    at = len(MAGIC) + 2
    if not is_sealed(raw) or len(raw) < at:
        raise InputError("sealing.error.no_message")
    (size,) = struct.unpack_from(">H", raw, len(MAGIC))
    if size > _MOST_HEADER or len(raw) < at + size:
        raise InputError("sealing.error.message_short")
    try:
        header = msgspec.json.decode(raw[at : at + size], type=_Header)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("sealing.error.no_message") from error
    if header.cipher != _CIPHER or header.kem not in KEMS:
        raise InputError("sealing.error.no_message")
    return header, at + size


def _cipher(secret: bytes, purpose: str) -> AESGCM:
    info = _CONTEXT + b" " + purpose.encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret))


def _signed(sealed: bytes, purpose: str) -> bytes:
    """What is signed: purposes are told apart from what follows by their length."""
    said = purpose.encode()
    digest = hashlib.sha512(struct.pack(">I", len(said)) + said)
    digest.update(sealed)
    return digest.digest()

"""Whether a responder still speaks IKEv1 (RFC 2409, obsolete since RFC 9395), and what it takes.

One main-mode proposal with eight transforms; the transform that comes back is told. A
responder may keep state for it until its own time-out: it is asked once.
"""

from __future__ import annotations

import struct
from itertools import product
from typing import Final, NamedTuple

__all__ = ["Chosen", "chosen", "main_mode"]

_SA, _MAIN_MODE, _VERSION = 1, 2, 0x10
_ENCRYPTION, _HASH, _AUTHENTICATION, _GROUP, _LENGTH = 1, 2, 3, 4, 14
_CIPHERS: Final = {1: "DES", 5: "3DES", 7: "AES"}
_HASHES: Final = {1: "MD5", 2: "SHA-1", 4: "SHA-256", 5: "SHA-384", 6: "SHA-512"}
_OFFERED: Final = ((7, 256, 4, 14), (7, 128, 2, 14), (7, 128, 2, 2), (5, 0, 2, 2))
"""Cipher, key length, hash and group, best first."""


class Chosen(NamedTuple):
    """What a responder took: cipher, hash (names) and Diffie-Hellman group (number)."""

    cipher: str
    hash: str
    group: int


def main_mode(spi: bytes) -> bytes:
    """The first message of main mode; ``spi`` are the initiator's 8 bytes (RFC 2408, 3)."""
    wanted = list(product(_OFFERED, (1, 3)))  # pre-shared key, RSA signatures
    transforms = b""
    for number, ((cipher, length, hashed, group), signed) in enumerate(wanted, 1):
        pairs = [(_ENCRYPTION, cipher), (_HASH, hashed), (_AUTHENTICATION, signed),
                 (_GROUP, group), (11, 1), (12, 28_800)]  # fmt: skip
        pairs += [(_LENGTH, length)] if length else []
        body = b"".join(struct.pack(">HH", 0x8000 | kind, value) for kind, value in pairs)
        more = 3 if number < len(wanted) else 0
        transforms += struct.pack(">BBHBBH", more, 0, 8 + len(body), number, 1, 0) + body
    proposal = struct.pack(">BBHBBBB", 0, 0, 8 + len(transforms), 1, 1, 0, len(wanted)) + transforms
    sa = struct.pack(">BBHII", 0, 0, 12 + len(proposal), 1, 1) + proposal
    head = struct.pack(">BBBBII", _SA, _VERSION, _MAIN_MODE, 0, 0, 28 + len(sa))
    return spi + bytes(8) + head + sa


def chosen(data: bytes) -> Chosen | None:
    """The transform in an answer of main mode; None when it is another message, or damaged."""
    if len(data) < 28 + 12 + 8 + 8 or data[16:19] != bytes((_SA, _VERSION, _MAIN_MODE)):
        return None
    at = 28 + 12 + 8  # SA and proposal heads
    at += data[28 + 12 + 6]  # an SPI of the proposal
    if at + 8 > len(data):
        return None
    (length,) = struct.unpack_from(">H", data, at + 2)
    values: dict[int, int] = {}
    for place in range(at + 8, min(at + length, len(data) - 3), 4):
        kind, value = struct.unpack_from(">HH", data, place)
        if not kind & 0x8000:
            break  # a long value: of the lifetime, behind what is wanted
        values[kind & 0x7FFF] = value
    cipher = _CIPHERS.get(values.get(_ENCRYPTION, 0), f"cipher {values.get(_ENCRYPTION)}")
    if cipher == "AES":
        cipher = f"AES-{values.get(_LENGTH, 128)}-CBC"
    hashed = _HASHES.get(values.get(_HASH, 0), f"hash {values.get(_HASH)}")
    return Chosen(cipher, hashed, values.get(_GROUP, 0))

"""Addresses that stand for others: prefix-preserving pseudonyms (Crypto-PAn).

A telescope is worth its unused addresses only while nobody knows them. What is handed to
others names them by pseudonyms: two addresses that share a prefix of n bits have pseudonyms
that share one of n bits, so that blocks and neighbours stay visible, and without the key
no pseudonym leads back. One key makes one mapping; a new key breaks the link to all that
was handed out before.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import ipaddress
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kaname.model.errors import UsageError

__all__ = ["KEY_BYTES", "Pseudonyms", "key_of", "rotate"]

KEY_BYTES = 32  # of AES-128: 16 for the cipher, 16 for the pad
_NAME = "pseudonyms.key"
_BLOCK = 16


class Pseudonyms:
    """The mapping that one key makes.

    The construction of J. Xu, J. Fan, M. Ammar and S. Moon, Prefix-Preserving IP Address
    Anonymization, ICNP 2002, with AES-128 as its reference implementation has it. A key of
    48 bytes takes AES-256 for the cipher; the pad is the last 16 bytes in both.

    Raises:
        UsageError: the key has another length.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) not in (KEY_BYTES, 48):
            raise UsageError("model.error.pseudonym_key", found=len(key), needed=KEY_BYTES)
        self._key = key
        # One block at a time is what the construction asks for: ECB is the block cipher.
        self._cipher = Cipher(algorithms.AES(key[:-_BLOCK]), modes.ECB())  # noqa: S305
        self._pad = self._encrypt(key[-_BLOCK:])
        self.number = functools.lru_cache(maxsize=1 << 16)(self._number)

    @property
    def id(self) -> str:
        """A name for the key that tells nothing of it."""
        return hashlib.sha256(b"kaname pseudonyms" + self._key).hexdigest()[:16]

    def address(self, text: str) -> str:
        """The pseudonym of an address, of the same family.

        Raises:
            ValueError: it is no address.
        """
        parsed = ipaddress.ip_address(text)
        made = self.number(int(parsed), parsed.max_prefixlen)
        return str(type(parsed)(made))

    def prefix(self, text: str) -> str:
        """The pseudonym of a prefix: that of its first address, with the host bits cleared.

        Raises:
            ValueError: it is no prefix.
        """
        network = ipaddress.ip_network(text, strict=False)
        made = self.number(int(network.network_address), network.max_prefixlen)
        mask = int(network.netmask)
        return f"{type(network.network_address)(made & mask)}/{network.prefixlen}"

    def seal(self, text: str) -> str:
        """A keyed digest of ``text``: who has the key can tell that it is of this text."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def _number(self, value: int, bits: int) -> int:
        """Flip bit i of ``value`` by a bit of the cipher over its first i bits."""
        pad = int.from_bytes(self._pad)
        lifted = value << (128 - bits)
        whole = (1 << 128) - 1
        inputs = bytearray()
        for length in range(bits):
            kept = whole ^ (whole >> length)  # the first ``length`` of 128 bits
            inputs += (lifted & kept | pad & ~kept & whole).to_bytes(_BLOCK)
        sealed = self._encrypt(bytes(inputs))
        flips = 0
        for length in range(bits):
            flips = flips << 1 | sealed[length * _BLOCK] >> 7
        return value ^ flips

    def _encrypt(self, blocks: bytes) -> bytes:
        encryptor = self._cipher.encryptor()
        return encryptor.update(blocks) + encryptor.finalize()


def key_of(data: Path) -> bytes:
    """The key of the data folder, made now if there is none; only its owner can read it.

    Raises:
        UsageError: the file is not a key.
    """
    path = _path(data)
    if not path.exists():
        _put(path, secrets.token_bytes(KEY_BYTES), replace=False)
    raw = path.read_bytes()
    if len(raw) != KEY_BYTES:
        raise UsageError("model.error.pseudonym_key", found=len(raw), needed=KEY_BYTES)
    return raw


def rotate(data: Path) -> bytes:
    """Make a new key. What is handed out from now on cannot be joined with what was before."""
    raw = secrets.token_bytes(KEY_BYTES)
    _put(_path(data), raw, replace=True)
    return raw


def _path(data: Path) -> Path:
    return data / "keys" / _NAME


def _put(path: Path, raw: bytes, *, replace: bool) -> None:
    """Write the key whole or not at all; of two that make the first one, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
            return
        try:
            os.link(part, path)
        except FileExistsError:
            return
    finally:
        part.unlink(missing_ok=True)

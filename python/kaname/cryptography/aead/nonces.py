"""Nonces that are never given out twice, not after a kill, a restart or by two processes.

A nonce is a prefix and a number of 64 bits that rises (the fixed field and the counter of
RFC 5116, section 3.2). Before numbers are given out, a file says that they are taken: a block
of them at a time, written beside, synchronised, put in place, and the folder synchronised. A
process that dies loses the rest of its block, never a number that it used. The file is held
alone. What this cannot see is a file that was brought back from a backup, or copied to another
machine: a new file draws a new prefix, so delete it instead, and never copy it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import msgspec

from kaname.cryptography.aead.refusals import NoncesSpentError, UnfitError
from kaname.model.errors import ConflictError, IntegrityError, StoreAccessError

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BLOCK", "LAST", "NonceCounter", "Nonces"]

BLOCK: Final = 1 << 24
"""Numbers that are taken at a time: one write to disk for so many packets, which is half a
second of them at 300 Gbit/s, and nothing beside the 2^64 that there are."""

LAST: Final = (1 << 64) - 1
"""No number is this one or above it, so that the end can be written down."""

_WORD = 8
_AHEAD, _FEW = 1 << 14, 16  # nonces that are made at a time for batches, of so many at least
_MOST_BYTES = 4096
_HEX = re.compile(r"(?:[0-9a-f]{16}){1,3}")


class Nonces(NamedTuple):
    """Numbers from ``first`` on, ``size`` of them, of one prefix: all distinct."""

    prefix: bytes
    first: int
    size: int
    made: NDArray[np.uint8] | None = None

    def octets(self, length: int) -> NDArray[np.uint8]:
        """The nonces of ``length`` bytes, one after the other.

        Raises:
            UnfitError: the prefix with a number has another length.
        """
        import numpy as np

        expected = len(self.prefix) + _WORD
        if length != expected:
            raise UnfitError("cryptography.error.aead_prefix", expected=length, found=expected)
        if self.made is not None:
            return self.made
        words = np.empty((self.size, length // _WORD), ">u8")
        words[:, :-1] = np.frombuffer(self.prefix, ">u8")
        words[:, -1] = np.arange(self.first, self.first + self.size, dtype=np.uint64)
        return words.view(np.uint8)

    def one(self) -> bytes:
        """The first of them."""
        return self.prefix + self.first.to_bytes(_WORD, "big")


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says: numbers below ``taken`` may have been used."""

    format: int
    prefix: str
    taken: int
    check: str


class NonceCounter:
    """Gives out nonces of one key; threads may share it, processes may not.

    Args:
        path: the file that keeps account; made if it is not there.
        nonce_length: 16 bytes (Rocca-S) or 32 (AEGIS-256).
        prefix: all of a nonce but its last 8 bytes, for a new file: who shares a key with
            other senders needs one of its own. Drawn at random if None.
        block: numbers taken at a time.
        limit: numbers from this one on are not given out.

    Raises:
        ConflictError: another process, or another counter here, has the file.
        IntegrityError: the file is damaged. It is never begun anew by itself.
        StoreAccessError: it cannot be read or written.
        UnfitError: the prefix or the length is not that of the file.
    """

    def __init__(
        self, path: Path, *, nonce_length: int = 16, prefix: bytes | None = None,
        block: int = BLOCK, limit: int = LAST,
    ) -> None:  # fmt: skip
        self._path = path.resolve()
        self._block, self._limit = max(1, block), min(limit, LAST)
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._made: NDArray[np.uint8] | None = None
        self._made_first = 0
        self._handle = self._hold()
        try:
            kept = self._read()
            self._prefix = _chosen(kept, prefix, nonce_length - _WORD)
            self._next = self._taken = kept.taken if kept else 0
            if kept is None:
                self._take(0)
        except BaseException:
            os.close(self._handle)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    @property
    def prefix(self) -> bytes:
        """What all its nonces begin with; the receiver needs to know it."""
        return self._prefix

    @property
    def left(self) -> int:
        """Numbers that it can still give out."""
        return max(0, self._limit - self._next)

    def draw(self, count: int = 1) -> Nonces:
        """``count`` nonces that were never given out and never will be again.

        Raises:
            NoncesSpentError: there are not so many left; none is given out then.
            ConflictError: the process was forked from the one that holds the file, or the
                counter was closed.
            StoreAccessError: what is taken could not be written down.
        """
        with self._lock:
            if self._handle < 0 or os.getpid() != self._process:
                raise ConflictError("cryptography.error.aead_nonces_foreign", path=self._path)
            after = self._next + count
            if count < 0 or after > self._limit:
                raise NoncesSpentError(
                    "cryptography.error.aead_nonces_spent",
                    path=self._path, left=self.left, asked=count,
                )  # fmt: skip
            if after > self._taken:
                self._take(min(max(after, self._taken + self._block), self._limit))
            first, self._next = self._next, after
            made = self._ahead(first, count) if _FEW <= count <= _AHEAD else None
            return Nonces(self._prefix, first, count, made)

    def close(self) -> None:
        """Give back what was taken and not used, and let the file go."""
        with self._lock:
            if self._handle < 0:
                return
            try:
                if os.getpid() == self._process and self._next < self._taken:
                    self._take(self._next)
            finally:
                os.close(self._handle)
                self._handle = -1

    def _ahead(self, first: int, count: int) -> NDArray[np.uint8]:
        """The nonces of a batch, out of many that are made at once: that is quicker."""
        at = first - self._made_first
        if self._made is None or at < 0 or at + count > len(self._made):
            many = min(_AHEAD, LAST - first)
            self._made = Nonces(self._prefix, first, many).octets(len(self._prefix) + _WORD)
            self._made_first, at = first, 0
        return self._made[at : at + count]

    def _hold(self) -> int:
        lock = self._path.with_name(f"{self._path.name}.lock")
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unreachable(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise ConflictError("cryptography.error.aead_nonces_held", path=self._path) from error
        return handle

    def _read(self) -> _Kept | None:
        try:
            with self._path.open("rb") as file:
                told = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreachable(error) from error
        try:
            kept = msgspec.json.decode(told, type=_Kept)
        except (msgspec.DecodeError, UnicodeDecodeError):
            kept = None
        if (
            kept is None
            or kept.check != _check(kept.prefix, kept.taken)
            or not (0 <= kept.taken <= LAST and _HEX.fullmatch(kept.prefix))
        ):
            raise IntegrityError("cryptography.error.aead_nonces_damaged", path=self._path)
        return kept

    def _take(self, taken: int) -> None:
        """Write down that numbers below ``taken`` are not to be given out again."""
        prefix = self._prefix.hex()
        kept = _Kept(1, prefix, taken, _check(prefix, taken))
        folder = self._path.parent
        try:
            part = folder / f".{self._path.name}.part"  # who has the lock is alone with it
            with part.open("wb") as file:
                file.write(msgspec.json.encode(kept))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
            place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(place)
            finally:
                os.close(place)
        except OSError as error:
            raise self._unreachable(error) from error
        self._taken = taken

    def _unreachable(self, error: OSError) -> StoreAccessError:
        reason = error.strerror or str(error)
        return StoreAccessError("cryptography.error.aead_nonces_io", path=self._path, reason=reason)


def _check(prefix: str, taken: int) -> str:
    """Tells a damaged file; nobody is kept from writing another one."""
    return hashlib.sha256(f"kaname nonces 1 {prefix} {taken}".encode()).hexdigest()[:16]


def _chosen(kept: _Kept | None, asked: bytes | None, length: int) -> bytes:
    """The prefix of the file, or the one asked for, or a new one."""
    if kept is None:
        prefix = secrets.token_bytes(max(0, length)) if asked is None else asked
    else:
        prefix = bytes.fromhex(kept.prefix)
        if asked is not None and asked != prefix:
            raise UnfitError("cryptography.error.aead_prefix_other", found=prefix.hex())
    if len(prefix) != length or length < _WORD or length % _WORD:
        raise UnfitError("cryptography.error.aead_prefix", expected=length, found=len(prefix))
    return prefix

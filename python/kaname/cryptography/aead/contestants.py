"""What is compared: our ciphers on each path, and those of OpenSSL and libaegis, from Python.

Each contestant encrypts packets and decrypts them again. ``each``: a call for every packet:
`encrypt` and `decrypt` for ours and for those of OpenSSL, in place for those of libaegis, where
that is quicker. ``batch``: one call for all packets where there is such a call, which only ours
have; OpenSSL's are called for each of the same 1,024 and write into memory that is there, since
making so much anew is slow.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np

from kaname.cryptography.aead.ciphers import CIPHERS, Cipher
from kaname.cryptography.aead.nonces import NonceCounter, Nonces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CALLS", "Arena", "Contestant", "Work", "contestants"]

CALLS: Final = ("each", "batch")
_KEY: Final = bytes(range(32))
_OPENSSL: Final = {
    "AES-256-GCM": "AESGCM",
    "AES-256-GCM-SIV": "AESGCMSIV",
    "AES-256-OCB3": "AESOCB3",
    "ChaCha20-Poly1305": "ChaCha20Poly1305",
}
_LIBAEGIS: Final = {
    "AEGIS-256": "Aegis256",
    "AEGIS-256X2": "Aegis256X2",
    "AEGIS-256X4": "Aegis256X4",
}
_OPENSSL_NONCE, _OPENSSL_TAG = 12, 16


class Arena:
    """Memory for packets of one size: plaintexts, sealed ones, and what is changed or opened."""

    def __init__(self, size: int, count: int) -> None:
        self.size, self.count = size, count
        self.texts = np.full(size * count, 7, np.uint8)
        self.sealed = np.zeros((size + _OPENSSL_TAG) * count, np.uint8)
        self.changed = self.texts.copy()


class Work(Protocol):
    """Some packets; each `decrypt` comes after an `encrypt`."""

    def encrypt(self) -> None:
        """Encrypt all of them."""

    def decrypt(self) -> None:
        """Decrypt all of them; raises if one is refused."""


class Contestant(NamedTuple):
    """``by``: the package; ``path``: the instructions, empty where the package chooses."""

    cipher: str
    by: str
    path: str
    each: Callable[[Arena, int], Work]
    batch: Callable[[Arena, int], Work]


@contextlib.contextmanager
def contestants(*, all_paths: bool = True) -> Iterator[list[Contestant]]:
    """All that there are here: each path of ours, or only the best, and the peers.

    Ours draw nonces from counters, which keep their account in a folder for the while.
    """
    with (
        tempfile.TemporaryDirectory(prefix="kaname-bench-") as folder,
        contextlib.ExitStack() as stack,
    ):
        counters = {
            length: stack.enter_context(
                NonceCounter(Path(folder) / f"{length}", nonce_length=length)
            )
            for length in {kind.NONCE_LENGTH for kind in CIPHERS.values()}
        }
        ours = [
            _ours(kind(_KEY, path=path), counters[kind.NONCE_LENGTH])
            for kind in CIPHERS.values()
            for path in (kind.paths() if all_paths else kind.paths()[-1:])
        ]
        yield [*ours, *_openssl(), *_libaegis()]


class _Each:
    """A call for each packet, that gives new bytes."""

    def __init__(self, cipher: Any, nonce: int, arena: Arena, count: int) -> None:
        texts, size = arena.texts.data, arena.size
        self._cipher = cipher
        self._packets = [
            (at.to_bytes(nonce, "big"), texts[at * size : (at + 1) * size]) for at in range(count)
        ]
        self._sealed: list[bytes] = []

    def encrypt(self) -> None:
        seal = self._cipher.encrypt
        self._sealed = [seal(nonce, text, None) for nonce, text in self._packets]

    def decrypt(self) -> None:
        open_ = self._cipher.decrypt
        for (nonce, _), sealed in zip(self._packets, self._sealed, strict=True):
            open_(nonce, sealed, None)


class _Into:
    """A call of pyca's for each packet, into memory that is there."""

    def __init__(self, cipher: Any, arena: Arena, count: int) -> None:
        texts, opened, size = arena.texts.data, arena.changed.data, arena.size
        slot = size + _OPENSSL_TAG
        sealed = arena.sealed.data
        self._cipher = cipher
        self._packets = [
            (
                at.to_bytes(_OPENSSL_NONCE, "big"),
                texts[at * size : (at + 1) * size],
                sealed[at * slot : (at + 1) * slot],
                opened[at * size : (at + 1) * size],
            )
            for at in range(count)
        ]

    def encrypt(self) -> None:
        seal = self._cipher.encrypt_into
        for nonce, text, sealed, _ in self._packets:
            seal(nonce, text, None, sealed)

    def decrypt(self) -> None:
        open_ = self._cipher.decrypt_into
        for nonce, _, sealed, opened in self._packets:
            open_(nonce, sealed, None, opened)


class _Batch:
    """One call for all packets, in place, with nonces that are kept account of."""

    def __init__(self, cipher: Cipher, counter: NonceCounter, arena: Arena, count: int) -> None:
        self._cipher = cipher
        self._buffer = arena.changed[: arena.size * count]
        self._offsets = np.arange(0, arena.size * count + 1, arena.size, dtype=np.uint64)
        self._counter, self._nonces, self._count = counter, Nonces(counter.prefix, 0, 0), count
        self._tags = np.zeros((count, cipher.tag_length), np.uint8)

    def encrypt(self) -> None:
        self._nonces = self._counter.draw(self._count)
        self._cipher.encrypt_batch(self._nonces, self._buffer, self._offsets, tags=self._tags)

    def decrypt(self) -> None:
        right = self._cipher.decrypt_batch(self._nonces, self._buffer, self._offsets, self._tags)
        if not right.all():
            raise RuntimeError("a genuine packet was refused")


class _InPlace:
    """A call for each packet, where it lies; tags are kept."""

    def __init__(self, cipher: Any, nonce: int, arena: Arena, count: int) -> None:
        memory, size = arena.changed.data, arena.size
        self._cipher = cipher
        self._nonces = [at.to_bytes(nonce, "big") for at in range(count)]
        self._packets = [memory[at * size : (at + 1) * size] for at in range(count)]
        self._tags: list[bytes] = []

    def encrypt(self) -> None:
        seal = self._cipher.encrypt_inplace
        self._tags = [
            seal(_KEY, nonce, packet)
            for nonce, packet in zip(self._nonces, self._packets, strict=True)
        ]

    def decrypt(self) -> None:
        open_ = self._cipher.decrypt_inplace
        for nonce, packet, tag in zip(self._nonces, self._packets, self._tags, strict=True):
            open_(_KEY, nonce, packet, tag)


def _ours(cipher: Cipher, counter: NonceCounter) -> Contestant:
    return Contestant(
        cipher.NAME, "kaname", cipher.path, _each(cipher, cipher.NONCE_LENGTH),
        lambda arena, count: _Batch(cipher, counter, arena, count),
    )  # fmt: skip


def _openssl() -> list[Contestant]:
    """AEADs with keys of 256 bits that `cryptography` has and its OpenSSL knows."""
    from cryptography import __version__
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.backends.openssl import backend
    from cryptography.hazmat.primitives.ciphers import aead

    library = " ".join(backend.openssl_version_text().split()[:2])
    by = f"cryptography {__version__}, {library}"
    found = []
    for name, attribute in _OPENSSL.items():
        try:
            cipher = getattr(aead, attribute)(_KEY)
        except (AttributeError, UnsupportedAlgorithm):
            continue
        found.append(Contestant(name, by, "", _each(cipher, _OPENSSL_NONCE), _into(cipher)))
    return found


def _each(cipher: Any, nonce: int) -> Callable[[Arena, int], Work]:
    return lambda arena, count: _Each(cipher, nonce, arena, count)


def _into(cipher: Any) -> Callable[[Arena, int], Work]:
    return lambda arena, count: _Into(cipher, arena, count)


def _libaegis() -> list[Contestant]:
    """Those of pyaegis, where it is installed."""
    if importlib.util.find_spec("pyaegis") is None:
        return []
    module = importlib.import_module("pyaegis")
    by = f"pyaegis {importlib.metadata.version('pyaegis')}"
    found = []
    for name, attribute in _LIBAEGIS.items():
        cipher = getattr(module, attribute)()
        each = _in_place(cipher, CIPHERS[name].NONCE_LENGTH)
        found.append(Contestant(name, by, "", each, each))
    return found


def _in_place(cipher: Any, nonce: int) -> Callable[[Arena, int], Work]:
    return lambda arena, count: _InPlace(cipher, nonce, arena, count)

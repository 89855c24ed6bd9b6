"""Numbered packets from one sender: nonces come from a counter, replays are refused.

A packet is its number (8 bytes, the highest first), the ciphertext and the tag. The nonce is
the sender's prefix and the number; the prefix is no secret and is agreed on with the key. The
`Sealer` cannot be told which nonce to use, and the `Opener` opens a number once.

EXPERIMENTAL, as the ciphers are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kaname.cryptography.aead.refusals import InvalidTagError, ReplayError, UnfitError
from kaname.cryptography.aead.replay import ReplayWindow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Buffer

    from kaname.cryptography.aead.ciphers import Cipher, Memory
    from kaname.cryptography.aead.nonces import NonceCounter

__all__ = ["NUMBER", "Opener", "Sealed", "Sealer"]

NUMBER = 8
"""Bytes of a packet's number."""


class Sealed(NamedTuple):
    """Packets that were sealed where they lay: their numbers rise by one from ``first``."""

    first: int
    tags: Memory


class Sealer:
    """Seals packets with a key and the counter of that key's nonces; threads may share it.

    Raises:
        UnfitError: the counter's nonces have not the length of the cipher's.
    """

    __slots__ = ("_cipher", "_counter")

    def __init__(self, cipher: Cipher, counter: NonceCounter) -> None:
        _fit(cipher, counter.prefix)
        self._cipher, self._counter = cipher, counter

    @property
    def prefix(self) -> bytes:
        """What the `Opener` must be told."""
        return self._counter.prefix

    def seal(self, data: Buffer, associated_data: Buffer | None = None) -> bytes:
        """A packet: number, ciphertext, tag.

        Raises:
            NoncesSpentError: no number is left; change the key.
        """
        nonce = self._counter.draw().one()
        return nonce[-NUMBER:] + self._cipher.encrypt(nonce, data, associated_data)

    def seal_batch(
        self, buffer: Memory, offsets: Sequence[int] | NDArray[Any],
        *, tags: Memory | None = None, associated_data: Memory | None = None,
        associated_offsets: Sequence[int] | NDArray[Any] | None = None,
    ) -> Sealed:  # fmt: skip
        """Seal packets in place; arguments as of `Cipher.encrypt_batch`."""
        nonces = self._counter.draw(max(0, len(offsets) - 1))
        made = self._cipher.encrypt_batch(
            nonces, buffer, offsets, tags=tags,
            associated_data=associated_data, associated_offsets=associated_offsets,
        )  # fmt: skip
        return Sealed(nonces.first, made)


class Opener:
    """Opens the packets of one sender, each once; not for several threads at once.

    Args:
        cipher: with the key.
        prefix: that of the sender's counter.
        window: what was opened before; a new one if None, which is right for a new key only.

    Raises:
        UnfitError: the prefix has not the length that the cipher needs.
    """

    __slots__ = ("_cipher", "_prefix", "window")

    def __init__(self, cipher: Cipher, prefix: bytes, window: ReplayWindow | None = None) -> None:
        _fit(cipher, prefix)
        self._cipher, self._prefix = cipher, prefix
        self.window = ReplayWindow() if window is None else window

    def open(self, packet: Buffer, associated_data: Buffer | None = None) -> bytes:
        """The plaintext of a packet.

        Raises:
            ReplayError: a packet of its number was opened, or is older than the window.
            InvalidTagError: it is not genuine. The window has not moved.
        """
        with memoryview(packet).cast("B") as whole:
            if whole.nbytes < NUMBER:
                raise InvalidTagError
            head = bytes(whole[:NUMBER])
            number = int.from_bytes(head, "big")
            if not self.window.is_new(number):
                raise ReplayError("cryptography.error.aead_replay", number=number)
            with whole[NUMBER:] as sealed:
                found = self._cipher.decrypt(self._prefix + head, sealed, associated_data)
        self.window.mark(number)
        return found

    def open_batch(
        self, numbers: Sequence[int] | NDArray[Any], buffer: Memory,
        offsets: Sequence[int] | NDArray[Any], tags: Memory,
        *, associated_data: Memory | None = None,
        associated_offsets: Sequence[int] | NDArray[Any] | None = None,
    ) -> NDArray[np.bool_]:  # fmt: skip
        """Open packets in place; which of them are genuine and new. The others are zeros.

        All are looked up in the window as it was before the call. Of genuine ones with equal
        numbers the first is opened.
        """
        import numpy as np

        given = np.asarray(numbers, np.uint64)
        words = np.empty((len(given), len(self._prefix) // NUMBER + 1), ">u8")
        words[:, :-1] = np.frombuffer(self._prefix, ">u8")
        words[:, -1] = given
        right = self._cipher.decrypt_batch(
            words.view(np.uint8), buffer, offsets, tags,
            associated_data=associated_data, associated_offsets=associated_offsets,
        )  # fmt: skip
        memory: Any = buffer
        opened = right & self.window.are_new(given)
        _first_of_equal(given, opened)
        for at in np.flatnonzero(right & ~opened).tolist():
            first, last = int(offsets[at]), int(offsets[at + 1])
            with memoryview(memory).cast("B") as whole:
                whole[first:last] = bytes(last - first)
        self.window.mark_all(given[opened])
        return opened


def _first_of_equal(numbers: NDArray[np.uint64], opened: NDArray[np.bool_]) -> None:
    """Leave only the first of the opened ones with equal numbers; at once where they rise."""
    import numpy as np

    if (numbers[1:] > numbers[:-1]).all():
        return
    places = np.flatnonzero(opened)
    firsts = places[np.unique(numbers[places], return_index=True)[1]]
    opened[:] = False
    opened[firsts] = True


def _fit(cipher: Cipher, prefix: bytes) -> None:
    expected = cipher.NONCE_LENGTH - NUMBER
    if len(prefix) != expected:
        raise UnfitError("cryptography.error.aead_prefix", expected=expected, found=len(prefix))

"""A message in pieces. Plaintext that comes out of a stream is unverified until its end.

Who decrypts in pieces gets bytes before the tag has been looked at: anybody may have made
them. They must not be acted on, shown or stored as what somebody said before `finish` has
returned. Where a message fits in memory, `Cipher.decrypt` gives nothing out before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.cryptography.aead.refusals import InvalidTagError, UnfitError

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from kaname._native import AeadStream

__all__ = ["Decryptor", "Encryptor"]


class Encryptor:
    """Encrypts a message in pieces of any length; see `Cipher.encryptor`."""

    __slots__ = ("_stream",)

    def __init__(self, stream: AeadStream) -> None:
        self._stream = stream

    def update(self, piece: Buffer) -> bytes:
        """The ciphertext of a piece, as long as the piece.

        Raises:
            UnfitError: the stream has ended.
        """
        try:
            return self._stream.update(piece)
        except ValueError as error:
            raise _unfit(error) from error

    def update_into(self, piece: Buffer, out: Buffer) -> None:
        """The same, written to ``out``: as long as the piece, or the same memory."""
        try:
            self._stream.update_into(piece, out)
        except ValueError as error:
            raise _unfit(error) from error

    def finish(self) -> bytes:
        """The tag; nothing can be added afterwards."""
        try:
            return self._stream.finish()
        except ValueError as error:
            raise _unfit(error) from error


class Decryptor:
    """Decrypts a message in pieces; see the module about what the pieces are worth."""

    __slots__ = ("_stream", "_tag_length")

    def __init__(self, stream: AeadStream, tag_length: int) -> None:
        self._stream = stream
        self._tag_length = tag_length

    def update_unverified(self, piece: Buffer) -> bytes:
        """Plaintext that nobody vouches for before `finish` has returned.

        Raises:
            UnfitError: the stream has ended.
        """
        try:
            return self._stream.update(piece)
        except ValueError as error:
            raise _unfit(error) from error

    def update_unverified_into(self, piece: Buffer, out: Buffer) -> None:
        """The same, written to ``out``: as long as the piece, or the same memory."""
        try:
            self._stream.update_into(piece, out)
        except ValueError as error:
            raise _unfit(error) from error

    def finish(self, tag: Buffer) -> None:
        """End the message: all that was given out is as it was sealed, once this returns.

        Raises:
            InvalidTagError: it is not. Throw away what was given out.
            UnfitError: the tag has another length, or the stream has ended.
        """
        given = bytes(memoryview(tag))
        if len(given) != self._tag_length:
            raise UnfitError(
                "cryptography.error.aead_tag_length",
                name="stream", expected=self._tag_length, found=len(given),
            )  # fmt: skip
        try:
            right = self._stream.verify(given)
        except ValueError as error:
            raise _unfit(error) from error
        if not right:
            raise InvalidTagError


def _unfit(error: ValueError) -> UnfitError:
    return UnfitError("cryptography.error.aead_unfit", reason=str(error))

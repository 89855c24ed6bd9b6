"""Authenticated encryption of packets in the native core (Rust, from ``rust/aead``).

A key with a nonce must not be used for two messages: nothing here keeps account of that.
Lengths that an algorithm does not have raise `ValueError` and say what was expected.
Buffers that are being worked on must not be changed by another thread meanwhile: the
interpreter's lock is released.
"""

from typing import final

from typing_extensions import Buffer

def aead_algorithms() -> list[tuple[str, int, int, list[int]]]:
    """Name, bytes of a key and of a nonce, and the lengths that a tag can have, in bytes."""

def aead_paths(algorithm: str) -> list[str]:
    """The sets of instructions that this machine has for it, the widest last."""

def aead_seal(
    algorithm: str,
    key: bytes,
    nonce: bytes,
    data: Buffer,
    plaintext: Buffer,
    tag_len: int = 32,
    path: str | None = None,
) -> bytes:
    """The ciphertext with its tag at the end; ``data`` is protected, but not in it."""

def aead_open(
    algorithm: str,
    key: bytes,
    nonce: bytes,
    data: Buffer,
    ciphertext_and_tag: Buffer,
    tag_len: int = 32,
    path: str | None = None,
) -> bytes | None:
    """The plaintext; None where the tag is wrong or there are fewer bytes than a tag has."""

def aead_seal_into(
    algorithm: str,
    key: bytes,
    nonce: bytes,
    data: Buffer,
    plaintext: Buffer,
    out: Buffer,
    path: str | None = None,
    tag_len: int = 32,
) -> bytes:
    """Write the ciphertext to ``out``, as long as the plaintext or the same buffer; the tag."""

def aead_open_into(
    algorithm: str,
    key: bytes,
    nonce: bytes,
    data: Buffer,
    ciphertext: Buffer,
    tag: bytes,
    out: Buffer,
    path: str | None = None,
) -> bool:
    """Write the plaintext to ``out``; False where the tag is wrong, and ``out`` is zeros then."""

def aead_seal_batch(
    algorithm: str,
    key: bytes,
    nonces: Buffer,
    buffer: Buffer,
    offsets: Buffer,
    datas: Buffer | None,
    data_offsets: Buffer | None,
    tags: Buffer,
    path: str | None = None,
) -> None:
    """Encrypt n messages of one key in place, and write their tags one after the other.

    Message i is ``buffer[offsets[i]:offsets[i + 1]]``; offsets are n + 1 unsigned integers of
    64 bits in the machine's order, as bytes or as an array. A nonce each; ``tags`` has n times
    the length of a tag. ``data_offsets`` cut ``datas`` into the associated data in the same
    way; None for both is none at all.
    """

def aead_open_batch(
    algorithm: str,
    key: bytes,
    nonces: Buffer,
    buffer: Buffer,
    offsets: Buffer,
    datas: Buffer | None,
    data_offsets: Buffer | None,
    tags: Buffer,
    path: str | None = None,
) -> bytes:
    """Decrypt n messages in place; a byte each, 1 where the tag was right.

    A message whose tag is wrong is zeros afterwards.
    """

@final
class AeadStream:
    """One message in pieces.

    Plaintext of a stream that is being decrypted is given out before the tag is known: it is
    worth nothing until `verify` has said True.
    """

    def __new__(
        cls,
        algorithm: str,
        key: bytes,
        nonce: bytes,
        data: Buffer = b"",
        decrypt: bool = False,
        tag_len: int = 32,
        path: str | None = None,
    ) -> AeadStream: ...
    def update(self, piece: Buffer) -> bytes:
        """What the piece becomes; as long as the piece."""

    def update_into(self, piece: Buffer, out: Buffer) -> None:
        """The same, written to ``out``, as long as the piece or the same buffer."""

    def finish(self) -> bytes:
        """The tag of a stream that encrypts; nothing can be added afterwards."""

    def verify(self, tag: bytes) -> bool:
        """Whether the tag of a stream that decrypts is right; ends the stream."""

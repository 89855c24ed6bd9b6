"""Rocca-S and the AEGIS-256 family as classes in the manner of `cryptography`'s AEADs.

EXPERIMENTAL. Rocca-S is an individual Internet-Draft (draft-nakano-rocca-s), AEGIS is RFC
10032 of the IRTF; neither is on the lists of CRYPTREC. They do not commit to their key (a
ciphertext can be made that opens under two keys), and a nonce that is used twice with one key
ends confidentiality and authenticity: `kaname.cryptography.aead.packets` sees to that, the
classes here do not. For production kaname uses AES-256-GCM.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar, Final

from kaname._native import (
    aead_algorithms,
    aead_open,
    aead_open_batch,
    aead_open_into,
    aead_paths,
    aead_seal,
    aead_seal_batch,
    aead_seal_into,
)
from kaname.cryptography.aead.nonces import Nonces
from kaname.cryptography.aead.refusals import InvalidTagError, UnfitError
from kaname.cryptography.aead.streams import Decryptor, Encryptor

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Buffer

    Memory = Buffer | NDArray[Any]

__all__ = ["CIPHERS", "Aegis256", "Aegis256X2", "Aegis256X4", "Cipher", "RoccaS"]

_LENGTHS: Final = {name: (key, nonce, tags) for name, key, nonce, tags in aead_algorithms()}


class Cipher:
    """A key of one of the ciphers; use a subclass. It may be shared by threads.

    Args:
        key: 32 bytes.
        tag_length: 32 bytes, or 16 where the cipher has such tags (AEGIS).
        path: the instructions to use, one of `paths`; the best of this machine if None.

    Raises:
        UnfitError: a length that the cipher, or a path that this machine, does not have.
    """

    NAME: ClassVar[str] = ""
    KEY_LENGTH: ClassVar[int] = 32
    NONCE_LENGTH: ClassVar[int] = 0
    TAG_LENGTHS: ClassVar[tuple[int, ...]] = ()

    __slots__ = ("_key", "_path", "tag_length")

    def __init_subclass__(cls) -> None:
        """Take the lengths from the core, which is what checks them."""
        key, nonce, tags = _LENGTHS[cls.NAME]
        cls.KEY_LENGTH, cls.NONCE_LENGTH, cls.TAG_LENGTHS = key, nonce, tuple(tags)

    def __init__(self, key: Buffer, *, tag_length: int = 32, path: str | None = None) -> None:
        self._key = _octets(key)
        self._path = path
        self.tag_length = tag_length
        self._check()

    def __repr__(self) -> str:
        """Without the key."""
        return f"<{type(self).__name__} path={self.path}>"

    @classmethod
    def generate_key(cls) -> bytes:
        """A new key from the operating system's generator."""
        return secrets.token_bytes(cls.KEY_LENGTH)

    @classmethod
    def paths(cls) -> tuple[str, ...]:
        """The sets of instructions that this machine has for it, the widest last."""
        return tuple(aead_paths(cls.NAME))

    @property
    def path(self) -> str:
        """The instructions in use."""
        return self._path or self.paths()[-1]

    def encrypt(self, nonce: Buffer, data: Buffer, associated_data: Buffer | None) -> bytes:
        """The ciphertext with the tag at its end.

        ``associated_data`` is authenticated and not in it. A nonce must never be used again
        with the same key.

        Raises:
            UnfitError: a nonce of another length.
        """
        try:
            return aead_seal(
                self.NAME, self._key, nonce if type(nonce) is bytes else _octets(nonce),
                b"" if associated_data is None else associated_data, data,
                self.tag_length, self._path,
            )  # fmt: skip
        except ValueError as error:
            raise self._unfit(error, nonce) from error

    def decrypt(self, nonce: Buffer, data: Buffer, associated_data: Buffer | None) -> bytes:
        """The plaintext of what `encrypt` gave.

        Raises:
            InvalidTagError: anything is not as it was sealed; no plaintext is given out.
            UnfitError: a nonce of another length.
        """
        try:
            found = aead_open(
                self.NAME, self._key, nonce if type(nonce) is bytes else _octets(nonce),
                b"" if associated_data is None else associated_data, data,
                self.tag_length, self._path,
            )  # fmt: skip
        except ValueError as error:
            raise self._unfit(error, nonce) from error
        if found is None:
            raise InvalidTagError
        return found

    def encrypt_detached(
        self, nonce: Buffer, data: Buffer, associated_data: Buffer | None
    ) -> tuple[bytes, bytes]:
        """Ciphertext and tag, apart."""
        sealed = self.encrypt(nonce, data, associated_data)
        return sealed[: -self.tag_length], sealed[-self.tag_length :]

    def decrypt_detached(
        self, nonce: Buffer, data: Buffer, tag: Buffer, associated_data: Buffer | None
    ) -> bytes:
        """The plaintext of ciphertext and tag; raises what `decrypt` does."""
        given = _octets(tag)
        if len(given) != self.tag_length:
            raise UnfitError(
                "cryptography.error.aead_tag_length",
                name=self.NAME, expected=self.tag_length, found=len(given),
            )  # fmt: skip
        return self.decrypt(nonce, b"".join((data, given)), associated_data)

    def encrypt_into(
        self, nonce: Buffer, data: Buffer, associated_data: Buffer | None, buf: Buffer
    ) -> int:
        """Write ciphertext and tag to ``buf``, which is a tag longer than ``data``.

        ``data`` may be the beginning of ``buf``. Gives the number of bytes written, as pyca.

        Raises:
            UnfitError: a wrong length, or a buffer that is read-only or overlaps otherwise.
        """
        whole = memoryview(buf).cast("B")
        text = whole[: -self.tag_length]
        whole[len(text) :] = self._seal_into(nonce, data, associated_data, text)
        return len(whole)

    def decrypt_into(
        self, nonce: Buffer, data: Buffer, associated_data: Buffer | None, buf: Buffer
    ) -> int:
        """Write the plaintext to ``buf``, which is a tag shorter than ``data``.

        ``buf`` may be the beginning of ``data``. Gives the number of bytes written.

        Raises:
            InvalidTagError: anything is not as it was sealed; ``buf`` is zeros then.
            UnfitError: a wrong length, or a buffer that is read-only or overlaps otherwise.
        """
        sealed = memoryview(data).cast("B")
        length = len(sealed) - self.tag_length
        if length < 0:
            raise InvalidTagError
        self._open_into(nonce, sealed[:length], bytes(sealed[length:]), associated_data, buf)
        return length

    def encrypt_in_place(
        self, nonce: Buffer, buffer: Buffer, associated_data: Buffer | None
    ) -> bytes:
        """Make the ciphertext of the plaintext in ``buffer``, there; gives the tag."""
        return self._seal_into(nonce, buffer, associated_data, buffer)

    def decrypt_in_place(
        self, nonce: Buffer, buffer: Buffer, tag: Buffer, associated_data: Buffer | None
    ) -> None:
        """Make the plaintext of the ciphertext in ``buffer``, there; zeros if it is refused.

        Raises:
            InvalidTagError: anything is not as it was sealed.
            UnfitError: a wrong length, or a buffer that is read-only.
        """
        self._open_into(nonce, buffer, _octets(tag), associated_data, buffer)

    def encrypt_batch(
        self, nonces: Nonces | Memory, buffer: Memory, offsets: Sequence[int] | NDArray[Any],
        *, tags: Memory | None = None, associated_data: Memory | None = None,
        associated_offsets: Sequence[int] | NDArray[Any] | None = None,
    ) -> Memory:  # fmt: skip
        """Encrypt n messages in place, other threads running meanwhile; gives their tags.

        Args:
            nonces: n of them, of a counter, or one after the other as bytes or an array.
            buffer: writable; message i is ``buffer[offsets[i]:offsets[i + 1]]``.
            offsets: n + 1 integers that do not fall.
            tags: writable, n tags long; made if None (an array of n rows of bytes).
            associated_data: that of all messages, one after the other.
            associated_offsets: n + 1 integers that cut it.

        Raises:
            UnfitError: lengths that do not fit, buffers that are read-only or overlap, or
                the same nonce twice. Nothing is changed then.
        """
        cuts = _offsets(offsets)
        numbers = self._distinct(nonces)
        texts: Any = buffer
        data: Any = associated_data
        made: Any = _new_tags(max(0, len(cuts) - 1), self.tag_length) if tags is None else tags
        self._fits(made, len(cuts))
        try:
            aead_seal_batch(
                self.NAME, self._key, numbers, texts, cuts, data,
                _optional(associated_offsets), made, self._path,
            )  # fmt: skip
        except ValueError as error:
            raise self._unfit(error) from error
        found: Memory = made
        return found

    def decrypt_batch(
        self, nonces: Nonces | Memory, buffer: Memory, offsets: Sequence[int] | NDArray[Any],
        tags: Memory, *, associated_data: Memory | None = None,
        associated_offsets: Sequence[int] | NDArray[Any] | None = None,
    ) -> NDArray[np.bool_]:  # fmt: skip
        """Decrypt n messages in place; which of them are as they were sealed.

        Arguments as of `encrypt_batch`. A message that is not as it was sealed is zeros
        afterwards; the others are not touched by that.

        Raises:
            UnfitError: lengths that do not fit, or buffers that are read-only or overlap.
        """
        import numpy as np

        cuts = _offsets(offsets)
        numbers: Any = nonces
        if isinstance(nonces, Nonces):
            numbers = nonces.octets(self.NONCE_LENGTH)
        texts: Any = buffer
        data: Any = associated_data
        given: Any = tags
        self._fits(given, len(cuts))
        try:
            right = aead_open_batch(
                self.NAME, self._key, numbers, texts, cuts, data,
                _optional(associated_offsets), given, self._path,
            )  # fmt: skip
        except ValueError as error:
            raise self._unfit(error) from error
        return np.frombuffer(right, np.bool_)

    def encryptor(self, nonce: Buffer, associated_data: Buffer | None = None) -> Encryptor:
        """A message to encrypt in pieces."""
        return Encryptor(self._stream(nonce, associated_data, decrypt=False))

    def decryptor(self, nonce: Buffer, associated_data: Buffer | None = None) -> Decryptor:
        """A message to decrypt in pieces; what it gives is unverified until its `finish`."""
        return Decryptor(self._stream(nonce, associated_data, decrypt=True), self.tag_length)

    def _stream(self, nonce: Buffer, associated_data: Buffer | None, *, decrypt: bool) -> Any:
        from kaname._native import AeadStream

        data = b"" if associated_data is None else associated_data
        try:
            return AeadStream(
                self.NAME, self._key, _octets(nonce), data, decrypt, self.tag_length, self._path
            )
        except ValueError as error:
            raise self._unfit(error, nonce) from error

    def _seal_into(
        self, nonce: Buffer, data: Buffer, associated_data: Buffer | None, out: Buffer
    ) -> bytes:
        try:
            return aead_seal_into(
                self.NAME, self._key, nonce if type(nonce) is bytes else _octets(nonce),
                b"" if associated_data is None else associated_data, data, out,
                self._path, self.tag_length,
            )  # fmt: skip
        except ValueError as error:
            raise self._unfit(error, nonce) from error

    def _open_into(
        self, nonce: Buffer, data: Buffer, tag: bytes, associated_data: Buffer | None, out: Buffer
    ) -> None:
        if len(tag) != self.tag_length:  # a shorter one that the cipher has would do otherwise
            raise UnfitError(
                "cryptography.error.aead_tag_length",
                name=self.NAME, expected=self.tag_length, found=len(tag),
            )  # fmt: skip
        try:
            right = aead_open_into(
                self.NAME, self._key, nonce if type(nonce) is bytes else _octets(nonce),
                b"" if associated_data is None else associated_data, data, tag, out, self._path,
            )  # fmt: skip
        except ValueError as error:
            raise self._unfit(error, nonce) from error
        if not right:
            raise InvalidTagError

    def _fits(self, tags: Any, cuts: int) -> None:
        """Refuse tags of another length than this cipher's, which the core would take."""
        with memoryview(tags) as given:
            expected = max(0, cuts - 1) * self.tag_length
            if given.nbytes != expected:
                raise UnfitError(
                    "cryptography.error.aead_tags", expected=expected, found=given.nbytes
                )

    def _distinct(self, nonces: Nonces | Memory) -> Any:
        """Nonces as bytes: those of a counter are distinct, others are looked at."""
        if isinstance(nonces, Nonces):
            return nonces.octets(self.NONCE_LENGTH)
        given: Any = nonces
        with memoryview(given) as view:
            if view.nbytes % self.NONCE_LENGTH == 0 and not _differ(view, self.NONCE_LENGTH):
                raise UnfitError("cryptography.error.aead_nonce_twice")
        return given

    def _check(self) -> None:
        """Refuse a key, a length of tags or a path that there is not."""
        if len(self._key) != self.KEY_LENGTH:
            raise UnfitError(
                "cryptography.error.aead_key",
                name=self.NAME, expected=self.KEY_LENGTH, found=len(self._key),
            )  # fmt: skip
        if self.tag_length not in self.TAG_LENGTHS:
            raise UnfitError(
                "cryptography.error.aead_tag_length", name=self.NAME,
                expected=", ".join(map(str, self.TAG_LENGTHS)), found=self.tag_length,
            )  # fmt: skip
        if self._path is not None and self._path not in self.paths():
            raise UnfitError(
                "cryptography.error.aead_path",
                found=self._path, known=", ".join(self.paths()),
            )  # fmt: skip

    def _unfit(self, error: ValueError, nonce: Buffer | None = None) -> UnfitError:
        length = self.NONCE_LENGTH if nonce is None else len(_octets(nonce))
        if length != self.NONCE_LENGTH:
            return UnfitError(
                "cryptography.error.aead_nonce",
                name=self.NAME, expected=self.NONCE_LENGTH, found=length,
            )  # fmt: skip
        return UnfitError("cryptography.error.aead_unfit", reason=str(error))


class RoccaS(Cipher):
    """Rocca-S (draft-nakano-rocca-s): nonces of 16 bytes, tags of 32. Experimental.

    Its ancestor Rocca fell to full key recovery with 2^128 work (Hosoyamada and others, IACR
    ToSC 2022(3)); the key is fed forward since. No version of Rocca that was studied commits to
    its key (Takeuchi, Todo, Iwata, IACR ToSC 2024(2)): take it that this one does not either.
    """

    NAME = "Rocca-S"
    __slots__ = ()


class Aegis256(Cipher):
    """AEGIS-256 (RFC 10032): nonces of 32 bytes, tags of 32 or 16. Experimental."""

    NAME = "AEGIS-256"
    __slots__ = ()


class Aegis256X2(Cipher):
    """AEGIS-256X2 (RFC 10032): two states beside each other, for wide registers. Experimental."""

    NAME = "AEGIS-256X2"
    __slots__ = ()


class Aegis256X4(Cipher):
    """AEGIS-256X4 (RFC 10032): four states beside each other. Experimental."""

    NAME = "AEGIS-256X4"
    __slots__ = ()


CIPHERS: Final[dict[str, type[Cipher]]] = {
    each.NAME: each for each in (RoccaS, Aegis256, Aegis256X2, Aegis256X4)
}
"""By name."""


def _octets(value: Buffer) -> bytes:
    """Bytes of a buffer; `bytes` of an integer would be that many zeros."""
    return value if type(value) is bytes else bytes(memoryview(value))


def _offsets(offsets: Sequence[int] | NDArray[Any]) -> Any:
    import numpy as np

    given = np.ascontiguousarray(offsets)
    if given.dtype == np.uint64 and given.ndim == 1:
        return given
    if given.ndim != 1 or (given.dtype.kind not in "iu" and given.size):
        raise UnfitError("cryptography.error.aead_offsets", found=given.dtype)
    if given.size and given.min() < 0:
        raise UnfitError("cryptography.error.aead_offsets", found=int(given.min()))
    return given.astype(np.uint64)


def _optional(offsets: Sequence[int] | NDArray[Any] | None) -> Any:
    return None if offsets is None else _offsets(offsets)


def _new_tags(count: int, length: int) -> NDArray[np.uint8]:
    import numpy as np

    return np.zeros((count, length), np.uint8)


def _differ(nonces: memoryview, length: int) -> bool:
    """Whether no nonce is there twice: at once where their last words rise, as counters do."""
    import numpy as np

    words = np.frombuffer(nonces, ">u8").reshape(-1, length // 8)
    last = words[:, -1]
    if bool((last[1:] > last[:-1]).all()):
        return True
    rows = np.ascontiguousarray(words).view(f"V{length}").ravel()
    return len(set(rows.tolist())) == len(rows)

"""What packet ciphers refuse: a wrong tag, lengths that do not fit, a packet seen before.

Each is an error of kaname, with a message in the user's language, and the exception that a
program written for `cryptography` (pyca) expects at the same time.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag

from kaname.model.errors import ConflictError, InputError, LimitError, UsageError

__all__ = ["InvalidTagError", "NoncesSpentError", "ReplayError", "UnfitError"]


class InvalidTagError(InputError, InvalidTag):
    """Key, nonce, associated data, ciphertext or tag are not those that were sealed.

    ``except cryptography.exceptions.InvalidTag`` catches it.
    """

    def __init__(self) -> None:
        super().__init__("cryptography.error.aead_tag")


class UnfitError(UsageError, ValueError):
    """A length, a buffer or a path that the cipher does not have; a `ValueError` as well."""


class ReplayError(ConflictError):
    """The packet was opened before, or is older than the window remembers."""


class NoncesSpentError(LimitError):
    """A counter has no nonces left: a new key is needed."""

"""Look-up without saying what is looked up: k-anonymous buckets of digests.

Who asks computes HMAC-SHA256 over "kind:value" under the pepper of the server, names the
first 20 bits, and gets all digests of the server that begin with them. The server learns
20 bits: of all IPv4 addresses 4,096 share them, of the names in use hundreds. Whoever asks
about few values again and again is told apart more easily; a filter (`filters`) tells the
server nothing at all.

The pepper is no secret among members. It keeps tables made for one server from being of use
at another, and is renewed by deleting it.
"""

from __future__ import annotations

import bisect
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["BITS", "Buckets", "Parameters", "digest", "pepper_of", "prefix_of"]

BITS: Final = 20
_HEX: Final = BITS // 4
_PEPPER: Final = "intelligence.privacy.pepper"


class Parameters(msgspec.Struct, frozen=True):
    """What one has to know to ask: pepper (hex), bits of the prefix, digests in all."""

    pepper: str
    bits: int
    count: int


def digest(pepper: bytes, key: str) -> str:
    """The digest of "kind:value" in its canonical spelling, 64 hex digits."""
    return hmac.new(pepper, key.encode(), hashlib.sha256).hexdigest()


def prefix_of(found: str) -> str:
    """The part of a digest that is said aloud: 5 hex digits."""
    return found[:_HEX]


def pepper_of(knowledge: Knowledge) -> bytes:
    """The pepper of this store, made when it is first needed."""
    found = knowledge.get_state(_PEPPER)
    if found is None:
        found = secrets.token_hex(32)
        knowledge.set_state(_PEPPER, found)
    return bytes.fromhex(found)


class Buckets:
    """The digests of one audience's indicators, sorted."""

    def __init__(self, pepper: bytes, keys: Iterable[str]) -> None:
        self._pepper = pepper
        self._digests: Sequence[str] = sorted({digest(pepper, key) for key in keys})

    @property
    def parameters(self) -> Parameters:
        """What one has to know to ask."""
        return Parameters(self._pepper.hex(), BITS, len(self._digests))

    def bucket(self, prefix: str) -> list[str]:
        """All digests that begin with ``prefix``.

        Raises:
            UsageError: it is not exactly 5 hex digits; fewer would empty the store, more
                would say too much.
        """
        if len(prefix) != _HEX or not set(prefix) <= set("0123456789abcdef"):
            raise UsageError("intelligence.error.bucket", digits=_HEX, found=prefix[:80])
        start = bisect.bisect_left(self._digests, prefix)
        end = bisect.bisect_left(self._digests, prefix + "g")
        return list(self._digests[start:end])

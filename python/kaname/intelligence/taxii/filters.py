"""What of a collection a request asks for: filters, the limit, and where to go on.

``next`` is not kept anywhere: it holds the instant after which to go on, a digest of the
filters, of the account and of the place it was given for, and when it ends, under a
signature. With other filters it is refused, instead of skipping what they would show.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Sequence
from typing import NamedTuple

from kaname.intelligence.stix.times import canonical, instant
from kaname.intelligence.taxii.refusals import TaxiiError
from kaname.knowledge.stix_objects import StixFilter
from kaname.model.instant import HOUR, now_us

__all__ = ["DEFAULT_LIMIT", "MOST", "Asked", "Pager", "asked"]

DEFAULT_LIMIT = 1000
MOST = 10_000  # objects of a page, whatever a client asks for
_LIFE = 24 * HOUR
_FORM = struct.Struct(">qq16s16s")  # after, end, digest of the question, signature
_MOST_VALUES = 500
_WORDS = frozenset({"first", "last", "all"})


class Asked(NamedTuple):
    """A question to a collection."""

    wanted: StixFilter
    limit: int
    digest: bytes
    following: str | None  # the ``next`` it came with


def asked(query: Sequence[tuple[str, str]], place: str) -> Asked:
    """The question in a query string; unknown parameters are not looked at (TAXII 2.1, 3.4).

    Args:
        query: names and values as they came.
        place: what it is asked of, and by whom.

    Raises:
        TaxiiError: 400, a value does not fit.
    """
    given = {name: text for name, text in query if text != ""}
    wanted = StixFilter(
        ids=_values(given, "match[id]"),
        types=_values(given, "match[type]"),
        versions=_versions(given),
        specs=_values(given, "match[spec_version]"),
        after=_after(given),
    )
    digest = hashlib.sha256(repr((place, wanted)).encode()).digest()[:16]
    return Asked(wanted, _limit(given), digest, given.get("next"))


def _values(given: dict[str, str], name: str) -> tuple[str, ...]:
    found = tuple(sorted({part.strip() for part in given.get(name, "").split(",")} - {""}))
    if len(found) > _MOST_VALUES:
        raise TaxiiError(400, "many_values", name=name, most=_MOST_VALUES)
    return found


def _versions(given: dict[str, str]) -> tuple[str, ...]:
    texts = _values(given, "match[version]") or ("last",)
    found = [text if text in _WORDS else canonical(text) for text in texts]
    for text, version in zip(texts, found, strict=True):
        if version is None:
            raise TaxiiError(400, "version", found=text[:100])
    versions = tuple(version for version in found if version is not None)
    return ("all",) if "all" in versions else versions


def _after(given: dict[str, str]) -> int:
    text = given.get("added_after")
    if text is None:
        return -1
    found = instant(text)
    if found is None:
        raise TaxiiError(400, "added_after", found=text[:100])
    return found


def _limit(given: dict[str, str]) -> int:
    text = given.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not text.isascii() or not text.isdecimal() or int(text[:12]) == 0:
        raise TaxiiError(400, "limit", found=text[:100])
    return min(int(text[:12]), MOST)


class Pager:
    """Makes and reads ``next``; ``key`` is a secret of this installation."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def following(self, question: Asked, after: int) -> str:
        """The ``next`` with which ``question`` goes on after the instant ``after``."""
        content = struct.pack(">qq16s", after, now_us() + _LIFE, question.digest)
        data = content + self._sign(content)
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def resumed(self, question: Asked) -> StixFilter:
        """What ``question`` wants, from where its ``next`` says.

        Raises:
            TaxiiError: 400, it was not made here, has ended, or is of another question.
        """
        if question.following is None:
            return question.wanted
        after, end, digest = self._read(question.following)
        if digest != question.digest:
            raise TaxiiError(400, "next_filters")
        if end < now_us():
            raise TaxiiError(400, "next_ended")
        return question.wanted._replace(after=max(after, question.wanted.after))

    def _read(self, text: str) -> tuple[int, int, bytes]:
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            after, end, digest, signature = _FORM.unpack(data)
        except (binascii.Error, ValueError, struct.error):
            raise TaxiiError(400, "next", found=text[:40]) from None
        if not hmac.compare_digest(self._sign(data[:-16]), signature):
            raise TaxiiError(400, "next", found=text[:40])
        return after, end, digest

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")[:16]

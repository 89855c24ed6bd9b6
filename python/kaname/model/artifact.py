"""Artifacts as text: the one spelling of each, and what an unknown value is.

NFKC first. Then by kind:

- ip: IPv4 without leading zeros (``010.1.1.1`` is refused), IPv6 as RFC 5952 writes it,
  IPv4-mapped as IPv4, no zone; prefix: host bits cleared; port: ``443`` or ``udp/53``
- domain: lower case, no root dot, A-labels (UTS 46, non-transitional), two labels at least
- url: scheme and host in lower case, no default port, no fragment; the path as it is
- hash: lower case, of a length that MD5, SHA-1 or SHA-2 has
- mail: the domain in its spelling, the local part as it is
- asn: ``AS64500``; vulnerability: ``CVE-2024-3400``
- wallet: only with a right checksum (Base58Check, Bech32, ERC-55)
- registry: the hive in full, single backslashes
- fingerprint: ``<type>:<value>``; certificate: the digest in lower case
- mutex, file, agent: as they are

A value that is none of its kind as it stands is tried again without its defanging
(``hxxp``, ``[.]``).
"""

from __future__ import annotations

from collections.abc import Sequence

from kaname._native import canonical_artifact, canonical_artifacts, guess_artifacts, refanged
from kaname.model.records import ArtifactKind

__all__ = ["canonical", "canonical_many", "guess", "guess_many", "refang"]

_KINDS = tuple(ArtifactKind)


def canonical(kind: ArtifactKind, text: str) -> str | None:
    """The spelling of ``text`` that is stored; None when it is no value of that kind."""
    return canonical_artifact(kind, text)


def canonical_many(kinds: Sequence[ArtifactKind], texts: Sequence[str]) -> list[str | None]:
    """`canonical` of each of ``texts``, with the kind at the same place."""
    return canonical_artifacts(kinds, texts)


def guess(text: str) -> tuple[ArtifactKind, str] | None:
    """What a single value is, defanged or not, and its spelling; None when nobody can say."""
    return guess_artifacts(_KINDS, [text])[0]


def guess_many(texts: list[str]) -> list[tuple[ArtifactKind, str] | None]:
    """`guess` of each."""
    return guess_artifacts(_KINDS, texts)


def refang(text: str) -> str:
    """``text`` without what keeps people from clicking on it."""
    return refanged(text)

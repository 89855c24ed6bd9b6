"""Which indicators may go into rules that block or alert, and how far they have come.

A rule acts on its own: what is harmless, revoked or over is never in one, nor anything
that would act on the world (a default route, a loopback address).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from kaname.model.instant import DAY, SECOND, floor
from kaname.model.records import ArtifactKind, Indicator, Role

__all__ = ["blockable", "host_of", "network", "one_line", "revision"]

# Shorter prefixes than any network is given: blocking one is never what was meant.
_SHORTEST = {4: 8, 6: 16}
_LONGEST_NAME = 253


def blockable(indicators: Iterable[Indicator], at: int) -> Iterator[Indicator]:
    """Those of ``indicators`` that stand at ``at`` and are of attackers."""
    for indicator in indicators:
        stands = not indicator.revoked and indicator.valid_from <= at < indicator.valid_until
        if stands and indicator.artifact.role is Role.ATTACKER:
            yield indicator


def revision(indicator: Indicator, at: int) -> int:
    """The number (Unix seconds, rising) of the version of ``indicator`` at ``at``.

    A version lasts a UTC day at most, because the score is said as at its start.
    """
    return max(indicator.updated, floor(at, DAY)) // SECOND


def network(indicator: Indicator) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The addresses that it is about; None when none, or none that may be blocked."""
    if indicator.artifact.kind not in (ArtifactKind.IP, ArtifactKind.PREFIX):
        return None
    try:
        found = ipaddress.ip_network(indicator.artifact.value)
    except ValueError:
        return None
    special = found.is_loopback or found.is_multicast or found.is_unspecified or found.is_link_local
    return None if special or found.prefixlen < _SHORTEST[found.version] else found


def host_of(indicator: Indicator) -> str | None:
    """The domain as A-labels in lower case; None when it is none that DNS can carry."""
    if indicator.artifact.kind is not ArtifactKind.DOMAIN:
        return None
    labels = indicator.artifact.value.lower().rstrip(".").split(".")
    try:
        ascii_labels = [_a_label(label) for label in labels]
    except UnicodeError:
        return None
    name = ".".join(ascii_labels)
    fits = len(labels) > 1 and len(name) <= _LONGEST_NAME
    return name if fits and all(map(_is_label, ascii_labels)) else None


def _a_label(label: str) -> str:
    return label if label.isascii() else label.encode("idna").decode()


def _is_label(label: str) -> bool:
    plain = label.replace("-", "").replace("_", "")
    return 0 < len(label) <= 63 and plain.isascii() and plain.isalnum()


def one_line(text: str) -> bool:
    """Whether ``text`` can stand in a list as one word: printable, without spaces."""
    return bool(text) and text.isprintable() and not any(map(str.isspace, text))

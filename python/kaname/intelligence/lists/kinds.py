"""Kinds of artifacts as the native matcher knows them, and MISP's types of attributes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kaname.model.records import ArtifactKind

__all__ = ["EVERY_KIND", "SUBJECTS", "TEXT", "kinds_of_attributes", "mask"]

EVERY_KIND: Final = 0xFFFF_FFFF
TEXT: Final = 30
"""The number that stands for free text: tags, names, reports."""

_URL, _MAIL = 1 << 5, 2 << 5
_SHAPES = {ArtifactKind.URL: _URL, ArtifactKind.MAIL: _MAIL}
_NUMBERS = {kind: number for number, kind in enumerate(ArtifactKind)}

SUBJECTS: Final[dict[str, int]] = {
    kind.value: number | _SHAPES.get(kind, 0) for kind, number in _NUMBERS.items()
}
"""What a value of a kind is to the matcher: its number, and its shape in bits 5 and 6."""

# MISP's attribute types. Composite ones are left out where every list that names them
# names their parts, too ("domain|ip"): they would make mail lists speak of domains.
_ATTRIBUTES: dict[str, tuple[ArtifactKind, ...]] = {
    **dict.fromkeys(("ip-src", "ip-dst"), (ArtifactKind.IP, ArtifactKind.PREFIX)),
    **dict.fromkeys(("domain", "hostname"), (ArtifactKind.DOMAIN,)),
    **dict.fromkeys(("url", "uri", "link"), (ArtifactKind.URL,)),
    **dict.fromkeys(("md5", "sha1", "sha224", "sha256", "sha384", "sha512"), (ArtifactKind.HASH,)),
    **dict.fromkeys(
        ("email", "email-src", "email-dst", "target-email", "whois-registrant-email",
         "dns-soa-email"),
        (ArtifactKind.MAIL,),
    ),
    **dict.fromkeys(
        ("x509-fingerprint-md5", "x509-fingerprint-sha1", "x509-fingerprint-sha256"),
        (ArtifactKind.CERTIFICATE,),
    ),
    **dict.fromkeys(
        ("ssdeep", "imphash", "ja3-fingerprint-md5", "jarm-fingerprint"),
        (ArtifactKind.FINGERPRINT,),
    ),
    "AS": (ArtifactKind.ASN,),
    "vulnerability": (ArtifactKind.VULNERABILITY,),
    "filename": (ArtifactKind.FILE,),
    "mutex": (ArtifactKind.MUTEX,),
    "regkey": (ArtifactKind.REGISTRY,),
    "user-agent": (ArtifactKind.AGENT,),
    "btc": (ArtifactKind.WALLET,),
}  # fmt: skip


def kinds_of_attributes(attributes: Iterable[str]) -> frozenset[ArtifactKind]:
    """The kinds that a list for these MISP attributes speaks of; none if we have none."""
    return frozenset(kind for name in attributes for kind in _ATTRIBUTES.get(name, ()))


def mask(kinds: Iterable[ArtifactKind] | None) -> int:
    """The kinds as bits; None: every kind."""
    if kinds is None:
        return EVERY_KIND
    return sum(1 << _NUMBERS[kind] for kind in set(kinds))

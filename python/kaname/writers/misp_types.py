"""Kinds of artifacts as MISP calls them: type, category, and whether machines may act on it."""

from __future__ import annotations

from typing import NamedTuple

from kaname.model.records import Artifact, ArtifactKind, Indicator

__all__ = ["MispType", "misp_type"]


class MispType(NamedTuple):
    """How an attribute is filed in MISP; ``value`` is the artifact's as MISP spells it."""

    type: str
    category: str
    value: str
    actionable: bool


_NETWORK, _DELIVERY = "Network activity", "Payload delivery"
_HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}  # by hex digits
# Techniques in which the address is where victims connect to, not where attacks come from.
_DESTINATION = ("T1071", "T1095", "T1105", "T1568", "T1571", "T1573")
_PLAIN = {
    ArtifactKind.PORT: ("port", _NETWORK, False),
    ArtifactKind.DOMAIN: ("domain", _NETWORK, True),
    ArtifactKind.URL: ("url", _NETWORK, True),
    ArtifactKind.MAIL: ("email-src", _DELIVERY, True),
    ArtifactKind.ASN: ("AS", _NETWORK, False),
    ArtifactKind.VULNERABILITY: ("vulnerability", "External analysis", False),
    ArtifactKind.WALLET: ("btc", "Financial fraud", True),
    ArtifactKind.REGISTRY: ("regkey", "Persistence mechanism", True),
    ArtifactKind.MUTEX: ("mutex", "Artifacts dropped", True),
    ArtifactKind.FILE: ("filename", _DELIVERY, True),
    ArtifactKind.AGENT: ("user-agent", _NETWORK, True),
    ArtifactKind.CERTIFICATE: ("x509-fingerprint-sha256", _NETWORK, True),
}
_FINGERPRINTS = {
    "ja3": ("ja3-fingerprint-md5", _NETWORK),
    "jarm": ("jarm-fingerprint", _NETWORK),
    "hassh": ("hassh-md5", _NETWORK),
    "imphash": ("imphash", _DELIVERY),
    "ssdeep": ("ssdeep", _DELIVERY),
    "tlsh": ("tlsh", _DELIVERY),
    "pehash": ("pehash", _DELIVERY),
}


def misp_type(indicator: Indicator) -> MispType:
    """How the artifact of ``indicator`` is filed."""
    artifact = indicator.artifact
    if artifact.kind in (ArtifactKind.IP, ArtifactKind.PREFIX):
        reached = any(one.startswith(_DESTINATION) for one in indicator.techniques)
        return MispType("ip-dst" if reached else "ip-src", _NETWORK, artifact.value, True)
    if artifact.kind is ArtifactKind.HASH:
        name = _HASHES.get(len(artifact.value))
        return MispType(name, _DELIVERY, artifact.value, True) if name else _text(artifact)
    if artifact.kind is ArtifactKind.FINGERPRINT:
        name, _, value = artifact.value.partition(":")
        found = _FINGERPRINTS.get(name)
        return MispType(*found, value, True) if found else _text(artifact)
    kind = _PLAIN.get(artifact.kind)
    return _text(artifact) if kind is None else MispType(kind[0], kind[1], artifact.value, kind[2])


def _text(artifact: Artifact) -> MispType:
    return MispType("text", "Other", artifact.value, False)

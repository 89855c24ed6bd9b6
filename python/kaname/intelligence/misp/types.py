"""Attribute types of MISP: which artifacts a value names.

Types that name no artifact (text, comment, link, datetime...) are kept with the event and
make no observation; a link is where something was read, never something to block.
"""

from __future__ import annotations

from kaname.model.artifact import canonical
from kaname.model.records import ArtifactKind

__all__ = ["artifacts_of"]

_KINDS = {
    **dict.fromkeys(("ip-src", "ip-dst", "ip"), ArtifactKind.IP),
    **dict.fromkeys(("domain", "hostname"), ArtifactKind.DOMAIN),
    **dict.fromkeys(("url", "uri"), ArtifactKind.URL),
    **dict.fromkeys(
        ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "authentihash"), ArtifactKind.HASH
    ),
    **dict.fromkeys(
        ("email", "email-src", "email-dst", "email-reply-to", "target-email", "jabber-id"),
        ArtifactKind.MAIL,
    ),
    "AS": ArtifactKind.ASN,
    "vulnerability": ArtifactKind.VULNERABILITY,
    **dict.fromkeys(("btc", "xmr", "dash"), ArtifactKind.WALLET),
    **dict.fromkeys(("regkey", "regkey|value"), ArtifactKind.REGISTRY),
    "mutex": ArtifactKind.MUTEX,
    **dict.fromkeys(("filename", "email-attachment", "pdb"), ArtifactKind.FILE),
    "user-agent": ArtifactKind.AGENT,
    "x509-fingerprint-sha256": ArtifactKind.CERTIFICATE,
}
_FINGERPRINTS = {
    "ja3-fingerprint-md5": "ja3",
    "jarm-fingerprint": "jarm",
    "hassh-md5": "hassh",
    "hasshserver-md5": "hasshserver",
    "imphash": "imphash",
    "ssdeep": "ssdeep",
    "tlsh": "tlsh",
    "pehash": "pehash",
    "impfuzzy": "impfuzzy",
    "x509-fingerprint-sha1": "x509-sha1",
    "x509-fingerprint-md5": "x509-md5",
}


def artifacts_of(kind: str, value: str) -> list[tuple[ArtifactKind, str]]:
    """The artifacts that an attribute of type ``kind`` names, in canonical spelling.

    A composite type (``filename|sha256``, ``domain|ip``, ``ip-dst|port``) names several;
    its second part alone when the first cannot be read, and the other way round.
    """
    if kind in _KINDS or kind in _FINGERPRINTS:
        return _single(kind, value)
    if kind == "malware-sample":
        kind = "filename|md5"
    left, bar, right = kind.partition("|")
    if not bar:
        return []
    first, _, second = value.rpartition("|")
    if not first:
        return []
    return [*_single(left, first), *_single(right, second)]


def _single(kind: str, value: str) -> list[tuple[ArtifactKind, str]]:
    if kind in _FINGERPRINTS:
        found = canonical(ArtifactKind.FINGERPRINT, f"{_FINGERPRINTS[kind]}:{value.strip()}")
        return [] if found is None else [(ArtifactKind.FINGERPRINT, found)]
    wanted = _KINDS.get(kind)
    if wanted is None:
        return []
    if wanted is ArtifactKind.IP and "/" in value:
        wanted = ArtifactKind.PREFIX
    spelt = canonical(wanted, value)
    return [] if spelt is None else [(wanted, spelt)]

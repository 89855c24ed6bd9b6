"""Which kind of artifact a property of an observable is."""

from __future__ import annotations

from kaname.model.artifact import canonical
from kaname.model.records import ArtifactKind

__all__ = ["artifact_of", "kind_of"]

_KINDS = {
    ("domain-name", "value"): ArtifactKind.DOMAIN,
    ("hostname", "value"): ArtifactKind.DOMAIN,
    ("url", "value"): ArtifactKind.URL,
    ("email-addr", "value"): ArtifactKind.MAIL,
    ("email-message", "from_ref.value"): ArtifactKind.MAIL,
    ("email-message", "sender_ref.value"): ArtifactKind.MAIL,
    ("email-message", "to_refs.value"): ArtifactKind.MAIL,
    ("autonomous-system", "number"): ArtifactKind.ASN,
    ("file", "name"): ArtifactKind.FILE,
    ("mutex", "name"): ArtifactKind.MUTEX,
    ("windows-registry-key", "key"): ArtifactKind.REGISTRY,
    ("vulnerability", "name"): ArtifactKind.VULNERABILITY,
    ("user-agent", "value"): ArtifactKind.AGENT,
    ("cryptocurrency-wallet", "value"): ArtifactKind.WALLET,
    ("x-opencti-cryptocurrency-wallet", "value"): ArtifactKind.WALLET,
}
_ADDRESSES = frozenset({"ipv4-addr", "ipv6-addr"})
_HASHES = frozenset({"md5", "sha1", "sha256", "sha512", "sha224", "sha384"})
_AGENT = "extensions.http-request-ext.request_header.User-Agent"


def kind_of(kind: str, path: str, value: str) -> ArtifactKind | None:
    """The kind of the artifact that ``value`` of ``kind:path`` is; None when it is none.

    ``path`` is the names of properties with dots between. Values of ``*_ref.value`` of
    network traffic may be addresses or names.
    """
    if kind in _ADDRESSES and path == "value":
        return _address(value)
    if kind == "network-traffic" and path in {"src_ref.value", "dst_ref.value"}:
        plain = value.replace(".", "").replace("/", "")
        return _address(value) if ":" in value or plain.isdecimal() else ArtifactKind.DOMAIN
    if kind == "network-traffic" and path == _AGENT:
        return ArtifactKind.AGENT
    steps = path.split(".")
    if kind in {"file", "artifact", "x509-certificate"} and steps[0] == "hashes":
        name = steps[-1].lower().replace("-", "").replace("_", "")
        if name not in _HASHES:
            return ArtifactKind.FINGERPRINT if name in {"imphash", "ssdeep"} else None
        return ArtifactKind.CERTIFICATE if kind == "x509-certificate" else ArtifactKind.HASH
    return _KINDS.get((kind, path))


def artifact_of(kind: str, path: str, value: object) -> tuple[ArtifactKind, str] | None:
    """The artifact in canonical spelling; None when it is none, or not one of its kind."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    found = kind_of(kind, path, text)
    if found is None:
        return None
    if found is ArtifactKind.FINGERPRINT:
        text = f"{path.rsplit('.', 1)[-1].lower()}:{text}"
    if found is ArtifactKind.ASN:
        text = f"AS{text}"
    spelt = canonical(found, text)
    return None if spelt is None else (found, spelt)


def _address(value: str) -> ArtifactKind:
    return ArtifactKind.PREFIX if "/" in value else ArtifactKind.IP

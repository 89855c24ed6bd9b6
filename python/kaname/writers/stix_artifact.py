"""An artifact in STIX 2.1: as a pattern, and as a cyber-observable object."""

from __future__ import annotations

import re
import uuid
from typing import Any

import msgspec

from kaname.model.records import Artifact, ArtifactKind

__all__ = ["observable", "observable_id", "pattern"]

# The namespace of deterministic ids of cyber-observables (STIX 2.1, section 2.9).
_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_HASHES = {32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}  # by digits
_VALUE_TYPES = {
    ArtifactKind.DOMAIN: "domain-name",
    ArtifactKind.URL: "url",
    ArtifactKind.MAIL: "email-addr",
}
_LABEL = r"\w([\w-]{0,61}\w)?"  # of a domain, in any script (RFC 5890)
# Narrower than RFC 3986 and RFC 5321, so that no consumer finds them malformed.
_FORMS = {
    ArtifactKind.DOMAIN: re.compile(rf"{_LABEL}(\.{_LABEL})*"),
    ArtifactKind.URL: re.compile(
        r"[A-Za-z][A-Za-z0-9+.-]*://([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?"
        r"([/?#]([A-Za-z0-9._~:/?@!$&()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
    ),
    ArtifactKind.MAIL: re.compile(
        r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
    ),
}


def pattern(artifact: Artifact) -> str | None:
    """The STIX pattern that holds for ``artifact``; None when STIX has no words for it."""
    if artifact.kind is ArtifactKind.PREFIX:
        return f"[{_address_type(artifact)}:value ISSUBSET {_quote(artifact.value)}]"
    if artifact.kind is ArtifactKind.PORT:
        return _port_pattern(artifact.value)
    content = _content(artifact)
    if content is None:
        return None
    kind, properties = content
    if "hashes" in properties:
        ((name, value),) = properties["hashes"].items()
        return f"[file:hashes.{_quote(name)} = {_quote(value)}]"
    if "number" in properties:
        return f"[autonomous-system:number = {properties['number']}]"
    return f"[{kind}:value = {_quote(properties['value'])}]"


def observable(artifact: Artifact) -> dict[str, Any] | None:
    """``artifact`` as an observable with its deterministic id.

    None when there is no type for it, or when the value is not well-formed: a pattern may
    look for any text, an observable may not be any.
    """
    content = _content(artifact)
    form = _FORMS.get(artifact.kind)
    if content is None or (form and not form.fullmatch(artifact.value)):
        return None
    kind, properties = content
    return {"type": kind, "spec_version": "2.1", "id": observable_id(artifact), **properties}


def observable_id(artifact: Artifact) -> str | None:
    """The id that every producer gives to ``artifact``; None when there is no type for it."""
    content = _content(artifact)
    if content is None:
        return None
    kind, properties = content
    # Canonical JSON (RFC 8785) of one string or number is what msgspec writes.
    name = msgspec.json.encode(properties, order="deterministic").decode()
    return f"{kind}--{uuid.uuid5(_NAMESPACE, name)}"


def _content(artifact: Artifact) -> tuple[str, dict[str, Any]] | None:
    """(type, the properties that make the id)."""
    if artifact.kind in (ArtifactKind.IP, ArtifactKind.PREFIX):
        return _address_type(artifact), {"value": artifact.value}
    if artifact.kind is ArtifactKind.HASH:
        name = _HASHES.get(len(artifact.value))
        return None if name is None else ("file", {"hashes": {name: artifact.value}})
    if artifact.kind is ArtifactKind.ASN:
        number = artifact.value.upper().removeprefix("AS")
        return ("autonomous-system", {"number": int(number)}) if number.isdecimal() else None
    kind = _VALUE_TYPES.get(artifact.kind)
    return None if kind is None else (kind, {"value": artifact.value})


def _address_type(artifact: Artifact) -> str:
    return "ipv6-addr" if ":" in artifact.value else "ipv4-addr"


def _port_pattern(value: str) -> str | None:
    protocol, _, port = value.rpartition("/")
    if not port.isdecimal():
        return None
    test = f"network-traffic:dst_port = {int(port)}"
    if protocol:
        test += f" AND network-traffic:protocols[*] = {_quote(protocol.lower())}"
    return f"[{test}]"


def _quote(text: str) -> str:
    """A string literal of the pattern language: backslash and quote are escaped."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

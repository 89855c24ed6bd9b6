"""Deterministic ids of cyber-observables (STIX 2.1, 2.9).

UUIDv5 of the canonical JSON (RFC 8785) of the properties that make the thing itself. Of
several hashes one counts: MD5, else SHA-1, else SHA-256, else SHA-512, else the first in
the order of their names.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["CONTRIBUTING", "observable_id"]

_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_HASHES = ("MD5", "SHA-1", "SHA-256", "SHA-512")
CONTRIBUTING: dict[str, tuple[str, ...]] = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("from_ref", "subject", "body"),
    "file": ("hashes", "name", "extensions", "parent_directory_ref"),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": (
        "start",
        "end",
        "src_ref",
        "dst_ref",
        "src_port",
        "dst_port",
        "protocols",
        "extensions",
    ),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "url": ("value",),
    "user-account": ("account_type", "user_id", "account_login"),
    "windows-registry-key": ("key", "values"),
    "x509-certificate": ("hashes", "serial_number"),
}


def observable_id(thing: Mapping[str, Any]) -> str | None:
    """The id that every producer gives to ``thing``; None when nothing makes it the same."""
    kind = thing["type"]
    made = {name: thing[name] for name in CONTRIBUTING.get(kind, ()) if name in thing}
    if "hashes" in made:
        made["hashes"] = _one_hash(made["hashes"])
    if not made:
        return None
    text = msgspec.json.encode(_plain(made), order="deterministic").decode()
    return f"{kind}--{uuid.uuid5(_NAMESPACE, text)}"


def _one_hash(hashes: Mapping[str, str]) -> dict[str, str]:
    name = next((name for name in _HASHES if name in hashes), min(hashes, default=""))
    return {name: hashes[name]} if name else {}


def _plain(value: Any) -> Any:
    """``value`` with whole numbers written as RFC 8785 writes them: without a point."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value

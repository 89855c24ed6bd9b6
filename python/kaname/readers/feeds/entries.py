"""One entry of a feed, and how its value is spelled in the lake."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Any

from kaname.readers.domains import canonical, registered
from kaname.readers.urls import host_of

__all__ = ["Entry", "columns", "of_value", "type_of"]

_HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
_HEX = re.compile(r"[0-9A-Fa-f]+")
_URL = re.compile(r"(?:https?|ftp)://\S+$", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[\w.-]+\.[A-Za-z]{2,}$")
# At least two labels, the last one a top-level domain by its letters.
_DOMAIN = re.compile(
    r"(?:[\w-]{1,63}\.)+(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59}|[^\W\d_]{2,63})\.?$"
)
_PORT = re.compile(r"^([^\s:]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$")


@dataclass(slots=True)
class Entry:
    """What a feed says of one thing. Times are microseconds UTC."""

    value: str
    vtype: str
    label: str = "unknown"
    ts: int | None = None
    address: str | None = None
    url: str | None = None
    target: str | None = None
    first_us: int | None = None
    last_us: int | None = None
    confidence: int | None = None
    status: str | None = None
    asn: int | None = None
    cc: str | None = None
    ext: dict[str, Any] = field(default_factory=dict)


def type_of(text: str) -> str | None:
    """What kind of thing ``text`` is written like; None when it is like none."""
    if not text:
        return None
    if _URL.match(text):
        return "url"
    if text[:1].isalnum() or text[:1] in "[:-_":
        address = _address_type(text)
        if address:
            return address
        if _HEX.fullmatch(text) and len(text) in _HASHES:
            return _HASHES[len(text)]
        if len(text) <= 255 and _DOMAIN.match(text):
            return "domain"
    return "email" if _EMAIL.match(text) else None


def _address_type(text: str) -> str | None:
    if not (text[0].isdigit() or ":" in text) or len(text) > 49:
        return None
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        pass
    else:
        return "ip"
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return "net" if "/" in text else None


def of_value(text: str, **known: Any) -> Entry | None:
    """The entry of a value of any kind, ``address:port`` included; None when it is none."""
    plain = text.strip()
    kind = type_of(plain)
    if kind is None:
        port = _PORT.match(plain)
        inner = of_value(port.group(1), **known) if port else None
        if inner is not None and port is not None:
            inner.ext = {**inner.ext, "port": int(port.group(2))}
        return inner
    return Entry(_spelled(plain, kind), kind, **known)


def _spelled(text: str, kind: str) -> str:
    if kind == "domain":
        return canonical(text)
    if kind in {"ip", "net"}:
        plain = text.strip("[]")
        if kind == "ip":
            return str(ipaddress.ip_address(plain))
        return str(ipaddress.ip_network(plain, strict=False))
    return text if kind == "url" else text.lower()


def columns(entry: Entry, feed: str, ts: int) -> dict[str, Any]:
    """Columns of `feeds`; ``ts`` is for entries without a time."""
    url = entry.url or (entry.value if entry.vtype == "url" else None)
    host = host_of(url) if url else entry.value if entry.vtype == "domain" else ""
    if entry.vtype == "email":
        host = entry.value.rpartition("@")[2]
    address = entry.address or (entry.value if entry.vtype == "ip" else None)
    if address is None and host and _address_type(host) == "ip":
        address = host.strip("[]")
    return {
        "ts": entry.ts or entry.last_us or entry.first_us or ts,
        "src": address,
        "value": entry.value,
        "vtype": entry.vtype,
        "regdom": registered(host) if host else None,
        "url": url,
        "feed": feed,
        "label": entry.label,
        "target": entry.target,
        "first_us": entry.first_us,
        "last_us": entry.last_us,
        "confidence": entry.confidence,
        "status": entry.status,
        "asn": entry.asn,
        "cc": entry.cc,
        "ext": {name: value for name, value in entry.ext.items() if value not in (None, "")},
    }

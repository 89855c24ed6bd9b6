"""Values of event fields as columns want them: numbers, hashes, accounts, first of several."""

from __future__ import annotations

import re
from collections.abc import Iterable, MutableMapping
from typing import Any

__all__ = ["Fields", "account", "hashes", "number", "protocol", "take"]

Fields = MutableMapping[str, Any]

_NOTHING = {"", "-", "::", "0.0.0.0", "N/A", "(null)", "null", "?"}  # noqa: S104 (no address)
_HASH = re.compile(r"\b(SHA256|MD5)=([0-9A-Fa-f]{64}|[0-9A-Fa-f]{32})\b")
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "ipv6-icmp": 58, "sctp": 132}


def take(fields: Fields, names: Iterable[str]) -> str | None:
    """The first of the fields ``names`` that says something; all of them are taken out.

    What Windows writes for "nothing" (``-`` and the like) says nothing.
    """
    found = None
    for name in names:
        if name in fields and isinstance(fields[name], (str, int, float, bool)):
            text = str(fields.pop(name)).strip()
            if found is None and text not in _NOTHING:
                found = text
    return found


def number(text: str | None) -> int | None:
    """A decimal or ``0x`` hexadecimal number of 63 bits, if it is one."""
    if text is None:
        return None
    try:
        value = int(text, 0) if text[:2].lower() == "0x" else int(float(text))
    except (ValueError, OverflowError):
        return None
    return value if abs(value) < 1 << 63 else None


def protocol(text: str | None) -> int:
    """The number of an IP protocol, by name or number; 0 when it is none."""
    named = _PROTOCOLS.get((text or "").lower())
    value = named if named is not None else number(text)
    return value if value is not None and 0 <= value <= 255 else 0


def account(domain: str | None, name: str | None) -> str | None:
    r"""``DOMAIN\name``, or what there is of it."""
    return f"{domain}\\{name}" if domain and name else name


def hashes(text: str | None) -> dict[str, str]:
    """``sha256`` and ``md5`` of a list like ``SHA1=...,MD5=...,SHA256=...``, lower case."""
    return {name.lower(): value.lower() for name, value in _HASH.findall(text or "")}

"""One JSON document as a flat map of dotted names, from which values are taken.

``{"source": {"ip": "192.0.2.1"}}`` and ``{"source.ip": "192.0.2.1"}`` are the same, as
they are to those who write them. What nobody took becomes ``ext``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Document"]

_PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ipv4": 4, "ip": 0, "tcp": 6, "udp": 17, "ipv6": 41, "rsvp": 46,
    "gre": 47, "esp": 50, "ah": 51, "icmpv6": 58, "ipv6-icmp": 58, "ospf": 89, "sctp": 132,
}  # fmt: skip


_BEYOND = 1 << 63


def _whole(value: Any) -> int | None:
    """A number that is no plain int: of a list the first, or written as a text."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, (int, float)):
        return int(value) if abs(value) < _BEYOND else None
    if isinstance(value, str) and value.lstrip("-").isdecimal() and value.isascii():
        return int(value)
    return None


class Document:
    """See the module."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._flat: dict[str, Any] = {}
        self._add("", tree)

    def _add(self, prefix: str, tree: Mapping[str, Any]) -> None:
        flat = self._flat
        for name, value in tree.items():
            if value.__class__ is dict:
                self._add(f"{prefix}{name}.", value)
            elif value is not None:
                flat[prefix + name] = value

    def __contains__(self, name: str) -> bool:
        return name in self._flat

    def look(self, name: str) -> Any:
        """The value, which stays."""
        return self._flat.get(name)

    def take(self, name: str, *others: str) -> Any:
        """The first of the values that is there; it is taken out."""
        value = self._flat.pop(name, None)
        for other in others:
            if value is not None:
                break
            value = self._flat.pop(other, None)
        return value

    def drop(self, *names: str) -> None:
        """Take out what says nothing that is not said elsewhere."""
        for name in names:
            self._flat.pop(name, None)

    def text(self, name: str, *others: str) -> str | None:
        """A text; numbers are written, of a list it is the first."""
        value = self._flat.pop(name, None)
        if value is None and others:
            value = self.take(*others)
        if value is None or value.__class__ is str:
            return value
        if isinstance(value, list):
            value = value[0] if value else None
        return value if value is None or isinstance(value, str) else str(value)

    def number(self, name: str, *others: str) -> int | None:
        """A whole number, also one that is written as a text."""
        value = self._flat.pop(name, None)
        if value is None and others:
            value = self.take(*others)
        if value is None or (value.__class__ is int and -_BEYOND < value < _BEYOND):
            return value
        return _whole(value)

    def texts(self, name: str, *others: str) -> list[str] | None:
        """A list of texts; a single one is a list of one."""
        value = self.take(name, *others)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        return [item if isinstance(item, str) else str(item) for item in items]

    def protocol(self, name: str, *others: str) -> int:
        """An IP protocol by number or name; 0 when it is not told."""
        value = self.take(name, *others)
        if isinstance(value, int):
            return value if 0 <= value < 256 else 0
        text = str(value or "").lower()
        return int(text) if text.isascii() and text.isdigit() else _PROTOCOLS.get(text, 0)

    def rest(self) -> dict[str, Any]:
        """What was not taken."""
        return self._flat

"""Names whose failure, or whose oddity, is ordinary.

The lists hold registered domains and suffixes, compiled from public documents. They are a
start: behaviour decides where it can, and a site adds its own by a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable

from kaname.traffic.names.listing import listing

__all__ = ["DYNAMIC", "Suffixes"]

DYNAMIC = listing("dynamic")  # below them each name has another owner


class Suffixes:
    """A set of suffixes, asked whether a name is one of them or below one."""

    def __init__(self, *lists: Iterable[str]) -> None:
        self._known = frozenset(suffix for each in lists for suffix in each)

    def cover(self, name: str) -> bool:
        """Whether ``name`` equals a suffix or ends in one after a dot."""
        labels = name.split(".")
        return any(".".join(labels[at:]) in self._known for at in range(len(labels)))

    @classmethod
    def ordinary(cls, more: str, *lists: Iterable[str]) -> Suffixes:
        """What every site has, ``lists``, and ``more`` as a site writes it (blanks or commas)."""
        own = (suffix.strip(".") for suffix in more.lower().replace(",", " ").split())
        return cls(listing("local"), listing("blocklists"), listing("telemetry"), *lists, own)

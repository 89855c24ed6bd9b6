"""What a hierarchy of heavy hitters is made of; nothing heavy is loaded for it."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Aggregate", "Axis", "Bin", "Part"]

Axis = Literal["address", "port"]


class Part(msgspec.Struct, frozen=True):
    """A pair of prefixes, or a service, and what it carries.

    Prefixes are texts, ``*`` for any; ``family`` is 4, 6, or 0 for a service, whose
    protocol and ports stand in ``proto``, ``sport`` and ``dport`` (None: any).
    """

    family: int
    source: str
    destination: str
    proto: int | None
    sport: int | None
    dport: int | None
    octets: int
    packets: int


class Aggregate(msgspec.Struct, frozen=True):
    """One heavy hitter and how it splits; shares are of the whole bin, 0 to 1."""

    part: Part
    octets_share: float
    packets_share: float
    parts: tuple[Part, ...]


class Bin(msgspec.Struct, frozen=True):
    """The heavy hitters of one bin, the biggest first; instants in microseconds.

    ``pairs`` are the distinct keys that were summed; totals are estimates where flows were
    sampled.
    """

    start: int
    end: int
    octets: int
    packets: int
    pairs: int
    aggregates: tuple[Aggregate, ...]

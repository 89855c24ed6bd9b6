"""Who shares a rhythm: regular series by what they contact and with which period.

One client that returns to a server like clockwork is worth a look; two hundred clients
that do so with the same period have the same updater.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kaname.readers.domains import registered
from kaname.traffic.beacons.series import Judged

__all__ = ["Rhythm", "rhythms"]

_SAME = 1.25  # periods of one rhythm differ by less


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Series with one period to one peer; ``site`` is its registered domain, if named."""

    site: str
    series: tuple[Judged, ...]

    @property
    def clients(self) -> int:
        """How many sources have it."""
        return len({one.client for one in self.series})

    @property
    def period(self) -> float:
        """Seconds: the middle of the series' periods."""
        return sorted(one.period for one in self.series)[len(self.series) // 2]


def rhythms(found: Iterable[Judged]) -> list[Rhythm]:
    """``found`` by peer and period, in their order."""
    by_peer: dict[tuple[object, ...], list[Judged]] = {}
    for one in found:
        site = registered(one.name) or one.name if one.name else ""
        key = (site,) if site else one.peer
        by_peer.setdefault(key, []).append(one)
    return [
        Rhythm(str(key[0]) if len(key) == 1 else "", tuple(group))
        for key, members in by_peer.items()
        for group in _by_period(members)
    ]


def _by_period(members: list[Judged]) -> Iterable[list[Judged]]:
    ordered = sorted(members, key=lambda one: (one.period, one.client))
    group: list[Judged] = []
    for one in ordered:
        if group and one.period > group[0].period * _SAME:
            yield group
            group = []
        group.append(one)
    yield group

"""Which sources copy which, learned from when they list the same things.

For an ordered pair of sources, P(B lists x within 7 days after A | A lists x); where it is
above 0.6 with a median lag below 48 hours, B copies A and both count as one. That needs 50
artifacts listed by A, or fewer (10 at least) if even the lower end of Wilson's interval
(95 %) is above 0.6. Only what is said can be copied: what a sensor sees itself is its own.

Memory stays small: artifacts are sampled by a hash of their key, and the sample is halved
whenever it grows past its bound; a share of a sample estimates the share of the whole.

What is learned is learned per clearance, from listings that everybody of that clearance may
see (limits to sharing groups leave a listing out): otherwise the clusters would tell an
audience something of evidence above its marking.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from kaname.model.instant import DAY, HOUR
from kaname.model.marking import Tlp

__all__ = ["Copying", "PairCounter"]

_WINDOW = 7 * DAY
_LAG = 48 * HOUR
_SHARE = 0.6
_ENOUGH = 50
_FEWEST = 10
_Z = 1.96
_SAMPLE = 16_384  # artifacts
_LISTERS = 32  # sources of an artifact that are kept


@dataclass(slots=True)
class _Common:
    """Artifacts of one source that another listed within the window, and soon after."""

    within: int = 0
    soon: int = 0


class PairCounter:
    """First listings of a bounded sample of artifacts by source, and what pairs have in common.

    A listing that comes late (an earlier instant) moves the first one back.
    """

    def __init__(self, sample: int = _SAMPLE) -> None:
        self._bound = sample
        self._mask = 0
        self._first: dict[str, dict[str, int]] = {}
        self._listed: dict[str, int] = {}
        self._pairs: dict[tuple[str, str], _Common] = {}
        self._clusters: dict[str, tuple[str, ...]] | None = None

    def __len__(self) -> int:
        return len(self._first)

    def add(self, source: str, key: str, at: int) -> None:
        """``source`` listed the artifact ``key`` at ``at``."""
        if zlib.crc32(key.encode()) & self._mask:
            return
        listers = self._first.setdefault(key, {})
        known = listers.get(source)
        if (known is None and len(listers) == _LISTERS) or (known is not None and known <= at):
            return
        if known is not None:
            self._count(listers, source, -1)
        listers[source] = at
        self._count(listers, source, 1)
        if len(self._first) > self._bound:
            self._halve()

    def clusters(self) -> dict[str, tuple[str, ...]]:
        """By source that copies or is copied: all sources of its cluster, sorted."""
        if self._clusters is None:
            self._clusters = _united(
                pair for pair, common in self._pairs.items() if self._is_copy(pair[0], common)
            )
        return self._clusters

    def _count(self, listers: dict[str, int], source: str, change: int) -> None:
        """Count ``source`` among ``listers`` (or take it out of the counts)."""
        at = listers[source]
        self._listed[source] = self._listed.get(source, 0) + change
        for other, then in listers.items():
            if other == source:
                continue
            for first, second, lag in ((other, source, at - then), (source, other, then - at)):
                if 0 <= lag <= _WINDOW:
                    common = self._pairs.setdefault((first, second), _Common())
                    common.within += change
                    common.soon += change if lag < _LAG else 0
        self._clusters = None

    def _halve(self) -> None:
        self._mask = self._mask << 1 | 1
        mask = self._mask
        self._first = {k: v for k, v in self._first.items() if not zlib.crc32(k.encode()) & mask}
        self._listed, self._pairs = {}, {}
        for listers in self._first.values():
            taken: dict[str, int] = {}
            for source, at in listers.items():
                taken[source] = at
                self._count(taken, source, 1)

    def _is_copy(self, first: str, common: _Common) -> bool:
        listed = self._listed[first]
        if listed < _FEWEST or common.soon <= common.within // 2:  # the median is not below
            return False
        share = common.within / listed
        return (share if listed >= _ENOUGH else _wilson(share, listed)) > _SHARE


def _wilson(share: float, n: int) -> float:
    """The lower end of Wilson's score interval for a share of ``n``."""
    squared = _Z * _Z / n
    spread = _Z * math.sqrt(share * (1 - share) / n + squared / (4 * n))
    return (share + squared / 2 - spread) / (1 + squared)


def _united(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    sets: dict[str, set[str]] = {}
    for a, b in pairs:
        joined = sets.get(a, {a}) | sets.get(b, {b})
        for member in joined:
            sets[member] = joined
    return {source: tuple(sorted(joined)) for source, joined in sets.items()}


class Copying:
    """A pair counter for each clearance."""

    def __init__(self, sample: int = _SAMPLE) -> None:
        self._counters = {level: PairCounter(sample) for level in Tlp}

    def add(self, source: str, key: str, at: int, tlp: Tlp, groups: Iterable[str] = ()) -> None:
        """``source`` said at ``at`` that ``key`` is hostile; kinds of `Weights.second_hand`."""
        if not tuple(groups):
            for level, counter in self._counters.items():
                if tlp.visible_to(level):
                    counter.add(source, key, at)

    def clusters(self, sources: Iterable[str], clearance: Tlp) -> tuple[tuple[str, ...], ...]:
        """The clusters of more than one of ``sources``, as ``clearance`` may know them."""
        known = self._counters[clearance].clusters()
        if not known:
            return ()
        wanted = set(sources)
        found = {tuple(s for s in known[one] if s in wanted) for one in wanted if one in known}
        return tuple(sorted(cluster for cluster in found if len(cluster) > 1))

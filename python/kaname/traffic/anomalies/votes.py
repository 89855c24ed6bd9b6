"""What the detectors say, put together by whom they blame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.model.instant import MINUTE
from kaname.traffic.anomalies.astute import BUCKETS, SEEDS, changed
from kaname.traffic.anomalies.cells import SLOT, Cells, Subject
from kaname.traffic.anomalies.history import surges
from kaname.traffic.anomalies.mixture import shifts

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.analysis.frame import Window

__all__ = ["Case", "Limits", "Vote", "cases", "votes"]


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on detectors speak: scores, robust deviations, and share of packets."""

    score: float
    deviations: float
    share: float


@dataclass(frozen=True, slots=True)
class Vote:
    """One detector blames one subject for a span of time (microseconds)."""

    detector: str
    subject: Subject
    first: int
    last: int
    packets: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """All votes about one subject, one for each detector, in the order of detectors."""

    subject: Subject
    votes: tuple[Vote, ...]

    @property
    def first(self) -> int:
        """When it began."""
        return min(vote.first for vote in self.votes)

    @property
    def last(self) -> int:
        """When it ended."""
        return max(vote.last for vote in self.votes)


def votes(table: ir.Table, window: Window, found: Cells, limits: Limits) -> Iterator[Vote]:
    """Everything that the detectors say of a window."""
    yield from _together(found, window, limits)
    yield from _mixed(found, window, limits)
    for surge in surges(table, window, limits.share, limits.deviations):
        values = {"usual": round(surge.usual), "off": surge.deviations, "days": surge.days}
        yield Vote("history", surge.subject, window.start, window.end - 1, surge.packets, values)


def _together(found: Cells, window: Window, limits: Limits) -> Iterator[Vote]:
    """One vote for each slot in which flows grew together."""
    if not len(found):
        return
    kept = changed(found, limits.score)
    total = np.bincount(found.slot, found.packets)
    for slot in np.unique(found.slot[kept]).tolist():
        own = kept & (found.slot == slot)
        packets = int(found.packets[own].sum())
        subject = found.blamed(own) if packets >= limits.share * total[slot] else None
        if subject is not None:
            start = window.start + slot * SLOT
            values = {"score": limits.score, "seeds": SEEDS, "parts": BUCKETS}
            yield Vote("together", subject, start, start + SLOT - 1, packets, values)


def _mixed(found: Cells, window: Window, limits: Limits) -> Iterator[Vote]:
    minutes = np.bincount(found.slot * SLOT // MINUTE, found.packets)
    for shift in shifts(found, limits.deviations):
        packets = int(found.packets[shift.cells].sum())
        enough = packets >= limits.share * minutes[shift.minute]
        subject = found.blamed(shift.cells, shift.before) if enough else None
        if subject is not None:
            start = window.start + shift.minute * MINUTE
            values = {"bits": shift.bits, "limit": shift.limit, "of": shift.of}
            yield Vote("mixture", subject, start, start + MINUTE - 1, packets, values)


def cases(found: Iterable[Vote]) -> list[Case]:
    """Votes by subject; several of one detector are one, with its strongest values."""
    by_subject: dict[Subject, dict[str, list[Vote]]] = {}
    for vote in found:
        by_subject.setdefault(vote.subject, {}).setdefault(vote.detector, []).append(vote)
    return [
        Case(subject, tuple(_merged(by_detector[name]) for name in sorted(by_detector)))
        for subject, by_detector in sorted(by_subject.items())
    ]


def _merged(same: list[Vote]) -> Vote:
    strongest = max(same, key=lambda vote: (vote.packets, -vote.first))
    return Vote(
        strongest.detector,
        strongest.subject,
        min(vote.first for vote in same),
        max(vote.last for vote in same),
        strongest.packets,
        strongest.values,
    )

"""How often scores came true: isotonic regression, for display only.

A score stays what the evidence gives; beside it may be said how many of those with such a
score were judged hostile. Pool adjacent violators (Ayer et al., 1955).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

__all__ = ["Calibration", "isotonic"]


class Step(msgspec.Struct, frozen=True):
    """From ``score`` on, ``share`` of ``n`` were hostile."""

    score: float
    share: float
    n: int


class Calibration(msgspec.Struct, frozen=True):
    """Steps that never fall."""

    steps: tuple[Step, ...]

    def share(self, score: float) -> float | None:
        """The share at ``score``; None below all that was ever judged."""
        found = [step.share for step in self.steps if step.score <= score]
        return found[-1] if found else None


def isotonic(judged: Iterable[tuple[float, bool]]) -> Calibration:
    """The best steps that never fall, in squares, through (score, hostile)."""
    pools: list[list[float]] = []  # lowest score, hostile, n
    for score, hostile in sorted(judged):
        if pools and pools[-1][0] == score:
            pools[-1] = [score, pools[-1][1] + hostile, pools[-1][2] + 1]
        else:
            pools.append([score, float(hostile), 1])
    merged: list[list[float]] = []
    for pool in pools:
        merged.append(pool)
        while len(merged) > 1 and _share(merged[-2]) >= _share(merged[-1]):
            last = merged.pop()
            first = merged.pop()
            merged.append([first[0], first[1] + last[1], first[2] + last[2]])
    return Calibration(tuple(Step(p[0], round(_share(p), 6), int(p[2])) for p in merged))


def _share(pool: list[float]) -> float:
    return pool[1] / pool[2]

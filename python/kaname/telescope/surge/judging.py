"""How good a detector on port counts is, held against known campaigns.

A campaign is found when an alarm on its port comes within three days of its onset. Every
other alarm is false, one on the port of a campaign after those days included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.surge.grid import Grid

__all__ = ["Alarm", "Verdict", "changefinder_alarms", "credited", "cusum", "judge"]

DAY = 144  # bins
WITHIN = 3 * DAY
Alarm = tuple[int, int]  # bin and port

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the alarms are worth: ``delays`` in hours, None for a campaign not found."""

    delays: tuple[float | None, ...]
    false: int
    days: float
    alarms: int

    def found(self, hours: float) -> int:
        """Campaigns found within so many hours."""
        return sum(delay is not None and delay <= hours for delay in self.delays)

    @property
    def median(self) -> float:
        """Median delay of those that were found, in hours; -1 without any."""
        known = [delay for delay in self.delays if delay is not None]
        return round(float(np.median(known)), 2) if known else -1.0


def judge(truth: Mapping[str, Any], alarms: Sequence[Alarm]) -> Verdict:
    """The verdict on ``alarms`` for ``truth`` (in the form of the shared benchmark)."""
    delays: list[float | None] = []
    for campaign in truth["campaigns"]:
        own = [at for at, port in alarms if _of(campaign, (at, port))]
        delays.append((min(own) - int(campaign["onset_bin"])) / 6 if own else None)
    false = sum(not credited(truth, alarm) for alarm in alarms)
    return Verdict(tuple(delays), false, int(truth["bins"]) / DAY, len(alarms))


def credited(truth: Mapping[str, Any], alarm: Alarm) -> bool:
    """Whether an alarm is that of a campaign: on its port, in time."""
    return any(_of(campaign, alarm) for campaign in truth["campaigns"])


def _of(campaign: Mapping[str, Any], alarm: Alarm) -> bool:
    at, port = alarm
    onset = int(campaign["onset_bin"])
    return bool(port == campaign["port"] and onset <= at < onset + WITHIN)


def cusum(grid: Grid, k: float, h: float) -> list[Alarm]:
    """The reference's one-sided CUSUM per port, with the common mode removed.

    Mean and variance by exponential weights (1/288), slowed to a tenth while the sum is
    over h/2; a day to warm up; an alarm where the sum begins to exceed ``h``.
    """
    counts = grid.sources
    quiet = counts[:, np.median(counts, axis=0) < 2].mean(1)
    middle = [float(np.median(quiet[max(0, t - 72) : t + 1])) for t in range(len(quiet))]
    shared = np.maximum(0, quiet - np.array(middle))
    mean, var, total = (np.zeros(counts.shape[1]) for _ in range(3))
    over = np.zeros(counts.shape[1], np.bool_)
    alarms: list[Alarm] = []
    for now, row in enumerate(counts):
        value = row - shared[now]
        if now < DAY:
            step = value - mean
            mean = mean + step / (now + 1)
            var = var + (step * (value - mean) - var) / (now + 1)
            continue
        sd = np.sqrt(np.maximum(var, mean) + 0.15)
        total = np.maximum(0, total + np.minimum((value - mean) / sd, 6) - k)
        pace = np.where(total > h / 2, 0.1, 1.0) / 288
        rest = np.clip(value - mean, -3 * sd, 3 * sd)
        mean, var = mean + pace * rest, var + pace * (rest**2 - var)
        begun = np.flatnonzero((total > h) & ~over)
        alarms += [(now, int(grid.ports[series])) for series in begun]
        over = total > h
    return alarms


def changefinder_alarms(grid: Grid, series: Iterable[int]) -> list[Alarm]:
    """ChangeFinder with the published parameters on each of ``series``, rising edges."""
    from kaname.telescope.changefinder import alerts, scores

    alarms: list[Alarm] = []
    for number in series:
        over = alerts(scores(grid.sources[:, number]))
        begun = np.flatnonzero(over & ~np.concatenate([[False], over[:-1]]))
        alarms += [(int(at), int(grid.ports[number])) for at in begun]
    return sorted(alarms)

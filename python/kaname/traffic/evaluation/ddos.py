"""Attacks injected into ordinary traffic, and captures of real ones: which are told, when.

Each means of attack is injected into its own copy of a quiet hour that has six hours of
history, from the whole volume of the link down to a twentieth of it. An attack is right
if a finding of its target has its label and vector; late is how long after its first
packet the minute ends in which it is told. A week without attacks counts false alarms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.analysis.frame import Draft, Window
from kaname.model.instant import HOUR, MINUTE
from kaname.traffic.analyses.ddos import Ddos
from kaname.traffic.evaluation.bench import Scene, captured
from kaname.traffic.simulator.attacks import MEANS, Assault, Means, assault
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import Records, joined, table

__all__ = ["SCALES", "evaluate", "injected", "named", "quiet_week"]

SEED, START = 20_260_102, 1_767_225_600_000_000
SCALES = (1.0, 0.5, 0.2, 0.1, 0.05)
_HISTORY, _BEGIN, _LENGTH = 6.0, 725.0, 300.0  # hours; seconds into the hour; seconds
_TARGETS = ("10.0.0.80", "10.0.1.7", "10.0.3.0")


@dataclass(frozen=True, slots=True)
class Trial:
    """One injected attack and what was said of it."""

    means: Means
    scale: float
    found: bool
    right: bool
    late: float  # minutes; infinite where it was not found


def injected(scales: Sequence[float], params: Mapping[str, Any]) -> Iterator[Trial]:
    """All means at all scales, each in an hour of its own."""
    rng = np.random.default_rng(SEED)
    whole = background(rng, Link(), START, _HISTORY + 1)
    last = whole["us"] >= START + int(_HISTORY * HOUR)
    rate = float(whole["packets"][last].sum()) / 3600
    for number, means in enumerate(MEANS):
        target = _TARGETS[2 if means.wide > 1 else number % 2]
        for scale in scales:
            # as many octets as a share of the link carries
            mean = float(whole["octets"][last].sum() / whole["packets"][last].sum())
            packets = max(rate * scale, rate * scale * mean / means.size)
            plan = Assault(means, target, _HISTORY * 3600 + _BEGIN, _LENGTH, packets)
            yield _trial(joined([whole, assault(rng, plan, START)]), plan, scale, params)


def _trial(whole: Records, plan: Assault, scale: float, params: Mapping[str, Any]) -> Trial:
    window = Window(START + int(_HISTORY * HOUR), START + int((_HISTORY + 1) * HOUR))
    with Scene(flows=table(whole)) as scene:
        drafts = scene.drafts(Ddos(), window, params)
    network = plan.means.wide > 1
    target = f"{plan.target}/24" if network else plan.target
    told = [draft for draft in drafts if draft.values["target"] == target]
    right = [d for d in told if (d.label, d.values["vector"]) == _truth(plan.means)]
    begin = START + int(plan.begin * 1e6)
    late = min((_late(d, begin) for d in told), default=float("inf"))
    return Trial(plan.means, scale, bool(told), bool(right), late)


def _truth(means: Means) -> tuple[str, str]:
    return means.label, means.vector


def _late(draft: Draft, begin: int) -> float:
    """Minutes from the first packet to the end of the minute that was told first."""
    return (draft.first_seen + MINUTE - begin) / MINUTE


def quiet_week(params: Mapping[str, Any], days: int = 7) -> int:
    """Findings in ``days`` of ordinary traffic after a day of history."""
    rng = np.random.default_rng(SEED + 1)
    whole = background(rng, Link(rate=2.0), START, 24.0 * (days + 1))
    with Scene(flows=table(whole)) as scene:
        hours = range(24, 24 * (days + 1))
        windows = (Window(START + h * HOUR, START + (h + 1) * HOUR) for h in hours)
        return sum(len(scene.drafts(Ddos(), window, params)) for window in windows)


def named(paths: Sequence[Path], params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The vector of each capture of an attack; pieces of one, so thresholds are low."""
    for path in paths:
        flows: pa.Table = captured(path)
        first = pc.min(flows["ts"]).cast(pa.int64()).as_py()
        window = Window(first - first % HOUR, first - first % HOUR + 2 * HOUR)
        with Scene(flows=flows) as scene:
            lowered = {"threshold_pps": 5.0, "threshold_mbps": 0.1, **params}
            drafts = scene.drafts(Ddos(), window, lowered)
        heaviest = max(drafts, key=lambda d: int(d.values["octets"]), default=None)
        yield path.name, str(heaviest.values["vector"]) if heaviest else "–"


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Vectors, delays and false alarms; ``paths`` are captures of attacks to name."""
    trials = list(injected(SCALES, params))
    right = sum(trial.right for trial in trials) / len(trials)
    late = sorted(trial.late for trial in trials)
    rows = [
        (
            scale,
            sum(t.found for t in trials if t.scale == scale),
            sum(t.right for t in trials if t.scale == scale),
            round(max(t.late for t in trials if t.scale == scale), 2),
        )
        for scale in SCALES
    ]
    header = ("share of the link", "found", "vector right", "latest, minutes")
    tables = [Scores(f"{len(MEANS)} means of attack a row", header, tuple(rows))]
    if paths:
        told = tuple(named(paths, params))
        tables.append(Scores("captures", ("file", "vector"), told))
    return Evaluation(
        analysis="flow.ddos",
        measures={
            "vector_right": round(right, 4),
            "latest_minutes": round(late[-1], 2),
            "false_alarms_a_week": quiet_week(params),
        },
        tables=tuple(tables),
        notes=(
            "a simulated link with six hours of history; attacks of five minutes",
            "the week has a resolver, clocks, pings, scans from outside, and rushes of visitors",
        ),
    )

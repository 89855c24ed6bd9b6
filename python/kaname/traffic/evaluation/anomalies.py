"""Attacks of all means injected into ordinary hours: which are noticed, by how many votes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.analysis.frame import Draft, Window
from kaname.model.instant import DAY, HOUR
from kaname.traffic.analyses.anomalies import Anomalies
from kaname.traffic.evaluation.bench import Scene
from kaname.traffic.simulator.attacks import MEANS, Assault, assault
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import Records, joined, table

__all__ = ["evaluate"]

SEED, START = 20_260_104, 1_767_225_600_000_000
SCALES = (1.0, 0.2)
_BEFORE = 4  # days with the same hour
_HOUR = 12  # of the day, when there is traffic


def _days(rng: np.random.Generator) -> list[Records]:
    link = Link(rate=4.0, weight=1)
    return [background(rng, link, _start(day), 1) for day in range(_BEFORE + 1)]


def _start(day: int) -> int:
    return START + day * DAY + _HOUR * HOUR


def _told(whole: Sequence[Records], params: Mapping[str, Any]) -> list[Draft]:
    window = Window(_start(_BEFORE), _start(_BEFORE) + HOUR)
    with Scene(flows=table(joined(whole))) as scene:
        return scene.drafts(Anomalies(), window, {**params, "votes": 1})


def _rows(days: list[Records], params: Mapping[str, Any]) -> Iterator[tuple[float, int, int, int]]:
    rng = np.random.default_rng(SEED + 1)
    rate = float(days[-1]["packets"].sum()) / 3600
    single = [means for means in MEANS if means.wide == 1]
    for scale in SCALES:
        votes = []
        for means in single:
            plan = Assault(means, "10.0.0.80", 1500.0, 300.0, rate * scale)
            drafts = _told([*days, assault(rng, plan, _start(_BEFORE))], params)
            own = [d.values["votes"] for d in drafts if d.values["subject"] == plan.target]
            votes.append(max(own, default=0))
        yield scale, len(single), sum(v >= 1 for v in votes), sum(v >= 2 for v in votes)


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Attacks noticed by one vote and by two; ``paths`` are not used: hours are simulated."""
    del paths
    days = _days(np.random.default_rng(SEED))
    quiet = _told(days, params)
    rows = tuple(_rows(days, params))
    header = ("share of the link", "attacks", "one vote", "two votes")
    return Evaluation(
        analysis="flow.anomalies",
        measures={
            "noticed_at_full_scale": round(rows[0][2] / rows[0][1], 4),
            "quiet_hour_notices": len(quiet),
            "quiet_hour_findings": sum(draft.values["votes"] >= 2 for draft in quiet),
        },
        tables=(Scores("attacks of five minutes on the site's server", header, rows),),
        notes=("one simulated hour at noon, with the same hour of four days before it",),
    )

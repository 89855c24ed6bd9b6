"""Whether the story of a made day is told, link by link, and of nobody else.

``kaname analyses evaluate stories.intrusion``: days of `kaname.traffic.scenario` are written
as the files that sensors leave, read by the readers, and asked for stories. There is no
labelled recording of a whole intrusion across mail, proxy, endpoints, DNS and flows to be
had, so files given as arguments are not used. ``days`` sets how many days, at most three.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.analysis.frame import Draft
from kaname.traffic import scenario
from kaname.traffic.analyses.intrusion import Stories
from kaname.traffic.names.trial import drafts, recorded

__all__ = ["evaluate"]

_START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
_SEEDS = (1, 2, 3)
_STEPS = ("mail", "visit_exact", "program", "beacon", "burst")


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Tell the stories of made days."""
    del paths
    given = dict(params)
    seeds = _SEEDS[: int(given.pop("days", len(_SEEDS)))]
    rows = [(seed, *_day(seed, given)) for seed in seeds]
    return Evaluation(
        analysis=Stories.name,
        measures={
            "days": len(rows),
            "intrusions_found": sum(row[1] for row in rows),
            "links_told": round(sum(row[2] for row in rows) / len(rows) / len(_STEPS), 4),
            "false_stories": sum(row[3] for row in rows),
            "amplifiers_found": sum(row[4] for row in rows),
            "route_changes_found": sum(row[5] for row in rows),
        },
        tables=(
            Scores(
                "days",
                ("seed", "intrusion", "links", "false", "amplifier", "route change"),
                tuple(rows),
            ),
        ),
        notes=(f"Links that the day has: {', '.join(_STEPS)}.",),
    )


def _day(seed: int, params: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    with tempfile.TemporaryDirectory() as folder:
        day = Path(folder) / "day"
        truth = scenario.write(day, seed=seed, start=_START).truth
        with recorded(sorted(day.iterdir())) as lake:
            found = list(drafts(lake, Stories(), params))
    about = [d for d in found if d.subject[0] == truth["intrusion"]]
    links = max((len(_links(d).intersection(_STEPS)) for d in about), default=0)
    stories = [d for d in found if d.label == "intrusion"]
    return (
        bool(about),
        links,
        len(stories) - len(about),
        any(d.subject[0] == truth["amplifier"] for d in found),
        any(d.label == "route_change" for d in found),
    )


def _links(draft: Draft) -> set[str]:
    return {key.partition("story_")[2] for key, _ in draft.reasons}

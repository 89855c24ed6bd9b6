"""`kaname hardware power evaluate`: how good segmentation and scores are on labelled traces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.hardware.power.evaluating import Result

__all__ = ["evaluate_"]

_KINDS = ("energy", "duration", "shape", "overall")
_HEADS = ("power_trace", "power_bursts", "power_f1", "power_auc_energy", "power_auc_duration",
          "power_auc_shape", "power_auc", "power_false", "power_stretches")  # fmt: skip


@command("hardware power evaluate")
@click.argument("folder", metavar="FOLDER",
                type=click.Path(path_type=Path, exists=True, file_okay=False))  # fmt: skip
@option("--profile", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
        key="power_profile")  # fmt: skip
@option("--fail-under", type=click.FloatRange(0, 1), metavar="AUC", key="power_fail_under")
def evaluate_(
    session: Session, folder: Path, *, profile: Path | None, fail_under: float | None
) -> int:
    """Hold segments and scores of the traces in FOLDER against their labels."""
    from kaname.hardware.power.evaluating import evaluate, labelled, pooled
    from kaname.hardware.power.profile import Profile

    judge = Profile.load(profile) if profile else None
    pairs = labelled(folder)
    found: list[Result] = []
    scored = []
    with progress_bar("cli.progress.power") as show:
        for at, (trace, labels) in enumerate(pairs):
            show(trace.name, at, len(pairs))
            result, scores = evaluate(trace, labels, profile=judge)
            found.append(result)
            scored.append(scores)
    areas = pooled(scored)
    if session.as_json:
        put_json({"traces": msgspec.to_builtins(found), "pooled": _summary(found, areas)})
    else:
        _put(found, areas)
    overall = areas["overall"]
    return int(fail_under is not None and (overall is None or overall < fail_under))


def _summary(found: list[Result], areas: dict[str, float | None]) -> dict[str, Any]:
    hours = sum(one.hours for one in found)
    return {
        "f1": 2 * sum(one.right for one in found) / sum(one.events + one.cut for one in found),
        "f1_least": min(one.f1 for one in found),
        "auc": areas,
        "hours": hours,
        "false_alarms_per_hour": sum(o.false_alarms_per_hour * o.hours for o in found) / hours,
    }


def _put(found: list[Result], areas: dict[str, float | None]) -> None:
    put_table(
        tuple(say(f"cli.head.{head}") for head in _HEADS),
        (
            (
                one.trace,
                one.events,
                f"{one.f1:.4f}",
                *(_area(one.auc.get(kind)) for kind in _KINDS),
                f"{one.false_alarms_per_hour:.1f}",
                f"{one.periods_found}/{one.periods}",
            )
            for one in found
        ),
        empty="",
    )
    said = ", ".join(f"{kind} {_area(areas.get(kind))}" for kind in _KINDS)
    note(say("cli.power.evaluated", f1=f"{_summary(found, areas)['f1']:.4f}", auc=said))


def _area(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"

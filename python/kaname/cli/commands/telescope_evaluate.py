"""`kaname telescope evaluate`: how good the telescope is on a labelled set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.commands.analyses import put_evaluation
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.errors import KanameError, StoreAccessError, UsageError

if TYPE_CHECKING:
    from kaname.analysis.evaluation import Evaluation

__all__ = ["evaluate_"]

# What a truth is about -> the analyses whose evaluation reads it.
_EVALUATED_BY = {
    "port_counts": ("telescope.campaigns",),
    "changes": ("telescope.changefinder",),
    "sources": (
        "telescope.sources",
        "telescope.dos",
        "telescope.campaigns",
        "telescope.organisations",
    ),
}
_ON_REQUEST = {"telescope.organisations"}  # plays the capture back minute by minute
_PARTIAL = 3
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command("telescope evaluate")
@click.argument("truth", type=_FILE)
@click.argument("capture", required=False, metavar="[CAPTURE]", type=_FILE)
@option("--analysis", "chosen", multiple=True, metavar="NAME", key="evaluated")
@option("--survey-list", type=_FILE, key="survey_list")
@option("--calibration", type=_FILE, key="calibration")
@option("--calibrate", type=click.Path(path_type=Path, dir_okay=False), key="calibrate")
def evaluate_(
    session: Session,
    truth: Path,
    capture: Path | None,
    *,
    chosen: tuple[str, ...],
    survey_list: Path | None,
    calibration: Path | None,
    calibrate: Path | None,
) -> int:
    """Hold what the telescope says against the labelled set TRUTH."""
    from kaname.telescope.evaluation.truths import subject

    about = subject(truth)
    if about != "sources" and calibrate is not None:
        raise UsageError("telescope.error.calibrate", path=truth)
    known = _EVALUATED_BY[about]
    if unknown := set(chosen) - set(known):
        name = ", ".join(sorted(unknown))
        raise UsageError("telescope.error.evaluated", name=name, known=", ".join(known))
    params = {"survey_list": survey_list or "", "calibration": calibration or ""}
    found, failed = [], 0
    for name in chosen or [one for one in known if one not in _ON_REQUEST]:
        try:
            found.append(_one(name, truth, capture, params, calibrate))
            if not session.as_json:
                click.echo(name)
                put_evaluation(session, found[-1])
                click.echo()
        except KanameError as error:
            if name in (*chosen, known[0]):
                raise
            failed += 1
            note(f"{name}: {error.render(session.language)}")
    if session.as_json:
        put_json({"evaluations": [msgspec.to_builtins(one) for one in found]})
        return _PARTIAL if failed else 0
    return _PARTIAL if failed else 0


def _one(
    name: str,
    truth: Path,
    capture: Path | None,
    params: dict[str, Any],
    calibrate: Path | None,
) -> Evaluation:
    if name == "telescope.sources":
        return _sources(truth, capture, params, calibrate)
    from kaname.analysis.evaluation import evaluation

    return evaluation(name)([truth, *([capture] if capture else [])], {})


def _sources(
    truth: Path, capture: Path | None, params: dict[str, Any], calibrate: Path | None
) -> Evaluation:
    from kaname.telescope.calibration import load
    from kaname.telescope.evaluation.sources import assess, calibrated, measured
    from kaname.telescope.evaluation.truths import read
    from kaname.telescope.survey import SurveyList

    survey = SurveyList.load(str(params["survey_list"]))
    found = assess(read(truth, capture), survey, load(str(params["calibration"])))
    if calibrate is not None:
        table = calibrated([found])
        try:
            calibrate.write_bytes(msgspec.json.format(msgspec.json.encode(table), indent=1))
        except OSError as error:
            raise StoreAccessError("telescope.error.write", path=calibrate, reason=error) from None
        note(say("cli.telescope.calibrated", path=calibrate, n=table.provenance["activities"]))
    return measured(found)

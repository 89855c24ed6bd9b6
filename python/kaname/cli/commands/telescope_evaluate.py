"""`kaname telescope evaluate`: how good the telescope is on a labelled set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.commands.analyses import put_evaluation
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note
from kaname.cli.speech import say
from kaname.model.errors import StoreAccessError, UsageError

if TYPE_CHECKING:
    from kaname.analysis.evaluation import Evaluation

__all__ = ["evaluate_"]

# What a truth is about -> the analysis whose evaluation reads it.
_EVALUATED_BY = {"port_counts": "telescope.campaigns", "changes": "telescope.changefinder"}
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command("telescope evaluate")
@click.argument("truth", type=_FILE)
@click.argument("capture", required=False, metavar="[CAPTURE]", type=_FILE)
@option("--survey-list", type=_FILE, key="survey_list")
@option("--calibration", type=_FILE, key="calibration")
@option("--calibrate", type=click.Path(path_type=Path, dir_okay=False), key="calibrate")
def evaluate_(
    session: Session,
    truth: Path,
    capture: Path | None,
    *,
    survey_list: Path | None,
    calibration: Path | None,
    calibrate: Path | None,
) -> None:
    """Hold what the telescope says against the labelled set TRUTH."""
    from kaname.analysis.evaluation import evaluation
    from kaname.telescope.evaluation.truths import subject

    params = {"survey_list": survey_list or "", "calibration": calibration or ""}
    about = subject(truth)
    if about != "sources":
        if calibrate is not None:
            raise UsageError("telescope.error.calibrate", path=truth)
        name = _EVALUATED_BY[about]
        put_evaluation(session, evaluation(name)([truth, *([capture] if capture else [])], {}))
        return
    put_evaluation(session, _sources(truth, capture, params, calibrate))


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

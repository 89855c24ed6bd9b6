"""How well Trojans are found in designs that were not learnt from.

Two protocols, always both: *leave the host out* (no design of the same circuit is learnt
from, which is what a new design meets) and *leave the netlist out* (other Trojans in the
same circuit are, which is what most papers report). The second flatters; the first is the
one to believe. Netlists are left out some at a time, the designs of one host in different
folds, since a model for each single netlist would take hours and say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.hardware.netlist.judging import FALSE_ALARMS, GOAL, judged
from kaname.hardware.netlist.measuring import Row, measured, row, summary
from kaname.hardware.netlist.model import Model
from kaname.hardware.netlist.selecting import kept, selected
from kaname.hardware.netlist.stages import Effort, by_host, by_netlist, held_out
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from kaname.hardware.netlist.examples import Example

__all__ = ["of_model", "protocols"]

Progress = Callable[[str], object]
_NETLIST_FOLDS = 8
_SHOWN = ("ap", "auc", "f1", "tpr_85", "tpr_95", "tpr_99")
_ABOUT = (
    "Figures are means over Trojaned designs; a verdict's accuracy is over all designs.",
    "F1 is at the line of goal 'f1', which was chosen without the design.",
)


def protocols(
    examples: Sequence[Example],
    effort: Effort = Effort(),  # noqa: B008
    progress: Progress = lambda _: None,
) -> Evaluation:
    """Train and measure under both protocols.

    Raises:
        UsageError: there are fewer than two hosts.
    """
    if len({one.host for one in examples}) < 2:
        raise UsageError("hardware.error.few_hosts")
    progress("features")
    examples = list(kept(examples, _features(examples, effort)))
    measures: dict[str, float | int | str] = {}
    tables = []
    for name, folds in (
        ("host_out", by_host(examples, effort.folds)),
        ("netlist_out", by_netlist(examples, _NETLIST_FOLDS)),
    ):
        progress(name)
        scores, _ = held_out(examples, folds, effort, progress)
        rows = [one for one in measured(examples, scores, folds) if _counts(one, examples)]
        measures |= {f"{name}_{key}": value for key, value in summary(rows).items()}
        tables += [_by_group(name, rows), _by_design(name, rows)]
    return Evaluation(
        analysis="hardware.trojans",
        measures=measures,
        tables=tuple(tables),
        notes=(*_ABOUT, "Both protocols are shown, since the second alone would flatter."),
    )


def _features(examples: Sequence[Example], effort: Effort) -> Sequence[str]:
    """The features of the shipped model, which no given design has chosen, if it fits."""
    wanted = Model.load().head.features
    if set(wanted) <= set(examples[0].features):
        return wanted
    return selected(examples, effort)


def of_model(model: Model, examples: Sequence[Example]) -> Evaluation:
    """Measure a trained model; designs of hosts that it learnt are told apart."""
    known = set(model.head.card.hosts)
    rows = []
    for one in examples:
        score = model.scored_example(one)
        found = judged(score, one.graph, model.head.decision, GOAL, FALSE_ALARMS)
        rows.append(row(one, score, found))
    measures: dict[str, float | int | str] = {}
    tables = []
    unseen = [one for one in rows if one.host not in known]
    for name, some in (("unseen_hosts", unseen), ("all", rows)):
        measures |= {f"{name}_{key}": value for key, value in summary(some).items()}
        tables.append(_by_group(name, some))
    tables.append(_by_design("all", rows))
    notes = [*_ABOUT]
    if len(unseen) < len(rows):
        notes.append("Hosts that the model has learnt are in 'all': only 'unseen_hosts' counts.")
    return Evaluation(
        analysis="hardware.trojans",
        measures={"model": model.head.name, **measures},
        tables=tuple(tables),
        notes=tuple(notes),
    )


def _counts(one: Row, examples: Sequence[Example]) -> bool:
    """Whether a row is of the data that was given, if any was."""
    given = {each.name for each in examples if each.origin == "given"}
    return not given or one.name in given


def _by_group(name: str, rows: Sequence[Row]) -> Scores:
    groups = sorted({one.group for one in rows})
    lines = []
    for group in [*groups, "all"]:
        told = summary([one for one in rows if group in {one.group, "all"}])
        lines.append(
            (
                group,
                int(told["designs"]),
                int(told["clean_designs"]),
                *(told.get(key, "-") for key in _SHOWN),
                told["verdict_accuracy"],
                told.get("clean_flagged_percent", "-"),
            )
        )
    header = ("set", "designs", "clean", *_SHOWN, "verdict", "clean flagged %")
    return Scores(f"{name}: by set", header, tuple(lines))


def _by_design(name: str, rows: Sequence[Row]) -> Scores:
    header = ("design", "cells", "trojan", "flagged", "right", "verdict", *_SHOWN)
    lines = [
        (
            one.name,
            one.cells,
            one.trojan_cells,
            one.flagged,
            one.right,
            round(one.verdict, 3),
            *((round(getattr(one, key), 3) for key in _SHOWN) if one.trojan_cells else "------"),
        )
        for one in rows
    ]
    return Scores(f"{name}: by design", header, tuple(lines))

"""Figures of held-out scores, design by design; decisions are made without the design's fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname.hardware.netlist.deciding import decide
from kaname.hardware.netlist.judging import FALSE_ALARMS, GOAL, Judged, judged
from kaname.hardware.netlist.metrics import average_precision, f_score, roc_area, sensitivity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.examples import Example

__all__ = ["Row", "measured", "row", "summary"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one design came to; figures of the Trojan's cells are of Trojaned designs only."""

    name: str
    group: str
    host: str
    cells: int
    trojan_cells: int
    flagged: int
    right: int
    verdict: float  # probability of the design
    alarm: bool
    ap: float = 0.0
    auc: float = 0.0
    f1: float = 0.0
    tpr: float = 0.0
    tnr: float = 0.0
    tpr_85: float = 0.0
    tpr_95: float = 0.0
    tpr_99: float = 0.0


def measured(
    examples: Sequence[Example], scores: Sequence[Any], folds: NDArray[np.int64]
) -> list[Row]:
    """A row for each design but copies; its decision comes from the other folds' scores."""
    rows = []
    for fold in np.unique(folds).tolist():
        others = np.flatnonzero(folds != fold).tolist()
        decision = decide([examples[at] for at in others], [scores[at] for at in others])
        for at in np.flatnonzero(folds == fold).tolist():
            one = examples[at]
            if one.origin != "rewritten":
                found = judged(scores[at], one.graph, decision, GOAL, FALSE_ALARMS)
                rows.append(row(one, scores[at], found))
    return sorted(rows, key=lambda each: (each.group, each.name))


def row(one: Example, score: NDArray[np.float32], found: Judged) -> Row:
    """The figures of one design from the scores of its cells and the verdict on them."""
    said = np.zeros(len(one.truth), np.bool_)
    said[found.flagged] = True
    right = int((said & one.truth).sum())
    told = Row(
        name=one.name,
        group=one.group,
        host=one.host,
        cells=len(one.truth),
        trojan_cells=int(one.truth.sum()),
        flagged=int(said.sum()),
        right=right,
        verdict=found.design_probability,
        alarm=found.suspicious,
    )
    if not one.trojan:
        return told
    return msgspec.structs.replace(
        told,
        ap=average_precision(one.truth, score),
        auc=roc_area(one.truth, score),
        f1=f_score(one.truth, said),
        tpr=right / int(one.truth.sum()),
        tnr=1 - int((said & ~one.truth).sum()) / max(1, int((~one.truth).sum())),
        tpr_85=sensitivity(one.truth, score, 0.85),
        tpr_95=sensitivity(one.truth, score, 0.95),
        tpr_99=sensitivity(one.truth, score, 0.99),
    )


def summary(rows: Sequence[Row]) -> dict[str, float]:
    """Means over Trojaned designs, and what is said of designs as a whole."""
    trojaned = [one for one in rows if one.trojan_cells]
    clean = [one for one in rows if not one.trojan_cells]
    found: dict[str, float] = {"designs": len(rows), "clean_designs": len(clean)}
    for name in ("ap", "auc", "f1", "tpr", "tnr", "tpr_85", "tpr_95", "tpr_99"):
        if trojaned:
            found[name] = round(float(np.mean([getattr(one, name) for one in trojaned])), 4)
    right = [one.alarm == bool(one.trojan_cells) for one in rows]
    found["verdict_accuracy"] = round(float(np.mean(right or [False])), 4)
    if trojaned and clean:
        truth = np.array([bool(one.trojan_cells) for one in rows])
        sure = np.array([one.verdict for one in rows], np.float32)
        found["verdict_auc"] = round(roc_area(truth, sure), 4)
    if clean:
        cells = sum(one.cells for one in clean)
        found["false_alarms"] = round(float(np.mean([one.alarm for one in clean])), 4)
        found["clean_flagged_percent"] = round(100 * sum(o.flagged for o in clean) / cells, 4)
    return found

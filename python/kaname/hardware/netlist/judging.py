"""The verdict on a design: how likely each cell is a Trojan's, and how likely it holds one.

A verdict is made in steps that are the same in training and in use: scores of cells, a
probability for each, components of what is suspicious, what these say of the design, and
where the line is drawn. In a design that looks as clean designs do the line is higher: a
lone cell above the ordinary line is then an accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname.hardware.netlist.calibration import Curve, DesignVerdict
from kaname.hardware.netlist.components import Component, components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.graph import Graph

__all__ = [
    "FALSE_ALARMS",
    "GOAL",
    "GOALS",
    "Decision",
    "Judged",
    "Lines",
    "design_features",
    "judged",
    "surest",
]

GOALS = ("f1", "tnr_99", "tnr_95", "tpr_95", "clean")
GOAL = "f1"
FALSE_ALARMS = 0.1  # of clean designs, that are said to hold a Trojan
_CANDIDATE = 0.2  # a probability from which on a cell counts for components of the verdict
_TOP = (1, 5, 20)
_SUREST = 5


class Lines(msgspec.Struct, frozen=True):
    """From which probability on a cell is flagged, in suspicious designs and in others.

    And from which share of what the surest cells of the design have: where a few cells stand
    out, those that stand out less are their neighbours more often than their accomplices.
    """

    suspicious: float
    other: float
    share: float = 0.0

    def threshold(self, probability: NDArray[np.float32], *, suspicious: bool) -> float:
        """The line in one design."""
        line = self.suspicious if suspicious else self.other
        return max(line, self.share * surest(probability))


def surest(probability: NDArray[np.float32]) -> float:
    """The mean probability of the five surest cells."""
    count = min(_SUREST, len(probability))
    if not count:
        return 0.0
    return float(np.partition(probability, len(probability) - count)[-count:].mean())


class Decision(msgspec.Struct, frozen=True):
    """All that turns scores into a verdict; fitted on held-out scores."""

    curve: Curve
    design: DesignVerdict
    lines: dict[str, Lines]  # by goal


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of a design; arrays are by cell.

    ``as_clean`` is the share of clean designs that look as bad: small for a Trojan.
    ``flagged`` are cells at or above ``threshold``, the most suspicious first.
    """

    probability: NDArray[np.float32]
    threshold: float
    flagged: NDArray[np.int32]
    components: list[Component]
    design_probability: float
    design_threshold: float
    as_clean: float

    @property
    def suspicious(self) -> bool:
        """Whether the design is said to hold a Trojan."""
        return self.design_probability >= self.design_threshold


def judged(
    score: NDArray[np.float32], graph: Graph, decision: Decision, goal: str, false_alarms: float
) -> Judged:
    """The verdict on a design with these scores of cells."""
    probability = decision.curve(score)
    # Where there is no cell there is no Trojan, whatever weights say of noughts.
    rows = design_features(probability, graph)
    sure = decision.design.probability(rows) if len(probability) else 0.0
    limit = decision.design.threshold(false_alarms)
    threshold = decision.lines[goal].threshold(probability, suspicious=sure >= limit)
    flagged = np.flatnonzero(probability >= threshold).astype(np.int32)
    flagged = flagged[np.argsort(-probability[flagged], kind="stable")]
    return Judged(
        probability,
        threshold,
        flagged,
        components(flagged, probability, graph),
        sure,
        limit,
        decision.design.as_clean(sure),
    )


def design_features(
    probability: NDArray[np.float32], graph: Graph, only: NDArray[np.int32] | None = None
) -> list[float]:
    """What the verdict on a design rests on: its best cells, its best component, its size.

    With ``only``, as it would be if all other cells were beyond suspicion.
    """
    cells = len(probability)
    if not cells:
        return [0.0] * (len(_TOP) + 5)
    asked = np.arange(cells, dtype=np.int32) if only is None else np.sort(only)
    own = probability if only is None else probability[asked]
    best = np.zeros(min(max(_TOP), cells))
    some = min(len(best), len(own))
    best[:some] = np.sort(np.partition(own, len(own) - some)[len(own) - some :])[::-1]
    tops = [_logit(best[: min(count, cells)].mean()) for count in _TOP]
    candidates = asked[own >= _CANDIDATE]
    found = components(candidates, probability, graph)
    first = found[0] if found else None
    return [
        *tops,
        np.log1p(first.weight) if first else 0.0,
        first.mean if first else 0.0,
        first.weight / max(1e-9, sum(one.weight for one in found)) if first else 0.0,
        _logit(np.clip((len(candidates) + 1) / (cells + 2), 1e-4, 1 - 1e-4)),
        float(np.log(cells)),
    ]


def _logit(share: Any) -> float:
    share = float(np.clip(share, 1e-4, 1 - 1e-4))
    return float(np.log(share / (1 - share)))

"""Why a cell is suspicious: which features speak for it, and what is around it.

What a feature adds is read from the paths that the cell takes through the trees: each
split moves the odds of a Trojan cell, and the moves add up to the score (Saabas 2014). A
feature and its rank within the design are one reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from kaname.hardware.netlist.circuits import Circuit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.model import Model
    from kaname.hardware.netlist.values import Values
    from kaname.hardware.netlist.verdicts import Verdict

__all__ = ["Explanation", "Reason", "explanations"]

_REASONS = 5
_SURROUNDINGS = "surroundings"
_RANK = "_rank"


class Reason(msgspec.Struct, frozen=True):
    """A feature that speaks for (positive ``weight``) or against a cell.

    ``inside`` is the percentile of the value within its own design, ``clean`` among cells
    of a Trojan's hosts that are not the Trojan's; none for what the neighbours' scores say
    (feature ``surroundings``, its value their highest score).
    """

    feature: str
    value: float
    inside: float | None
    clean: float | None
    weight: float


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of a verdict: what it is, why it is suspicious, and what is around it."""

    place: int
    instance: str
    net: str
    cell: str
    family: str
    probability: float
    flagged: bool
    region: int  # number of its component, from 1; 0 in none
    role: str
    reasons: list[Reason]
    circuit: Circuit


def explanations(
    model: Model, netlist: Netlist, verdict: Verdict, cells: Sequence[int]
) -> list[Explanation]:
    """Explanations of ``cells``, in their order."""
    rows = [verdict.row(cell) for cell in cells]
    weights = np.array([_weights(model, verdict, row) for row in rows])
    weights = weights.reshape(len(cells), len(model.head.features) + 1)
    groups = _groups(model.head.features)
    chosen = [_strongest(one, groups) for one in weights]
    inside = _inside(verdict.values, rows, chosen)
    told = verdict.told(netlist, cells)
    found = []
    for at, cell in enumerate(cells):
        reasons = [
            _reason(model, verdict, rows[at], column, inside.get((rows[at], column)), weight)
            for column, weight in chosen[at]
        ]
        about = told[at]
        found.append(
            Explanation(
                place=cell,
                instance=about.instance,
                net=about.net,
                cell=about.cell,
                family=about.family,
                probability=round(float(verdict.probability[cell]), 4),
                flagged=bool(verdict.probability[cell] >= verdict.threshold),
                region=verdict.region_of(cell),
                role=verdict.role_of(netlist, cell),
                reasons=reasons,
                circuit=verdict.circuit(netlist, cell),
            )
        )
    return found


def _weights(model: Model, verdict: Verdict, cell: int) -> NDArray[np.float64]:
    """What each feature adds, and last what all of the surroundings add.

    The second stage decides; but much of what it says is what the first said of the cell, so
    that the mean of both is told.
    """
    own = verdict.values[cell]
    first = model.first.contributions(own)
    second = model.second.contributions(np.concatenate((own, verdict.around[cell])))
    width = len(own)
    return np.append((first + second[:width]) / 2, second[width:].sum() / 2)


def _groups(features: Sequence[str]) -> list[list[int]]:
    """Columns that say the same of a cell: a feature and its rank in the design."""
    groups: dict[str, list[int]] = {}
    for column, name in enumerate(features):
        groups.setdefault(name.removesuffix(_RANK), []).append(column)
    return [*groups.values(), [len(features)]]


def _strongest(
    weights: NDArray[np.float64], groups: Sequence[Sequence[int]]
) -> list[tuple[int, float]]:
    """The groups that add most, each by its first column and with what it adds in all."""
    added = [(columns[0], float(weights[list(columns)].sum())) for columns in groups]
    added.sort(key=lambda each: (-each[1], each[0]))
    return [each for each in added[:_REASONS] if each[1] > 0]


def _inside(
    values: Values, cells: Sequence[int], chosen: Sequence[list[tuple[int, float]]]
) -> dict[tuple[int, int], float]:
    """Percentiles within the design. Few are asked for, so cells are counted, not sorted."""
    width = values.shape[1]
    found: dict[tuple[int, int], float] = {}
    for cell, reasons in zip(cells, chosen, strict=True):
        for place, _ in reasons:
            if place < width:
                column = values[:, place]
                own = column[cell]
                count = np.count_nonzero(column < own) + np.count_nonzero(column <= own)
                found[cell, place] = round(50 * float(count) / len(values), 2)
    return found


def _reason(
    model: Model, verdict: Verdict, cell: int, column: int, inside: float | None, weight: float
) -> Reason:
    if column == len(model.head.features):
        highest = float(verdict.around[cell, model.head.second.index("around_highest")])
        return Reason(_SURROUNDINGS, round(highest, 4), None, None, round(weight, 4))
    value, clean = float(verdict.values[cell, column]), model.clean[column]
    place = np.searchsorted(clean, value, "left") + np.searchsorted(clean, value, "right")
    return Reason(
        model.head.features[column],
        round(value, 4),
        inside,
        round(50 * float(place) / len(clean), 2),
        round(weight, 4),
    )

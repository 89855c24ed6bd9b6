"""What an attack costs a detector: how many Trojan cells it still finds, by gates added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname.hardware.netlist.adversarial.concealment import (
    LINE,
    concealment_degree,
    score_of,
)
from kaname.hardware.netlist.adversarial.proving import VECTORS, Proof
from kaname.hardware.netlist.adversarial.rewriting import (
    EVALUATIONS,
    Rewritten,
    marked,
    stages,
)
from kaname.hardware.netlist.metrics import average_precision, f_score, sensitivity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.adversarial.concealment import Score
    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.model import Model

__all__ = [
    "BUDGETS",
    "Attacked",
    "Level",
    "Robustness",
    "Target",
    "attacked",
    "budgets",
    "robustness",
]

BUDGETS = (10, 25, 50, 100)
_PLAIN = "model"

Progress = Callable[[str, int, int], object]


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """What a detector says of one design after an attack with a budget; 0 is before it.

    ``tpr`` is over all cells of the Trojan, those that the attack added among them; ``met``
    over the Trojan's first cells, of which one is met where any cell that became of it is
    flagged. ``tcd`` is the concealment degree, ``added`` (MEV) the gates added.
    """

    budget: int
    added: int
    cells: int
    tpr: float
    met: float
    ap: float
    f1: float
    tpr_99: float
    tcd: float
    rules: dict[str, int] = {}
    proof: Proof | None = None


class Attacked(msgspec.Struct, frozen=True, kw_only=True):
    """One design under attack."""

    name: str
    cells: int
    trojan_cells: int
    levels: tuple[Level, ...]


class Robustness(msgspec.Struct, frozen=True, kw_only=True):
    """Models under attack; ``models`` has the designs of each, in the same order.

    ``guided`` is whether the attack asked the detector; each model is attacked by its own
    scores then.
    """

    budgets: tuple[int, ...]
    seed: int
    evaluations: int
    guided: bool
    models: dict[str, tuple[Attacked, ...]]

    def curve(self, model: str, measure: str) -> tuple[float, ...]:
        """The mean of a measure over the designs, before the attack and at each budget."""
        designs = self.models[model]
        if not designs:
            return ()
        count = len(designs[0].levels)
        return tuple(
            float(np.mean([getattr(one.levels[at], measure) for one in designs]))
            for at in range(count)
        )

    def lost(self, model: str, measure: str = "tpr") -> float:
        """Points of a measure that the largest budget costs; below 0 where it rises."""
        curve = self.curve(model, measure)
        return 100 * (curve[0] - curve[-1]) if curve else 0.0

    def as_json(self) -> dict[str, Any]:
        """All of it, with the means."""
        means = {
            model: {
                measure: [round(value, 4) for value in self.curve(model, measure)]
                for measure in ("tpr", "met", "ap", "f1", "tpr_99", "tcd", "added")
            }
            for model in self.models
        }
        lost = {model: round(self.lost(model), 2) for model in self.models}
        return {
            "budgets": [0, *self.budgets],
            "seed": self.seed,
            "evaluations": self.evaluations,
            "guided": self.guided,
            "mean": means,
            "tpr_points_lost": lost,
            "designs": {
                model: [msgspec.to_builtins(one) for one in designs]
                for model, designs in self.models.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Target:
    """A labelled design to attack."""

    name: str
    netlist: Netlist
    trojan: NDArray[np.bool_]

    @classmethod
    def of(cls, name: str, netlist: Netlist, trojan: Any) -> Target:
        """One whose Trojan is given by names of instances or by flags."""
        return cls(name, netlist, marked(netlist, trojan))


def budgets(most: int) -> tuple[int, ...]:
    """The budgets of a curve that ends at ``most``."""
    return (*(one for one in BUDGETS if one < most), most)


def robustness(
    models: Mapping[str, Model] | Model,
    data: Iterable[Target],
    budget: int = BUDGETS[-1],
    *,
    seed: int = 0,
    guided: bool = True,
    evaluations: int = EVALUATIONS,
    progress: Progress = lambda _name, _done, _total: None,
) -> Robustness:
    """Attack every design before each of the models, e.g. trained with copies and without."""
    named = models if isinstance(models, Mapping) else {_PLAIN: models}
    targets = list(data)
    levels = budgets(budget)
    found: dict[str, tuple[Attacked, ...]] = {}
    for name, model in named.items():
        each = []
        for done, target in enumerate(targets):
            progress(target.name, done, len(targets))
            steps = attacked(
                target, score_of(model), levels, seed=seed, guided=guided, evaluations=evaluations
            )
            each.append(summed(target, [level for level, _ in steps]))
        found[name] = tuple(each)
    return Robustness(
        budgets=levels, seed=seed, evaluations=evaluations, guided=guided, models=found
    )


def summed(target: Target, levels: Sequence[Level]) -> Attacked:
    """The levels of one design together."""
    return Attacked(
        name=target.name,
        cells=target.netlist.cells,
        trojan_cells=int(target.trojan.sum()),
        levels=tuple(levels),
    )


def attacked(
    target: Target,
    score: Score,
    levels: Sequence[int],
    *,
    seed: int = 0,
    guided: bool = True,
    evaluations: int = EVALUATIONS,
    vectors: int = VECTORS,
) -> Iterator[tuple[Level, Rewritten | None]]:
    """The design as it is, and then what the attack makes of it with each budget."""
    origin = np.arange(target.netlist.cells, dtype=np.uint32)
    first = score(target.netlist)
    yield _level(first, target.trojan, origin, target.trojan), None
    rewritten = stages(
        target.netlist,
        target.trojan,
        seed=seed,
        budgets=levels,
        score=score if guided else None,
        evaluations=evaluations,
        vectors=vectors,
    )
    for budget, one in zip(levels, rewritten, strict=True):
        level = _level(score(one.netlist), one.trojan, one.origin, target.trojan)
        level = msgspec.structs.replace(
            level, budget=budget, added=one.added, rules=one.rules, proof=one.proof
        )
        yield level, one


def _level(
    score: NDArray[np.float32],
    trojan: NDArray[np.bool_],
    origin: NDArray[np.uint32],
    first: NDArray[np.bool_],
) -> Level:
    said = score >= LINE
    met = np.zeros(len(first), np.bool_)
    met[origin[said & trojan]] = True
    cells = np.zeros(len(first), np.bool_)
    cells[origin[trojan]] = True
    own = first & cells
    count = max(1, int(trojan.sum()))
    return Level(
        budget=0,
        added=0,
        cells=int(trojan.sum()),
        tpr=int((said & trojan).sum()) / count,
        met=int((met & own).sum()) / max(1, int(own.sum())),
        ap=average_precision(trojan, score),
        f1=f_score(trojan, said),
        tpr_99=sensitivity(trojan, score, 0.99),
        tcd=concealment_degree(score, trojan),
    )

"""``python -m kaname.traffic.dga.train OUT BENIGN... [FAMILIES...]``: make the name model.

Without lists of families the model learns the shapes of `kaname.traffic.dga.shapes` alone,
as the shipped one does, so that every family of malware is unknown to it. Of benign names
it learns two thirds; the third measures how ordinary failures look.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kaname.traffic.dga.fitting import Effort, fit
from kaname.traffic.dga.lists import Lists, held_out, read_lists
from kaname.traffic.dga.names import NameModel
from kaname.traffic.dga.noise import misspelt
from kaname.traffic.dga.resemblance import profile
from kaname.traffic.dga.shapes import families
from kaname.traffic.names.seeded import seeded

__all__ = ["FAMILIES", "NAMES", "SEED", "main", "train"]

SEED = 1  # of the families that the shipped model learns; evaluations use others
FAMILIES, NAMES = 24, 600  # of each shape, of each family
_ODD_LOGIT = 2.0


def train(lists: Lists, seed: int = SEED, effort: Effort = Effort()) -> NameModel:  # noqa: B008
    """A model that has learnt ``lists`` and the shapes drawn from ``seed``."""
    shapes = {f.name: (f.shape, f.names(NAMES, seed)) for f in families(FAMILIES, seed)}
    learnt = {name: _labels(names) for name, (_, names) in shapes.items()}
    learnt |= {name: _labels(names) for name, names in sorted(lists.families.items())}
    model = fit(learnt, _labels(held_out(lists.benign, part=False)), {}, effort)
    model.card.update(_card(model, lists, shapes, seed))
    return model


def _labels(names: Sequence[str]) -> list[str]:
    return sorted({name.split(".", 1)[0] for name in names})


def _card(
    model: NameModel, lists: Lists, shapes: Mapping[str, tuple[str, list[str]]], seed: int
) -> dict[str, Any]:
    """What is written beside the weights: data, ordinary failures, centroids."""
    unknown = held_out(lists.benign, part=True)
    random = seeded(f"failed/{seed}")
    failed = [*unknown, *(misspelt(name, random) for name in unknown)]
    logits = model.score(_labels(failed))
    return {
        "seed": seed,
        "benign": len(lists.benign) - len(unknown),
        "benign_held_out": len(unknown),
        "families": len(shapes) + len(lists.families),
        "listed_families": sorted(lists.families),
        "ordinary": {
            "mean": round(float(logits.mean()), 4),
            "deviation": round(float(logits.std()), 4),
            "odd": round(float((logits > _ODD_LOGIT).mean()), 5),
        },
        "false_name_1e3": round(float(np.quantile(model.score(_labels(unknown)), 0.999)), 4),
        "centroids": _centroids(shapes.values()),
    }


def _centroids(shapes: Any) -> dict[str, list[float]]:
    by_shape: dict[str, list[Any]] = {}
    for shape, names in shapes:
        by_shape.setdefault(shape, []).append(profile(_labels(names)))
    return {shape: np.mean(rows, axis=0).round(4).tolist() for shape, rows in by_shape.items()}


def main(arguments: Sequence[str]) -> int:
    """Make and store a model; 2 for wrong usage."""
    if len(arguments) < 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    out, *paths = map(Path, arguments)
    model = train(read_lists(paths))
    model.write(out)
    sys.stdout.write(f"{out}: {out.stat().st_size} bytes, {model.card['ordinary']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Training: labelled designs in, a model out, measured on hosts that it had not seen.

Whatever is chosen (the second stage's input, the curve of probabilities, the lines, the
verdict on designs) is chosen on held-out scores in which all designs of a host are left
out together with their copies.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from kaname.hardware.netlist.card import Card, Source
from kaname.hardware.netlist.deciding import decide
from kaname.hardware.netlist.examples import digest
from kaname.hardware.netlist.measuring import measured, summary
from kaname.hardware.netlist.model import FORMAT, Head, Model
from kaname.hardware.netlist.neighbours import COLUMNS
from kaname.hardware.netlist.selecting import thinned
from kaname.hardware.netlist.stages import Effort, by_host, fit_first, fit_second, held_out
from kaname.hardware.netlist.trees import grower
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.examples import Example

__all__ = ["recalibrated", "train"]

Progress = Callable[[str], object]
_FOLDS = 5  # for the figures of designs that lines are chosen on
_POINTS = 201  # of the distribution of each feature over clean cells


def train(
    given: Iterable[Example],
    name: str,
    effort: Effort = Effort(),  # noqa: B008
    progress: Progress = lambda _: None,
) -> Model:
    """A model of these designs; the same designs give the same model.

    Designs are taken one by one, and what no tree asks for is not kept of them.

    Raises:
        UsageError: there are fewer than two hosts with a Trojan.
        UnavailableError: LightGBM is missing.
    """
    grower()  # what is missing is said before designs are made for minutes
    examples = thinned(given, effort)
    if len({one.host for one in examples if one.trojan}) < 2:
        raise UsageError("hardware.error.few_hosts")
    folds = by_host(examples, effort.folds)
    scores, around = held_out(examples, folds, effort, progress)
    decision = decide(examples, scores)
    progress("all")
    packed = fit_first(examples, effort), fit_second(examples, around, effort)
    rows = measured(examples, scores, folds)
    head = Head(
        format=FORMAT,
        name=name,
        features=examples[0].features,
        second=COLUMNS,
        decision=decision,
        card=_card(examples, effort, summary(rows)),
    )
    return Model.of(head, packed, _clean(examples))


def recalibrated(model: Model, examples: Sequence[Example]) -> Model:
    """The same trees with curve, verdicts and lines chosen on other designs.

    Raises:
        UsageError: one of them was learnt, or none has a Trojan.
    """
    known = set(model.head.card.hosts)
    if any(one.host in known for one in examples) or not any(one.trojan for one in examples):
        raise UsageError("hardware.error.calibration")
    scores = [model.scored_example(one) for one in examples]
    folds = by_host(examples, _FOLDS)
    measures = summary(measured(examples, scores, folds))
    card = msgspec.structs.replace(
        model.head.card,
        measures={name: float(value) for name, value in measures.items()},
        calibrated=Source(
            examples[0].origin,
            examples[0].group,
            len(examples),
            sum(one.trojan for one in examples),
            len({one.host for one in examples}),
            sum(len(one.truth) for one in examples),
            sum(int(one.truth.sum()) for one in examples),
        ),
    )
    decision = decide(examples, scores)
    head = msgspec.structs.replace(model.head, decision=decision, card=card)
    return dataclasses.replace(model, head=head)


def _clean(examples: Sequence[Example]) -> NDArray[np.float32]:
    """Quantiles of each feature over clean cells, every design weighing alike."""
    random = np.random.default_rng(0)
    parts = []
    for one in examples:
        cells = np.flatnonzero(~one.marks)
        if one.origin != "rewritten" and len(cells):
            parts.append(one.values[random.choice(cells, min(400, len(cells)), replace=False)])
    found = np.quantile(np.concatenate(parts), np.linspace(0, 1, _POINTS), axis=0)
    return np.ascontiguousarray(found.T, np.float32)


def _card(examples: Sequence[Example], effort: Effort, measures: dict[str, float]) -> Card:
    parts: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for one in examples:
        parts[one.origin, one.group].append(one)
    sources = tuple(
        Source(
            origin,
            group,
            len(members),
            sum(one.trojan for one in members),
            len({one.host for one in members}),
            sum(len(one.truth) for one in members),
            sum(int(one.truth.sum()) for one in members),
        )
        for (origin, group), members in sorted(parts.items())
    )
    return Card(
        digest=digest(examples),
        sources=sources,
        hosts=tuple(sorted({one.host for one in examples})),
        settings={name: float(value) for name, value in dataclasses.asdict(effort).items()},
        measures={name: float(value) for name, value in measures.items()},
    )

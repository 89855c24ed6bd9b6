"""Weights learned from what analysts judged.

Each family of terms (clusters of sources, each behaviour, findings, each kind of tie,
lists, popularity) gets a factor. They are fitted by logistic regression with an L2 penalty
on the distance from 1, so that few verdicts change little, and with the constraint that no
factor is negative: evidence for something never comes to speak against it. The bias may
move. Verdicts themselves are no features. What is learned is a new file with its
evaluation (five folds, no artifact in two); nothing uses it until somebody puts it in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kaname.intelligence.score.calibration import Calibration, isotonic
from kaname.intelligence.score.context import Basis
from kaname.intelligence.score.derivation import weighed
from kaname.intelligence.score.terms import VERDICT
from kaname.intelligence.score.weights import Weights, shipped_bytes
from kaname.knowledge.assertions import Assertion, Assertions
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind
from kaname.model.score import decayed

if TYPE_CHECKING:
    from kaname.intelligence.records import Item
    from kaname.intelligence.service import Intelligence

__all__ = ["Case", "Learned", "case_of", "fit", "learn", "run"]

FEWEST = 20  # cases, and a fifth of it of each opinion
_FOLDS = 5
_STEPS = 4_000
_RATE = 0.2
_PREFIX = "intelligence.term."
_Floats = NDArray[np.float64]


class Case(msgspec.Struct, frozen=True):
    """What spoke for and against an artifact when it was judged, by family, in logits."""

    name: str
    families: dict[str, float]
    bias: float
    hostile: bool


class Measured(msgspec.Struct, frozen=True):
    """How well scores tell the hostile: mean log loss, Brier score, area under the curve."""

    log_loss: float
    brier: float
    auc: float


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """What came out: factors by family, and the measures on cases not learned from."""

    name: str
    cases: int
    hostile: int
    factors: dict[str, float]
    bias_shift: float
    before: Measured
    after: Measured
    calibration: Calibration
    model: str  # the file


def case_of(
    artifact: Artifact, items: Sequence[Item], basis: Basis, weights: Weights, at: int, *,
    hostile: bool,
) -> Case:  # fmt: skip
    """What was known of ``artifact`` at ``at``, verdicts apart."""
    known = [item for item in items if item.kind != VERDICT and item.at <= at]
    families: dict[str, float] = {}
    for term, _ in weighed(artifact, known, basis, weights):
        family = _family(term.name)
        families[family] = families.get(family, 0.0) + decayed(term, at)
    bias = weights.bias_of(artifact.kind.value)
    return Case(f"{artifact.kind}:{artifact.value}", families, bias, hostile)


def fit(cases: Sequence[Case], *, penalty: float = 1.0) -> tuple[dict[str, float], float]:
    """(the factor of each family, the shift of the bias) that explain ``cases`` best."""
    names = sorted({name for case in cases for name in case.families})
    logits, hostile = _matrix(cases, names)
    factors, shift = np.ones(len(names)), 0.0
    bias = np.array([case.bias for case in cases])
    speed = _RATE / (1.0 + float((logits**2).sum(axis=1).mean()))
    for _ in range(_STEPS):  # projected gradient: a negative factor becomes 0
        wrong = _sigmoid(bias + shift + logits @ factors) - hostile
        factors = factors - speed * (wrong @ logits + penalty * (factors - 1)) / len(cases)
        factors = np.maximum(factors, 0.0)
        shift -= speed * (float(wrong.sum()) + penalty * shift) / len(cases)
    return dict(zip(names, (round(float(f), 4) for f in factors), strict=True)), round(shift, 4)


def learn(cases: Sequence[Case], name: str, *, penalty: float = 1.0) -> Learned:
    """A new model from ``cases``, measured on those that a fold leaves out.

    Raises:
        UsageError: too few cases, or hardly any of one opinion.
    """
    hostile = sum(case.hostile for case in cases)
    if len(cases) < FEWEST or min(hostile, len(cases) - hostile) < FEWEST // _FOLDS:
        raise UsageError("intelligence.error.few_verdicts", found=len(cases), needed=FEWEST)
    ordered = sorted(cases, key=lambda case: (case.hostile, case.name))
    after = np.zeros(len(ordered))
    for fold in range(_FOLDS):
        rest = [case for n, case in enumerate(ordered) if n % _FOLDS != fold]
        factors, shift = fit(rest, penalty=penalty)
        for n in range(fold, len(ordered), _FOLDS):
            after[n] = _predicted(ordered[n], factors, shift)
    before = np.array([_predicted(case, {}, 0.0) for case in ordered])
    truth = np.array([case.hostile for case in ordered], dtype=float)
    factors, shift = fit(ordered, penalty=penalty)
    return Learned(
        name=name, cases=len(ordered), hostile=hostile, factors=factors, bias_shift=shift,
        before=_measured(before, truth), after=_measured(after, truth),
        calibration=_calibrated(after, truth),
        model=_model(name, factors, shift),
    )  # fmt: skip


def run(fusion: Intelligence, name: str, output: Path, *, penalty: float = 1.0) -> Learned:
    """Learn from all standing verdicts; writes ``output`` and its evaluation beside it."""
    standing = fusion.knowledge.part(Assertions).standing(VERDICT, clearance=Tlp.RED)
    cases = [case for said in standing.values() if (case := _judged(fusion, said)) is not None]
    learned = learn(cases, name, penalty=penalty)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(learned.model)
    evaluation = msgspec.structs.replace(learned, model=output.name)
    beside = output.with_suffix(".evaluation.json")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(evaluation)))
    return learned


def _judged(fusion: Intelligence, said: Sequence[Assertion]) -> Case | None:
    """The case of an artifact by its last word; None when that was "unsure"."""
    last = said[-1]
    kind, _, value = last.subject.partition(":")
    if last.value not in {"malicious", "benign"} or kind not in set(ArtifactKind):
        return None
    artifact = Artifact(ArtifactKind(kind), value)
    items = fusion.store.items(artifact.kind, artifact.value)
    if not items:  # withdrawn since, or a value too long for a subject
        return None
    context = fusion.knowing.of([(artifact.kind, artifact.value)])
    basis = context.basis(artifact, items, Tlp.RED, frozenset())
    return case_of(
        artifact, items, basis, context.weights, last.at, hostile=last.value == "malicious"
    )


def _family(name: str) -> str:
    if not name.startswith(_PREFIX):
        return "finding"
    return name.removeprefix(_PREFIX)


def _matrix(cases: Sequence[Case], names: list[str]) -> tuple[_Floats, _Floats]:
    rows = [[case.families.get(name, 0.0) for name in names] for case in cases]
    logits = np.array(rows, dtype=float).reshape(len(cases), len(names))
    return logits, np.array([case.hostile for case in cases], dtype=float)


def _predicted(case: Case, factors: dict[str, float], shift: float) -> float:
    total = sum(value * factors.get(name, 1.0) for name, value in case.families.items())
    return float(_sigmoid(np.array(case.bias + shift + total)))


def _sigmoid(value: _Floats) -> _Floats:
    grown: _Floats = 0.5 * (1.0 + np.tanh(0.5 * value))  # does not overflow
    return grown


def _measured(given: _Floats, truth: _Floats) -> Measured:
    sure = np.clip(given, 1e-9, 1 - 1e-9)
    loss = -(truth * np.log(sure) + (1 - truth) * np.log(1 - sure)).mean()
    ahead = (given[truth > 0][:, None] > given[truth == 0]).mean()
    level = (given[truth > 0][:, None] == given[truth == 0]).mean()
    brier = float(((given - truth) ** 2).mean())
    return Measured(
        round(float(loss), 6), round(brier, 6), round(float(ahead) + 0.5 * float(level), 6)
    )


def _calibrated(given: _Floats, truth: _Floats) -> Calibration:
    shown: list[float] = (100 * given).round(1).tolist()
    hostile: list[bool] = (truth > 0).tolist()
    return isotonic(zip(shown, hostile, strict=True))


def _model(name: str, factors: dict[str, float], shift: float) -> str:
    """The shipped model with each family's weights times its factor."""
    document: dict[str, Any] = msgspec.json.decode(shipped_bytes())
    document["name"] = name
    document["bias"] = {kind: round(v + shift, 4) for kind, v in document["bias"].items()}

    def scaled(values: dict[str, float], family: str) -> dict[str, float]:
        return {k: round(v * factors.get(family.format(k), 1.0), 4) for k, v in values.items()}

    document["reliability"] = scaled(document["reliability"], "cluster")
    document["behaviours"] = scaled(document["behaviours"], "behaviour.{}")
    document["findings"] = scaled(document["findings"], "finding")
    document["ties"] = scaled(document["ties"], "tie.{}")
    document["organisations"] *= factors.get("organisations", 1.0)
    document["suppression"] *= factors.get("suppressed", 1.0)
    document["benign"] *= factors.get("benign", 1.0)
    document["popular"]["value"] *= factors.get("popular", 1.0)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()

"""Why a score is what it is, and what it would be otherwise.

Every figure is computed again from items by `derivation`, never estimated: a counterfactual
is the score that the rest of the evidence gives, so its error is nothing by construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kaname.intelligence.records import Item
from kaname.intelligence.score.context import Basis, Tie
from kaname.intelligence.score.derivation import used_items, weighed
from kaname.intelligence.score.terms import VERDICT, Terms
from kaname.intelligence.score.weights import Weights
from kaname.intelligence.score.wording import counterfactual_text, summary, term_text, why_not
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import Indicator, Role
from kaname.model.score import NEVER, Term, decayed, logit, points

__all__ = ["Counterfactual", "Explanation", "ShownTerm", "explain", "minimal_evidence"]

VERSION = 1
_CURVE = 24  # points of the curve, from the first evidence to the end


class ShownTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A term with its text and with what is left of it."""

    name: str
    text: str
    value: float
    now: float
    observed: int
    evidence: tuple[str, ...]
    count: int
    digest: str


class Counterfactual(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The score without the evidence of a term, or at a later instant without any new."""

    text: str
    score: int
    without: str = ""
    until: int = 0


class Point(msgspec.Struct, frozen=True):
    """The score at an instant."""

    at: int
    score: int


class MarkingBasis(msgspec.Struct, frozen=True, kw_only=True):
    """The join over the evidence used, and the terms that each wider audience would lose."""

    effective: Tlp
    groups: tuple[str, ...]
    dropped: dict[str, tuple[str, ...]]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it, in one language, for one audience."""

    indicator: str
    version: int
    model: str
    model_sha256: str
    as_of: int
    score: int
    logit: float
    bias: float
    threshold: float
    terms: tuple[ShownTerm, ...]
    minimal_evidence: tuple[str, ...]
    counterfactuals: tuple[Counterfactual, ...]
    contradicting: tuple[str, ...]
    against: tuple[str, ...]
    marking_basis: MarkingBasis
    inputs: str
    text: str
    curve: tuple[Point, ...]
    signature: str = ""


def explain(
    indicator: Indicator,
    items: Sequence[Item],
    basis: Basis,
    weights: Weights,
    at: int,
    language: str,
) -> Explanation:
    """Why ``indicator``, which was derived from ``items`` and ``basis``, says what it says."""
    total = logit(indicator.bias, indicator.terms, at)
    shown = tuple(_shown(term, at, language) for term in indicator.terms)
    is_note = indicator.artifact.role is Role.BENIGN
    made = [] if is_note else weighed(indicator.artifact, items, basis, weights)
    return Explanation(
        indicator=indicator.id,
        version=VERSION,
        model=indicator.model,
        model_sha256=weights.sha256,
        as_of=at,
        score=points(total),
        logit=round(total, 6),
        bias=indicator.bias,
        threshold=indicator.threshold,
        terms=shown,
        minimal_evidence=minimal_evidence(indicator, made, basis, weights),
        counterfactuals=(
            *_without(indicator, made, basis, weights, at, language),
            *_later(indicator, at, language),
        ),
        contradicting=_contradicting(made),
        against=why_not(indicator, at, language),
        marking_basis=_marking_basis(indicator, made, basis),
        inputs=indicator.inputs,
        text=summary(indicator, points(total), at, language),
        curve=tuple(_curve(indicator)),
    )


def minimal_evidence(
    indicator: Indicator, made: Terms, basis: Basis, weights: Weights
) -> tuple[str, ...]:
    """The fewest ids, found greedily, that keep the score at or above the threshold alone.

    Judged when the last of the evidence was seen, lists as they are. Observations come
    before ties; a tie is named by what it leads to, whose evidence it carries itself.
    """
    if not made:
        return indicator.terms[0].evidence[:1]
    candidates = _candidates(made)
    at = max(term.observed for term in indicator.terms if term.count)
    chosen: list[Item] = []
    bare = msgspec.structs.replace(basis, ties=())
    while _score(indicator, chosen, bare, weights, at) < indicator.threshold and candidates:
        best = max(
            candidates,
            key=lambda item: (_logit(indicator, [*chosen, item], bare, weights, at), item.id),
        )
        candidates = [item for item in candidates if item.id != best.id]
        chosen.append(best)
    if _score(indicator, chosen, bare, weights, at) >= indicator.threshold:
        return tuple(item.id for item in chosen)
    return _with_ties(indicator, made, basis, weights, at)


def _with_ties(
    indicator: Indicator, made: Terms, basis: Basis, weights: Weights, at: int
) -> tuple[str, ...]:
    """The fewest ties that keep it up, and where they do not, the observations beside them."""
    kept: tuple[Tie, ...] = ()
    for tie in basis.ties:
        kept = (*kept, tie)
        lean = msgspec.structs.replace(basis, ties=kept)
        if _score(indicator, [], lean, weights, at) >= indicator.threshold:
            return tuple(one.id for one in kept)
    chosen: list[Item] = []
    candidates = _candidates(made)
    while _score(indicator, chosen, basis, weights, at) < indicator.threshold and candidates:
        chosen.append(candidates.pop(0))
    return (*(tie.id for tie in kept), *(item.id for item in chosen))


def _candidates(made: Terms) -> list[Item]:
    """The best few items of each term: the others of a term add the same or less."""
    found: dict[str, Item] = {}
    for term, items in made:
        if term.value > 0:
            names = set(term.evidence)
            found.update((item.id, item) for item in items if item.id in names)
    return list(found.values())


def _logit(
    indicator: Indicator, items: Sequence[Item], basis: Basis, weights: Weights, at: int
) -> float:
    newest = sorted(items, key=lambda item: (-item.at, item.id, item.role))
    made = weighed(indicator.artifact, newest, basis, weights)
    return logit(indicator.bias, [term for term, _ in made], at)


def _score(
    indicator: Indicator, items: Sequence[Item], basis: Basis, weights: Weights, at: int
) -> int:
    return points(_logit(indicator, items, basis, weights, at))


def _shown(term: Term, at: int, language: str) -> ShownTerm:
    return ShownTerm(
        name=term.name,
        text=term_text(term, language),
        value=term.value,
        now=round(decayed(term, at), 6),
        observed=term.observed,
        evidence=term.evidence,
        count=term.count,
        digest=term.digest,
    )


def _without(
    indicator: Indicator, made: Terms, basis: Basis, weights: Weights, at: int, language: str
) -> list[Counterfactual]:
    """For each term the score if its evidence had not been."""
    every = used_items(made)
    found = []
    for term, items in made:
        if not term.value:
            continue
        gone = {item.id for item in items}
        rest = [item for item in every if item.id not in gone]
        changed = _without_basis(basis, term)
        value = _score(indicator, rest, changed, weights, at)
        text = counterfactual_text(term, value, language)
        found.append(Counterfactual(text=text, score=value, without=term.name))
    return found


def _without_basis(basis: Basis, term: Term) -> Basis:
    """``basis`` without the tie or the lists that give ``term``."""
    ties = tuple(tie for tie in basis.ties if tie.id != term.values.get("id"))
    category = term.values.get("category")
    matches = tuple(match for match in basis.matches if match.category != category)
    return msgspec.structs.replace(basis, ties=ties, matches=matches)


def _later(indicator: Indicator, at: int, language: str) -> list[Counterfactual]:
    """The score in a week and in 30 days, and the end, if nothing new is seen."""
    if indicator.valid_until <= at:
        return []
    instants = {at + 7 * DAY, at + 30 * DAY}
    if indicator.valid_until < NEVER:
        instants.add(indicator.valid_until)
    return [
        Counterfactual(
            text=counterfactual_text(None, indicator.score(instant), language, until=instant),
            score=indicator.score(instant),
            until=instant,
        )
        for instant in sorted(instants)
    ]


def _contradicting(made: Terms) -> tuple[str, ...]:
    """The ids of what analysts or analyses say against it."""
    ids = {
        item.id
        for term, items in made
        if term.value < 0
        for item in items
        if item.kind == VERDICT or item.role == Role.BENIGN.value
    }
    return tuple(sorted(ids))


def _marking_basis(indicator: Indicator, made: Terms, basis: Basis) -> MarkingBasis:
    ranks: dict[str, int] = {}
    for term, items in made:
        ties = [tie for tie in basis.ties if tie.id == term.values.get("id")]
        used: list[Item | Tie] = [*items, *ties]
        ranks[term.name] = max((one.tlp.rank for one in used), default=0)
    dropped = {
        level.value: tuple(sorted(name for name, rank in ranks.items() if rank > level.rank))
        for level in Tlp
        if level.rank < indicator.tlp.rank
    }
    return MarkingBasis(effective=indicator.tlp, groups=indicator.groups, dropped=dropped)


def _curve(indicator: Indicator) -> list[Point]:
    """The score from the first evidence to the end of it (or 90 days on)."""
    last = max((term.observed for term in indicator.terms), default=indicator.valid_from)
    end = indicator.valid_until if indicator.valid_until < NEVER else last + 90 * DAY
    step = max(1, (end - indicator.valid_from) // _CURVE)
    instants = {indicator.valid_from + step * n for n in range(_CURVE)} | {last, end}
    return [Point(at, indicator.score(at)) for at in sorted(instants)]


def plain(explanation: Explanation) -> dict[str, Any]:
    """As JSON has it."""
    built: dict[str, Any] = msgspec.to_builtins(explanation)
    return built

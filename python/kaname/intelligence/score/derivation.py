"""From what an audience may see of an artifact to the indicator that it gets.

`derive` is a pure function: the same items, context, instant and audience give the same
bytes. It looks at nothing above the audience's marking, so that neither the score nor any
count, instant, text or id tells of what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kaname.intelligence.records import Item
from kaname.intelligence.score.context import Basis, Context, Match, Tie
from kaname.intelligence.score.evidence import is_inside, prepared, tagged
from kaname.intelligence.score.terms import (
    FINDING,
    VERDICT,
    Terms,
    attacker_terms,
    benign_terms,
    suppression_terms,
    tie_terms,
    unlisted_term,
)
from kaname.intelligence.score.weights import Weights
from kaname.model.ids import digest, stable_id
from kaname.model.marking import Tlp, join
from kaname.model.records import Artifact, Indicator, Pap, Role, State
from kaname.model.score import NEVER, Term, falls_below, score

__all__ = ["BENIGN_LABEL", "derive", "derived", "used_items", "weighed"]

BENIGN_LABEL = "benign-scanner"
_MILLISECOND = 1_000  # microseconds
_NOBODY: frozenset[str] = frozenset()
_OF_CAMPAIGN = "intelligence.term.tie.campaign"
_BACKED = frozenset({"campaign", "contact", "hosts", "resolves"})  # ties that observations give
_PAP = {level: rank for rank, level in enumerate(Pap)}


def derive(
    artifact: Artifact,
    items: Iterable[Item],
    context: Context,
    now: int,
    clearance: Tlp = Tlp.RED,
    groups: frozenset[str] = _NOBODY,
) -> Indicator | None:
    """The indicator of ``artifact`` for an audience, or None where there is none.

    There is none without positive evidence beyond sightings, from a report alone, or if the
    score did not reach the threshold when the last of the evidence was seen. One that did
    and has decayed since is still given: that it has ended is seen in ``valid_until``.
    """
    seen = prepared(items, clearance, groups, now, context.finding)
    basis = context.basis(artifact, seen, clearance, groups)
    return derived(artifact, seen, basis, context.weights, now)


def derived(
    artifact: Artifact, items: Sequence[Item], basis: Basis, weights: Weights, now: int
) -> Indicator | None:
    """As `derive`, from items and a basis that the audience may see whole."""
    if is_inside(artifact):
        return None
    if artifact.role is Role.BENIGN:
        return _note(artifact, items, weights, now)
    made = weighed(artifact, items, basis, weights)
    bias = weights.bias_of(artifact.kind.value)
    terms = [term for term, _ in made]
    if not _is_backed(made, basis, weights) or score(bias, terms, _last(terms)) < weights.threshold:
        return _note(artifact, items, weights, now)
    attacker = Artifact(artifact.kind, artifact.value, Role.ATTACKER)
    return _indicator(attacker, _label(made), made, basis, weights, now)


def weighed(artifact: Artifact, items: Sequence[Item], basis: Basis, weights: Weights) -> Terms:
    """All terms for and against an artifact being hostile, each with its items."""
    made = attacker_terms(artifact.kind, items, basis, weights)
    made += benign_terms(items, weights, against=True)
    made += [(term, []) for term in tie_terms(basis, artifact.kind, weights)]
    at = _last([term for term, _ in made])
    against = suppression_terms(basis.matches, weights, at)
    if not against and basis.lists:
        against = [unlisted_term(basis, at)]
    return made + [(term, []) for term in against]


def used_items(made: Terms) -> list[Item]:
    """The items that give the terms, the newest first."""
    found = {(item.id, item.role): item for _, items in made for item in items}
    return sorted(found.values(), key=lambda item: (-item.at, item.id, item.role))


def _note(
    artifact: Artifact, items: Sequence[Item], weights: Weights, now: int
) -> Indicator | None:
    """That it is a known, harmless scanner: who is told so need not look into it."""
    made = benign_terms(items, weights, against=False)
    if not made:
        return None
    benign = Artifact(artifact.kind, artifact.value, Role.BENIGN)
    return _indicator(benign, BENIGN_LABEL, made, Basis(), weights, now)


def _is_backed(made: Terms, basis: Basis, weights: Weights) -> bool:
    """Whether something speaks for it that is more than one report or a mere sighting."""
    supporting = [(term, items) for term, items in made if term.value > 0]
    if any(item.kind in {FINDING, VERDICT} for _, items in supporting for item in items):
        return True
    if any(tie.kind in _BACKED for tie in basis.ties):
        return True
    clusters = [term for term, items in supporting if items and "grade" in term.values]
    return len(clusters) > 1 or any(t.values["kind"] not in weights.alone for t in clusters)


def _last(terms: Sequence[Term]) -> int:
    """When the last of the evidence was seen."""
    return max((term.observed for term in terms if term.count), default=0)


def _label(made: Terms) -> str:
    """A word for what it does: that of the heaviest finding, behaviour or tie."""
    best = max((term for term, _ in made), key=lambda term: (term.value, term.name))
    for term, items in sorted(made, key=lambda pair: (-pair[0].value, pair[0].name)):
        if items and items[0].kind == FINDING and term.value > 0:
            return term.name.rpartition(".")[2]
    if best.name == _OF_CAMPAIGN:
        return "campaign-member"  # "campaign" is what analyses call a crowd of scanners
    return best.name.rpartition(".")[2]


def _indicator(
    artifact: Artifact, label: str, made: Terms, basis: Basis, weights: Weights, now: int
) -> Indicator:
    items = used_items(made)
    terms = tuple(term for term, _ in made)
    ties = [tie for tie in basis.ties if any(t.values.get("id") == tie.id for t in terms)]
    bias = weights.bias_of(artifact.kind.value)
    first = min((*(item.at for item in items), *(tie.observed for tie in ties)))
    marked: list[Item | Tie | Match] = [*items, *ties, *basis.matches]
    return Indicator(
        id=stable_id("indicator", artifact.kind, artifact.value, artifact.role),
        artifact=artifact,
        label=label,
        model=weights.name,
        bias=bias,
        terms=terms,
        threshold=weights.threshold,
        valid_from=first,
        valid_until=_end(bias, terms, weights.threshold),
        updated=now,
        tlp=join(one.tlp for one in marked),
        groups=tuple(sorted({group for one in marked for group in one.groups})),
        pap=max(
            (one.pap for one in marked if not isinstance(one, Match)),
            key=_PAP.__getitem__,
            default=Pap.CLEAR,
        ),
        techniques=tuple(sorted({t for item in items for t in tagged(item, "technique")})),
        findings=tuple(sorted({item.finding for item in items if item.finding})),
        state=State.ASSESSED if _is_assessed(items) else State.DISCOVERED,
        inputs=digest(weights.sha256, terms),
    )


def _end(bias: float, terms: Sequence[Term], threshold: float) -> int:
    """When the score is below the threshold, up to a whole millisecond.

    So STIX can say it, and the last bit of another machine's power function changes nothing.
    """
    found = falls_below(bias, terms, threshold, _last(terms))
    return found if found == NEVER else -(-found // _MILLISECOND) * _MILLISECOND


def _is_assessed(items: Iterable[Item]) -> bool:
    """Whether a person or an analysis has looked at it (RFC 9424, 3.2.2)."""
    return any(item.kind in {FINDING, VERDICT} for item in items)

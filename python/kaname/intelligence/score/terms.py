"""The terms of a score, each made of the items that give it.

``L = bias + SUM clusters w sat(n) + SUM behaviours v s - SUM suppression u m``: see the
documentation of the score. Everything here is a pure function of items, basis and weights.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kaname.intelligence.records import Item
from kaname.intelligence.score.context import Basis, Match
from kaname.intelligence.score.evidence import SHARED, SPOOFABLE, digest_of, tagged
from kaname.intelligence.score.weights import Decay, Weights
from kaname.model.instant import DAY
from kaname.model.records import ArtifactKind, Role
from kaname.model.score import Term

__all__ = ["FINDING", "VERDICT", "Terms", "attacker_terms", "benign_terms"]

FINDING = "finding"
VERDICT = "verdict"
_SHOWN = 16  # ids that a term names
_AGAIN_MOST = 3  # further findings of a label that count

Terms = list[tuple[Term, list[Item]]]


def attacker_terms(
    kind: ArtifactKind, items: Sequence[Item], basis: Basis, weights: Weights
) -> Terms:
    """What speaks for and against an artifact being hostile, without ties and lists."""
    usable = [item for item in items if SPOOFABLE not in item.behaviours]
    spoken = [
        (item, share)
        for item in usable
        if item.kind not in {FINDING, VERDICT} and (share := weights.speaks(item.kind, item.role))
    ]
    decay = weights.decay_of(kind.value)
    found: Terms = []
    if spoken:
        found += _clusters(spoken, basis, weights, decay)
        found += _behaviours(spoken, basis, weights, decay)
    found += _findings(usable, kind, weights)
    if found:
        found += _organisations(items, weights, decay)
    return [*found, *_verdicts(items, weights), *_popular(items, weights, decay)]


def benign_terms(items: Sequence[Item], weights: Weights, *, against: bool) -> Terms:
    """What says that it is known and harmless: for a note of that, or against an indicator."""
    found = [item for item in items if item.kind == FINDING and item.role == Role.BENIGN.value]
    if not found:
        return []
    best = max(found, key=_strength)
    name = next(iter(tagged(best, "label")), "intelligence.term.benign") if not against else ""
    value = weights.benign * best.weight * (-1 if against else 1)
    decay = weights.decay_of("benign")
    return [(_term(name or "intelligence.term.benign", {}, value, found, decay), found)]


def suppression_terms(matches: Iterable[Match], weights: Weights, at: int) -> list[Term]:
    """A term for each category of lists that is met: that of its heaviest entry."""
    best: dict[str, Match] = {}
    for match in matches:
        known = best.get(match.category)
        if known is None or match.weight > known.weight:
            best[match.category] = match
    return [
        Term(
            name="intelligence.term.suppressed",
            values={
                "list": one.list, "title": one.name, "category": one.category,
                "weight": one.weight, "version": one.version,
            },
            value=_rounded(-one.weight * weights.suppression),
            observed=at,
        )
        for _, one in sorted(best.items())
    ]  # fmt: skip


def tie_terms(basis: Basis, kind: ArtifactKind, weights: Weights) -> list[Term]:
    """A term for each kind of tie: that of the strongest."""
    decay = weights.decay_of(kind.value)
    seen: set[str] = set()
    terms = []
    for tie in basis.ties:  # the strongest of a kind comes first
        if tie.kind in seen or not weights.ties.get(tie.kind):
            continue
        seen.add(tie.kind)
        terms.append(
            Term(
                name=f"intelligence.term.tie.{tie.kind}",
                values={"kind": tie.kind, "id": tie.id, "name": tie.name, "n": tie.count},
                value=_rounded(weights.ties[tie.kind] * tie.strength),
                observed=tie.observed,
                tau=decay.tau,
                delta=decay.delta,
                evidence=tie.evidence,
                count=tie.count,
                digest=tie.digest,
            )
        )
    return terms


def unlisted_term(basis: Basis, at: int) -> Term:
    """That lists were asked and had nothing to say; it explains, and adds nothing."""
    values = {"lists": basis.lists, "version": basis.lists_version}
    return Term(name="intelligence.term.unlisted", values=values, value=0.0, observed=at)


def _clusters(
    spoken: list[tuple[Item, float]], basis: Basis, weights: Weights, decay: Decay
) -> Iterator[tuple[Term, list[Item]]]:
    """One term for each independent source: sources that copy each other are one."""
    cluster_of = {source: cluster for cluster in basis.clusters for source in cluster}
    parts: dict[tuple[str, ...], dict[str, list[tuple[Item, float]]]] = {}
    for item, share in spoken:
        cluster = cluster_of.get(item.source, (item.source,))
        parts.setdefault(cluster, {}).setdefault(item.source, []).append((item, share))
    for _, sources in sorted(parts.items()):
        values = {source: _source(found, basis, weights) for source, found in sources.items()}
        best = max(sorted(values), key=lambda source: values[source][0])
        value, kind = values[best]
        items = [item for found in sources.values() for item, _ in found]
        if value > 0:
            yield (
                _term(
                    "intelligence.term.cluster",
                    {
                        "sources": ", ".join(sorted(sources)),
                        "kind": kind,
                        "n": len({item.id for item in items}),
                        "days": len({item.at // DAY for item in items}),
                        "grade": _grade(sources[best][0][0], basis, weights),
                    },
                    value * (1 + weights.copy * (len(sources) - 1)),
                    items,
                    decay,
                ),
                items,
            )


def _source(found: list[tuple[Item, float]], basis: Basis, weights: Weights) -> tuple[float, str]:
    """(what a source says at best, in which kind of observation)."""
    sums: dict[tuple[str, float], float] = defaultdict(float)
    for item, share in found:
        sums[item.kind, share] += _sure(item)
    trust = _trust(found[0][0], basis, weights)
    return max(
        (share * trust * _saturated(total, weights), kind) for (kind, share), total in sums.items()
    )


def _behaviours(
    spoken: list[tuple[Item, float]], basis: Basis, weights: Weights, decay: Decay
) -> Iterator[tuple[Term, list[Item]]]:
    """One term for each behaviour: the surest observation of it counts, and only it."""
    full = weights.graded("B")
    shown: dict[str, list[tuple[float, Item]]] = {}
    for item, _ in spoken:
        sure = _sure(item) * min(1.0, _trust(item, basis, weights) / full)
        for name in {*item.behaviours, *weights.shown(item.kind, item.role)}:
            if name in weights.behaviours:
                shown.setdefault(name, []).append((sure, item))
    for name, found in sorted(shown.items()):
        sure = max(sure for sure, _ in found)
        items = [item for _, item in found]
        if sure > 0:
            values = {"behaviour": name, "n": len(items), "sources": _sources(items)}
            value = weights.behaviours[name] * sure
            yield _term(f"intelligence.term.behaviour.{name}", values, value, items, decay), items


def _findings(
    items: list[Item], kind: ArtifactKind, weights: Weights
) -> Iterator[tuple[Term, list[Item]]]:
    """One term for each label: the best finding of it, and a little for each further one."""
    by_label: dict[str, list[Item]] = {}
    for item in items:
        if item.kind == FINDING and item.role == Role.ATTACKER.value:
            label = next(iter(tagged(item, "label")), "intelligence.term.finding")
            by_label.setdefault(label, []).append(item)
    ranked = sorted(
        ((max(_weight(i, weights) for i in found), label) for label, found in by_label.items()),
        key=lambda pair: (-pair[0], pair[1]),
    )
    for position, (best, label) in enumerate(ranked):
        found = by_label[label]
        again = 1 + weights.again * min(_AGAIN_MOST, len({item.finding for item in found}) - 1)
        value = best * again * (1.0 if position == 0 else weights.further)
        decay = weights.decay_of(
            f"label:{label.rpartition('.')[2]}", FINDING if kind is ArtifactKind.IP else kind.value
        )
        if value > 0:
            yield _term(label, {"n": len(found)}, value, found, decay), found


def _weight(item: Item, weights: Weights) -> float:
    """What a finding says: how much it matters, times how sure it is."""
    severity = next(iter(tagged(item, "severity")), "low")
    shared = weights.shared if SHARED in item.behaviours else 1.0
    return weights.findings.get(severity, 0.0) * _sure(item) * shared


def _organisations(
    items: Sequence[Item], weights: Weights, decay: Decay
) -> Iterator[tuple[Term, list[Item]]]:
    """That several organisations met it; one observation of each is enough evidence."""
    newest: dict[str, Item] = {}
    for item in items:  # the newest come first
        if item.org and item.kind != VERDICT:
            newest.setdefault(item.org, item)
    if len(newest) > 1:
        found = [newest[org] for org in sorted(newest)]
        value = weights.organisations * min(2.0, math.log2(len(found)))
        yield (
            _term("intelligence.term.organisations", {"n": len(found)}, value, found, decay),
            found,
        )


def _verdicts(items: Sequence[Item], weights: Weights) -> Iterator[tuple[Term, list[Item]]]:
    """The last word of each analyst; those of one opinion make one term."""
    last: dict[str, Item] = {}
    for item in items:  # the newest come first
        if item.kind == VERDICT:
            last.setdefault(item.source, item)
    for opinion in sorted(weights.verdicts):
        found = [item for item in last.values() if opinion in item.behaviours]
        if found:
            value = weights.verdicts[opinion] * max(map(_sure, found))
            values = {"opinion": opinion, "n": len(found)}
            decay = weights.decay_of(VERDICT)
            yield _term(f"intelligence.term.verdict.{opinion}", values, value, found, decay), found


def _popular(
    items: Sequence[Item], weights: Weights, decay: Decay
) -> Iterator[tuple[Term, list[Item]]]:
    """That everybody meets it: a shared server, a name that all ask for."""
    popular = weights.popular
    found = [item for item in items if item.kind in popular.kinds]
    if len(found) <= popular.start:
        return
    grown = math.log(len(found) / popular.start) / math.log(popular.full / popular.start)
    value = popular.value * min(1.0, grown)
    yield _term("intelligence.term.popular", {"n": len(found)}, value, found, decay), found


def _term(
    name: str, values: dict[str, Any], value: float, items: Sequence[Item], decay: Decay
) -> Term:
    ids = sorted({item.id for item in items})
    best = sorted(items, key=_rank)
    return Term(
        name=name,
        values=values,
        value=_rounded(value),
        observed=max(item.at for item in items),
        tau=decay.tau,
        delta=decay.delta,
        evidence=tuple(dict.fromkeys(item.id for item in best))[:_SHOWN],
        count=len(ids),
        digest=digest_of(ids),
    )


def _rank(item: Item) -> tuple[float, int, str]:
    return -item.weight, -item.at, item.id


def _strength(item: Item) -> tuple[float, int, str]:
    return item.weight, item.at, item.id


def _sources(items: Iterable[Item]) -> str:
    return ", ".join(sorted({item.source for item in items}))


def _sure(item: Item) -> float:
    return min(1.0, max(0.0, item.weight))


def _grade(item: Item, basis: Basis, weights: Weights) -> str:
    known = basis.grades.get(item.source)
    if known is not None:
        return known
    unknown = weights.unknown
    return unknown.second_hand if item.kind in weights.second_hand else unknown.first_hand


def _trust(item: Item, basis: Basis, weights: Weights) -> float:
    return weights.graded(_grade(item, basis, weights))


def _saturated(n: float, weights: Weights) -> float:
    """``log2(1 + n) / log2(1 + 8)``, at most 1."""
    return min(1.0, math.log2(1 + n) / math.log2(1 + weights.saturation))


def _rounded(value: float) -> float:
    return round(value, 6)

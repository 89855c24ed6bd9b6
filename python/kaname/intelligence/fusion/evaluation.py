"""How well campaigns are found: recall and purity on weeks whose truth is known.

``kaname intelligence evaluate fusion [OBSERVATIONS.jsonl TRUTH.json]``: the
observations in the form that `kaname.intelligence.connectors.ndjson` reads, and a JSON
object with ``campaigns`` (lists of artifacts by kind) and ``must_not_become_indicator``.
Without them, weeks of ``seeds`` seeds are made up (`kaname.intelligence.fusion.scenario`).

Recall is the share of a campaign's artifacts that its best proposal holds; purity is the
share of that proposal that is of the campaign. The peers are correlation by exact match,
and the same with artifacts of more than 20 neighbours left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.intelligence.fusion.campaigns import propose
from kaname.intelligence.fusion.links import Graph, Node, gather
from kaname.intelligence.fusion.peers import exact, gated
from kaname.intelligence.fusion.scenario import Scenario, copycat, scenario
from kaname.intelligence.fusion.suppression import blocked
from kaname.model.errors import UsageError

__all__ = ["Found", "best", "evaluate"]

_SEEDS = 10
Correlate = Callable[[Graph], Sequence[frozenset[Node]]]


class Found(msgspec.Struct, frozen=True):
    """How well one campaign was found."""

    recall: float
    purity: float


def best(campaign: frozenset[Node], proposed: Iterable[frozenset[Node]]) -> Found:
    """The proposal that holds most of ``campaign``."""
    part = max(proposed, key=lambda one: len(one & campaign), default=frozenset())
    common = len(part & campaign)
    return Found(common / len(campaign), common / len(part) if part else 0.0)


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Find the campaigns of each week, with ours and with the peers."""
    weeks = [_given(paths)] if paths else _made(params)
    graphs = [gather(week.observations) for week in weeks]
    named: dict[str, Correlate] = {"kaname": _ours, "exact match": exact, "hub gate": gated}
    rows = [(name, *_measured(weeks, graphs, correlate)) for name, correlate in named.items()]
    never = sum(
        len(part & week.never)
        for week, graph in zip(weeks, graphs, strict=True)
        for part in _ours(graph)
    )
    _, recall, purity, worst_recall, worst_purity = rows[0]
    return Evaluation(
        analysis="intelligence.fusion",
        measures={
            "recall": recall,
            "purity": purity,
            "worst_recall": worst_recall,
            "worst_purity": worst_purity,
            "must_not_linked": never,
            "copycat_changes": sum(
                _copied(week, graph) for week, graph in zip(weeks, graphs, strict=True)
            ),
            "weeks": len(weeks),
            "observations": sum(len(week.observations) for week in weeks),
        },
        tables=(
            Scores(
                "correlation",
                ("by", "recall", "purity", "worst recall", "worst purity"),
                tuple(rows),
            ),
        ),
        notes=(
            "The list of what must not be linked is only counted against, never given.",
            "The weeks are made up by a model; see its module for what is hard in them.",
        ),
    )


def _made(params: Mapping[str, Any]) -> list[Scenario]:
    first, count = int(params.get("seed", 1)), int(params.get("seeds", _SEEDS))
    campaigns = int(params.get("campaigns", 3))
    return [scenario(seed, campaigns=campaigns) for seed in range(first, first + count)]


def _ours(graph: Graph) -> list[frozenset[Node]]:
    return [one.nodes for one in propose(graph, blocked=blocked(graph.profiles))]


def _measured(
    weeks: Sequence[Scenario], graphs: Sequence[Graph], correlate: Correlate
) -> tuple[float, float, float, float]:
    found = [
        best(campaign, proposed)
        for week, graph in zip(weeks, graphs, strict=True)
        for proposed in [correlate(graph)]
        for campaign in week.campaigns
    ]
    recalls, purities = [one.recall for one in found], [one.purity for one in found]
    figures = (sum(recalls) / len(found), sum(purities) / len(found), min(recalls), min(purities))
    return tuple(round(one, 4) for one in figures)  # type: ignore[return-value] # four of them


def _copied(week: Scenario, graph: Graph) -> int:
    """How many artifacts change their campaign when another feed copies feed-A."""
    copies = copycat(week.observations, "feed-A", "feed-C", seed=7).observations
    after = _ours(gather([*week.observations, *copies]))
    return len(set().union(*_ours(graph)) ^ set().union(*after))


def _given(paths: Sequence[Path]) -> Scenario:
    from kaname.intelligence.connectors.ndjson import read

    truths = [path for path in paths if path.suffix == ".json"]
    observations = [path for path in paths if path not in truths]
    if len(truths) != 1 or len(observations) != 1:
        raise UsageError("intelligence.error.fusion_truth")
    truth = msgspec.json.decode(truths[0].read_bytes())
    read_ = list(read(observations[0]).observations)
    by_value: dict[str, set[Node]] = {}
    for mention in (mention for one in read_ for mention in one.mentions):
        by_value.setdefault(mention.value, set()).add(Node(mention.kind, mention.value))
    campaigns = [
        frozenset(
            node
            for name in ("domains", "ips", "hashes", "emails", "urls")
            for value in one.get(name, ())
            for node in by_value.get(value, ())
        )
        for one in truth["campaigns"]
    ]
    never = frozenset(
        node for value in truth["must_not_become_indicator"] for node in by_value.get(value, ())
    )
    return Scenario(read_, campaigns, never)

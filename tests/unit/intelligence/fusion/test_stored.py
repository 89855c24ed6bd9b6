from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kaname.intelligence.fusion.campaigns import propose
from kaname.intelligence.fusion.evaluation import best
from kaname.intelligence.fusion.links import Node, gather
from kaname.intelligence.fusion.proposing import Proposing
from kaname.intelligence.fusion.scenario import Scenario, scenario
from kaname.intelligence.fusion.stored import graph_of, shown
from kaname.intelligence.score.context import Tie
from kaname.intelligence.store import FusionStore
from kaname.knowledge import Knowledge
from kaname.knowledge.reviews import Reviews
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

WEEK = scenario(8, background=1500)


def tied(week: Scenario, folder: Path, level: Tlp) -> dict[Node, tuple[Tie, ...]]:
    """What somebody with clearance ``level`` is told of each artifact."""
    with Knowledge.open(f"sqlite:///{folder}/k.sqlite") as knowledge:
        store = FusionStore.open(folder / "store")
        store.add(week.observations)
        proposing = Proposing(store, knowledge)
        proposing.renew_ties()
        nodes = {Node(m.kind, m.value) for one in week.observations for m in one.mentions}
        found = {
            node: tuple(t for t in proposing.ties(*node) if t.tlp.visible_to(level))
            for node in nodes
        }
        store.close()
    return {node: ties for node, ties in found.items() if ties}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FusionStore]:
    opened = FusionStore.open(tmp_path_factory.mktemp("fusion") / "store")
    opened.add(WEEK.observations)
    yield opened
    opened.close()


def test_a_store_proposes_what_the_observations_themselves_do(store: FusionStore) -> None:
    plain = propose(gather(WEEK.observations))
    stored = shown(store, propose(graph_of(store)))
    assert {one.nodes for one in stored} == {one.nodes for one in plain}
    assert {(m.link.key, m.link.evidence) for one in stored for m in one.merges} == {
        (m.link.key, m.link.evidence) for one in plain for m in one.merges
    }


def test_everyday_traffic_is_left_out(store: FusionStore) -> None:
    graph = graph_of(store)
    assert len(graph.links) < len(gather(WEEK.observations).links) / 2
    for campaign in WEEK.campaigns:
        assert best(campaign, [one.nodes for one in propose(graph)]).recall == 1


def test_an_empty_store_proposes_nothing(tmp_path: Path) -> None:
    empty = FusionStore.open(tmp_path / "store")
    assert propose(graph_of(empty)) == []
    empty.close()


def test_new_campaigns_await_a_review_and_tie_their_members(
    store: FusionStore, tmp_path: Path
) -> None:
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as knowledge:
        proposing = Proposing(store, knowledge)
        made = proposing.run(at=1)
        assert len(made) == len(WEEK.campaigns)
        asked = knowledge.part(Reviews).reviews()
        assert {one.subject for one in asked.items} == {one.id for one in made}
        node = next(iter(WEEK.campaigns[0]))
        assert {tie.strength for tie in proposing.ties(*node)} == {0.5}
        rejected = made[0]
        proposing.book.decide(rejected.id, "reject", by="alice")
        proposing.renew_ties()
        member = rejected.members[0]
        assert proposing.ties(ArtifactKind(member.kind), member.value) == ()


@pytest.mark.parametrize("level", [Tlp.CLEAR, Tlp.GREEN])
def test_what_an_audience_is_told_does_not_depend_on_what_it_may_not_see(
    tmp_path: Path, level: Tlp
) -> None:
    visible = [one for one in WEEK.observations if one.tlp.visible_to(level)]
    less = Scenario(visible, WEEK.campaigns, WEEK.never)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert tied(WEEK, tmp_path / "a", level) == tied(less, tmp_path / "b", level)

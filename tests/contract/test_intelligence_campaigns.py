from __future__ import annotations

import pytest

from kaname.intelligence.fusion.book import Book
from kaname.intelligence.fusion.campaign_records import CampaignState
from kaname.intelligence.fusion.campaigns import propose
from kaname.intelligence.fusion.links import Graph, gather
from kaname.intelligence.fusion.scenario import scenario
from kaname.knowledge import Knowledge
from kaname.knowledge.assertions import Assertions
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.marking import Tlp


@pytest.fixture
def book(knowledge: Knowledge) -> Book:
    return Book(knowledge)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return gather(scenario(4, background=800).observations)


def run(book: Book, graph: Graph, at: int = 1) -> None:
    book.renew(propose(graph, apart=book.apart()), at=at)


def test_a_second_run_over_the_same_changes_nothing(
    book: Book, graph: Graph, knowledge: Knowledge
) -> None:
    run(book, graph)
    first = book.campaigns()
    said = len(knowledge.part(Assertions).every("merge"))
    run(book, graph, at=2)
    assert book.campaigns() == first
    assert (
        len(knowledge.part(Assertions).every("merge"))
        == said
        == sum(len(one.merges) for one in first)
    )


def test_a_campaign_keeps_its_id_and_decision_when_it_grows(book: Book) -> None:
    week = scenario(4, background=800).observations
    early = [one for one in week if one.at < week[len(week) * 3 // 5].at]
    run(book, gather(early))
    before = book.campaigns()[0]
    book.decide(before.id, "confirm", by="alice")
    run(book, gather(week), at=2)
    after = book.campaign(before.id)
    assert after.state is CampaignState.CONFIRMED
    assert len(after.members) >= len(before.members)


def test_every_merge_names_the_observations_that_show_it(book: Book, graph: Graph) -> None:
    run(book, graph)
    for campaign in book.campaigns():
        for merge in campaign.merges:
            assert merge.evidence or merge.kind == "structure"


def test_what_was_undone_stays_undone(book: Book, graph: Graph, knowledge: Knowledge) -> None:
    run(book, graph)
    campaign = book.campaigns()[0]
    merge = campaign.merges[len(campaign.merges) // 2]
    split = book.decide(campaign.id, "undo", by="alice", assertion=merge.assertion, note="not one")
    assert split.state is CampaignState.SPLIT
    for at in (2, 3):
        run(book, graph, at=at)
        for one in book.campaigns():
            members = {f"{m.kind}:{m.value}" for m in one.members}
            assert one.state is CampaignState.SPLIT or not {merge.a, merge.b} <= members
    said = knowledge.part(Assertions).about(campaign.id, predicate="undone")
    assert [(one.source, one.note) for one in said] == [("alice", "not one")]
    with pytest.raises(ConflictError):
        book.decide(campaign.id, "undo", by="bob", assertion=merge.assertion)
    with pytest.raises(NotFoundError):
        book.decide(campaign.id, "undo", by="bob", assertion="assertion-0")


def test_who_may_not_see_the_endpoints_sees_what_holds_without_them(
    book: Book, graph: Graph
) -> None:
    run(book, graph)
    less = 0
    for campaign in book.campaigns(clearance=Tlp.GREEN):
        assert all(merge.tlp.rank <= Tlp.GREEN.rank for merge in campaign.merges)
        assert len(campaign.merges) == len(campaign.members) - 1
        whole = book.campaign(campaign.id)
        assert set(campaign.members) <= set(whole.members)
        less += len(whole.members) - len(campaign.members)
    assert less > 0  # the names that only endpoints saw
    # What is public is what reports name: a name, an address and a file each.
    assert [len(one.members) for one in book.campaigns(clearance=Tlp.CLEAR)] == [3, 3, 3]


def test_what_is_no_longer_proposed_goes_unless_somebody_confirmed_it(
    book: Book, graph: Graph
) -> None:
    run(book, graph)
    kept, *others = book.campaigns()
    book.decide(kept.id, "confirm", by="alice")
    book.renew([], at=2)
    assert [one.id for one in book.campaigns()] == [kept.id]
    assert others


def test_a_rejected_campaign_is_not_proposed_again(book: Book, graph: Graph) -> None:
    run(book, graph)
    one = book.campaigns()[0]
    book.decide(one.id, "reject", by="alice")
    run(book, graph, at=2)
    assert book.campaign(one.id).state is CampaignState.REJECTED

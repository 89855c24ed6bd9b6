from __future__ import annotations

import pytest
from tests.unit.intelligence.sharing.conftest import observe, strong

from kaname.intelligence.service import Intelligence
from kaname.intelligence.sharing import policy as policies
from kaname.intelligence.sharing.audience import Audience, audience_of
from kaname.intelligence.sharing.workflow import KIND, Workflow, published_for
from kaname.knowledge import Account, AccountRole
from kaname.knowledge.assertions import Assertions
from kaname.knowledge.review_records import ReviewState, Step, review_id
from kaname.model.errors import ForbiddenError, NotFoundError, UsageError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

HANAKO = Account("hanako", AccountRole.ANALYST, Tlp.RED)
TARO = Account("taro", AccountRole.ANALYST, Tlp.RED)
STRONG, WEAK, AMBER, GROUP = (f"45.33.32.{last}" for last in (1, 2, 3, 4))


@pytest.fixture
def seen(fusion: Intelligence) -> Intelligence:
    """Three sources saw one address, one source another; a third is AMBER, a fourth a group's."""
    fusion.absorb(strong(STRONG))
    fusion.absorb([observe(WEAK)])
    fusion.absorb(strong(AMBER, tlp=Tlp.AMBER))
    fusion.absorb(strong(GROUP, groups=("isac",)))
    return fusion


def values(fusion: Intelligence, audience: Audience) -> list[str]:
    return [one.artifact.value for one in published_for(fusion, audience, now_us())]


def key(value: str) -> str:
    return review_id(KIND, f"ip:{value}")


def approve(fusion: Intelligence, value: str, account: Account = HANAKO) -> None:
    workflow = Workflow(fusion.knowledge)
    workflow.queue(now_us())
    workflow.decide(key(value), Step.APPROVE, account, note="確認")


def test_nothing_leaves_that_nobody_decided_on(seen: Intelligence) -> None:
    assert values(seen, Audience(Tlp.RED)) == []
    workflow = Workflow(seen.knowledge)
    assert len(workflow.queue(now_us())) == 4
    assert workflow.queue(now_us()) == []  # a question is put once
    assert values(seen, Audience(Tlp.RED)) == []


def test_what_an_analyst_approved_leaves_and_every_step_is_written(seen: Intelligence) -> None:
    approve(seen, STRONG)
    assert values(seen, Audience(Tlp.GREEN)) == [STRONG]
    said = seen.knowledge.part(Assertions).about(f"ip:{STRONG}")
    assert [(one.source, one.predicate, one.note) for one in said] == [
        ("hanako", "review.approve", "確認")
    ]
    line = seen.knowledge.audit_log().items[0]
    assert (line.actor, line.action, line.subject) == ("hanako", "review.approve", f"ip:{STRONG}")
    Workflow(seen.knowledge).decide(key(STRONG), Step.WITHDRAW, TARO)
    assert values(seen, Audience(Tlp.GREEN)) == []


def test_an_approval_opens_the_door_only_to_whoever_may_see_the_evidence(
    seen: Intelligence,
) -> None:
    approve(seen, AMBER)
    assert values(seen, Audience(Tlp.GREEN)) == []
    assert values(seen, Audience(Tlp.AMBER)) == [AMBER]


def test_a_group_gets_what_is_its_own(seen: Intelligence) -> None:
    approve(seen, GROUP)
    policy = policies.save(
        seen.knowledge, {"groups": [{"name": "isac", "members": ["viewer"]}]}, by="admin"
    )
    viewer = seen.knowledge.account("viewer")
    assert audience_of(viewer, policy) == Audience(Tlp.GREEN, frozenset({"isac"}))
    assert values(seen, audience_of(viewer, policy)) == [GROUP]
    assert values(seen, Audience(Tlp.GREEN)) == values(seen, Audience(Tlp.RED)) == []


def test_a_rule_publishes_what_the_audience_itself_sees_enough_of(seen: Intelligence) -> None:
    rule = {"name": "several", "min_score": 55, "evidence": 2, "max_tlp": "green"}
    policies.save(seen.knowledge, {"rules": [rule]}, by="admin")
    # WEAK scores 60 on one item: a single item never suffices for a rule.
    assert values(seen, Audience(Tlp.GREEN)) == [STRONG]
    assert values(seen, Audience(Tlp.AMBER)) == [STRONG]
    # What RED evidence adds to WEAK opens nothing for GREEN.
    seen.absorb(strong(WEAK, tlp=Tlp.RED))
    assert values(seen, Audience(Tlp.GREEN)) == [STRONG]
    Workflow(seen.knowledge).queue(now_us())
    # What a rule publishes is not asked about, yet an analyst's no is stronger than it.
    workflow = Workflow(seen.knowledge)
    with pytest.raises(NotFoundError):
        workflow.reviews.review(key(STRONG))
    (one,) = published_for(seen, Audience(Tlp.GREEN), now_us())
    workflow.ask(one, by="hanako", at=now_us())
    workflow.decide(key(STRONG), Step.REJECT, TARO)
    assert values(seen, Audience(Tlp.GREEN)) == []


def test_who_may_decide(seen: Intelligence) -> None:
    workflow = Workflow(seen.knowledge)
    workflow.queue(now_us())
    with pytest.raises(ForbiddenError):
        workflow.decide(key(STRONG), Step.APPROVE, Account("v", AccountRole.VIEWER, Tlp.RED))
    with pytest.raises(NotFoundError):
        workflow.decide(key(AMBER), Step.APPROVE, Account("g", AccountRole.ANALYST, Tlp.GREEN))
    policies.save(seen.knowledge, {"approver": "publisher"}, by="admin")
    with pytest.raises(ForbiddenError):
        workflow.decide(key(STRONG), Step.APPROVE, HANAKO)


def test_four_eyes_need_another_account(seen: Intelligence) -> None:
    policies.save(seen.knowledge, {"four_eyes": True}, by="admin")
    approve(seen, STRONG)
    assert values(seen, Audience(Tlp.GREEN)) == []
    workflow = Workflow(seen.knowledge)
    with pytest.raises(ForbiddenError):
        workflow.decide(key(STRONG), Step.APPROVE, HANAKO)
    workflow.decide(key(STRONG), Step.APPROVE, TARO)
    assert values(seen, Audience(Tlp.GREEN)) == [STRONG]
    assert workflow.reviews.review(key(STRONG)).state is ReviewState.APPROVED


@pytest.mark.parametrize(
    "document",
    [
        {"rules": [{"name": "x", "evidence": 1}]},
        {"rules": [{"name": "", "min_score": 90}]},
        {"rules": [{"name": "x", "min_score": 0}]},
        {"fourEyes": True},
        {"groups": [{"members": []}]},
        [],
    ],
)
def test_a_policy_that_does_not_fit_changes_nothing(fusion: Intelligence, document: object) -> None:
    with pytest.raises(UsageError):
        policies.save(fusion.knowledge, document, by="admin")
    assert policies.load(fusion.knowledge) == policies.Policy()

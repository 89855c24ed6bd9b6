"""States of an indicator's life, and which ones analysts are asked about."""

import msgspec
import pytest

from kaname.intelligence.score import derived, shipped
from kaname.intelligence.score.states import state_at, step
from kaname.intelligence.score.uncertain import answered, ask, nearest
from kaname.intelligence.score.verdicts import Opinion
from kaname.knowledge import Knowledge
from kaname.knowledge.review_records import ReviewQuery, ReviewState
from kaname.knowledge.reviews import Reviews
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import State

from .cases import HOST, NOON, basis, download, finding, item, tie, verdict


def made(*items, **more):
    ordered = sorted(items, key=lambda one: (-one.at, one.id, one.role))
    return derived(HOST, ordered, basis(**more), shipped(), NOON)


def said(*states):
    indicator = made(download(1))
    return [
        step(indicator, state, source="kaname", at=NOON + place, tlp=Tlp.GREEN)
        for place, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("steps", "at", "state"),
    [
        ([], 0, State.DISCOVERED),
        ([State.SHARED], 0, State.SHARED),
        ([State.DETECTED, State.SHARED], 1, State.DETECTED),  # late word changes nothing
        ([State.SHARED, State.DEPLOYED], 0, State.SHARED),
        ([State.SHARED, State.REACTED], 300 * DAY, State.ENDED),
    ],
)
def test_the_furthest_step_until_then_counts(steps, at, state):
    assert state_at(made(download(1)), NOON + at, said(*steps)) is state


def test_what_was_taken_back_has_ended():
    gone = msgspec.structs.replace(made(download(1)), revoked=True)
    assert state_at(gone, NOON) is State.ENDED


def test_what_was_looked_at_is_assessed():
    assert state_at(made(finding(1)), NOON) is State.ASSESSED


def test_the_nearest_to_the_threshold_are_asked_about(tmp_path):
    """54 = sigmoid(0.315 + 2 / 1.3 + 0.3 - 2); one far above, and one that was judged."""
    near = made(download(1), grades={"honeypot": "C"}, ties=(tie("actor", strength=0.3),))
    sure = made(*(download(n) for n in range(9)), ties=(tie(),))
    judged = made(download(1), verdict(2, "unsure"))
    assert near.score(NOON) == 54
    assert nearest([sure, judged, near], NOON) == [near]
    knowledge = Knowledge.open(f"sqlite:///{tmp_path / 'k.sqlite'}")
    assert ask(knowledge, [sure, judged, near], NOON) == 1
    assert ask(knowledge, [near], NOON) == 1  # again: the same question
    (review,) = knowledge.part(Reviews).reviews(ReviewQuery(kind="verdict")).items
    assert (review.subject, review.values["threshold"]) == (near.id, 50)
    answered(knowledge, near.id, Opinion.BENIGN, by="hanako")
    (review,) = knowledge.part(Reviews).reviews(ReviewQuery(kind="verdict")).items
    assert review.state is ReviewState.REJECTED
    answered(knowledge, near.id, Opinion.MALICIOUS, by="hanako")  # decided: it stays
    answered(knowledge, "indicator-0", Opinion.BENIGN, by="hanako")  # nobody had asked
    assert nearest([near, made(item(3), download(1))], NOON, most=1) == [near]

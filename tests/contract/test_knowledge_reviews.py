from __future__ import annotations

import threading
from typing import Any

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.assertions import Assertions
from kaname.knowledge.review_records import Review, ReviewQuery, ReviewState, Step, review_id
from kaname.knowledge.reviews import Reviews
from kaname.model.errors import ConflictError, ForbiddenError, NotFoundError, UsageError
from kaname.model.marking import Tlp


@pytest.fixture
def reviews(knowledge: Knowledge) -> Reviews:
    return knowledge.part(Reviews)


def question(number: int = 1, **changes: Any) -> Review:
    subject = f"ip:203.0.113.{number}"
    values = {
        "id": review_id("publish", subject),
        "kind": "publish",
        "subject": subject,
        "title": f"203.0.113.{number}",
        "created": 1_000 + number,
        "tlp": Tlp.GREEN,
        "reason": "intelligence.review.new",
        "values": {"score": 71.5, "語": "日本"},
        "by": "asker",
    }
    return Review(**values | changes)


def test_a_question_goes_its_way_and_every_step_is_kept(
    knowledge: Knowledge, reviews: Reviews
) -> None:
    asked = reviews.ask(question(state=ReviewState.DRAFT))
    for step, state in (
        (Step.SUBMIT, "review"),
        (Step.APPROVE, "approved"),
        (Step.PUBLISH, "published"),
        (Step.WITHDRAW, "withdrawn"),
    ):
        moved = reviews.step(asked.id, step, by="hanako", note="確認済み", at=5_000)
        assert moved.state == state
        assert reviews.review(asked.id) == moved
    assert [d.step for d in moved.decisions] == ["submit", "approve", "publish", "withdraw"]
    assert {(d.by, d.note, d.at) for d in moved.decisions} == {("hanako", "確認済み", 5_000)}
    assert moved.values == {"score": 71.5, "語": "日本"}
    said = knowledge.part(Assertions).about("ip:203.0.113.1")
    assert [one.predicate for one in said] == [
        "review.submit",
        "review.approve",
        "review.publish",
        "review.withdraw",
    ]
    assert {(one.source, one.note, one.tlp) for one in said} == {("hanako", "確認済み", "green")}


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (ReviewState.DRAFT, Step.APPROVE),
        (ReviewState.REVIEW, Step.PUBLISH),
        (ReviewState.REJECTED, Step.PUBLISH),
        (ReviewState.REJECTED, Step.APPROVE),
        (ReviewState.WITHDRAWN, Step.PUBLISH),
        (ReviewState.PUBLISHED, Step.APPROVE),
    ],
)
def test_no_step_is_skipped(reviews: Reviews, state: ReviewState, step: Step) -> None:
    asked = reviews.ask(question(state=state))
    with pytest.raises(ConflictError):
        reviews.step(asked.id, step, by="hanako")
    assert reviews.review(asked.id) == asked


def test_four_eyes_need_two_accounts_and_not_the_asker(reviews: Reviews) -> None:
    asked = reviews.ask(question())
    with pytest.raises(ForbiddenError):
        reviews.step(asked.id, Step.APPROVE, by="asker", needed=2)
    assert reviews.step(asked.id, Step.APPROVE, by="hanako", needed=2).state == "review"
    with pytest.raises(ForbiddenError):
        reviews.step(asked.id, Step.APPROVE, by="hanako", needed=2)
    assert reviews.step(asked.id, Step.APPROVE, by="taro", needed=2).state == "approved"


def test_approvals_of_an_earlier_round_do_not_count(reviews: Reviews) -> None:
    asked = reviews.ask(question())
    reviews.step(asked.id, Step.APPROVE, by="hanako", needed=2)
    reviews.step(asked.id, Step.REJECT, by="taro")
    reviews.step(asked.id, Step.SUBMIT, by="asker")
    assert reviews.step(asked.id, Step.APPROVE, by="taro", needed=2).state == "review"


def test_asking_again_brings_up_to_date_but_undoes_no_decision(reviews: Reviews) -> None:
    first = reviews.ask(question())
    assert reviews.ask(question()) == first
    newer = reviews.ask(question(values={"score": 90.0}, created=9_000))
    assert (newer.created, newer.changed, newer.values) == (first.created, 9_000, {"score": 90.0})
    rejected = reviews.step(first.id, Step.REJECT, by="hanako", at=10_000)
    assert reviews.ask(question(values={"score": 99.0}, created=11_000)) == rejected
    again = reviews.ask(question(created=12_000, values={"score": 99.0}), again=True)
    assert again.state == "review"
    assert [d.step for d in again.decisions] == ["reject", "submit"]


def test_what_was_put_off_comes_after_the_others(reviews: Reviews) -> None:
    first, second = reviews.ask(question(1)), reviews.ask(question(2))
    assert [r.id for r in reviews.reviews().items] == [first.id, second.id]
    reviews.step(first.id, Step.LATER, by="hanako")
    assert [r.id for r in reviews.reviews().items] == [second.id, first.id]
    reviews.ask(question(1, created=9_000))
    assert [r.id for r in reviews.reviews().items] == [second.id, first.id]


def test_pages_hold_each_question_once_the_urgent_first(reviews: Reviews) -> None:
    for number in range(1, 8):
        reviews.ask(question(number, priority=number % 3, created=100 - number))
    expected = [5, 2, 7, 4, 1, 6, 3]  # by hand: priority 2, then 1, then 0; the oldest first
    query = ReviewQuery(limit=3)
    seen = []
    while True:
        page = reviews.reviews(query)
        assert page.total == 7
        seen += [int(r.title.rpartition(".")[2]) for r in page.items]
        if page.next_cursor is None:
            break
        query = ReviewQuery(limit=3, cursor=page.next_cursor)
    assert seen == expected
    assert [r.id for r in reviews.every_review()] == [
        review_id("publish", f"ip:203.0.113.{n}") for n in expected
    ]
    with pytest.raises(UsageError):
        reviews.reviews(ReviewQuery(cursor="x"))


def test_filters_and_markings_hold_in_the_count_too(reviews: Reviews) -> None:
    reviews.ask(question(1, tlp=Tlp.RED))
    reviews.ask(question(2, state=ReviewState.APPROVED))
    reviews.ask(question(3, kind="campaign", id="review-3"))
    everything = reviews.reviews()
    assert everything.total == 3
    green = reviews.reviews(ReviewQuery(clearance=Tlp.GREEN))
    assert (green.total, len(green.items)) == (2, 2)
    assert reviews.reviews(ReviewQuery(kind="campaign")).items[0].id == "review-3"
    assert reviews.reviews(ReviewQuery(state=ReviewState.APPROVED)).total == 1
    assert reviews.reviews(ReviewQuery(subject="ip:203.0.113.1")).total == 1
    with pytest.raises(NotFoundError):
        reviews.review(review_id("publish", "ip:203.0.113.1"), clearance=Tlp.AMBER)
    with pytest.raises(NotFoundError):
        reviews.step("review-x", Step.APPROVE, by="hanako")


def test_of_two_who_approve_at_once_one_learns_that_it_is_done(reviews: Reviews) -> None:
    asked = reviews.ask(question())
    results: list[str] = []

    def approve(name: str) -> None:
        try:
            results.append(reviews.step(asked.id, Step.APPROVE, by=name).state)
        except ConflictError:
            results.append("conflict")

    threads = [threading.Thread(target=approve, args=(name,)) for name in ("hanako", "taro")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["approved", "conflict"]


def test_text_that_one_engine_refuses_is_kept_on_both(reviews: Reviews) -> None:
    asked = reviews.ask(question(subject="a\0b", title="a\0b", values={"x": "c\0"}))
    assert reviews.review(asked.id).title == "a\0b"
    assert reviews.reviews(ReviewQuery(subject="a\0b")).total == 1

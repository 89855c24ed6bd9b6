from __future__ import annotations

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.assertions import Assertion, Assertions, subject_of
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.marking import Tlp

BAD = subject_of("domain", "bad.example")


def verdict(
    source: str, value: str, at: int, *, subject: str = BAD, tlp: Tlp = Tlp.GREEN
) -> Assertion:
    return Assertion(
        source=source, subject=subject, predicate="verdict", value=value, at=at, tlp=tlp
    )


@pytest.fixture
def assertions(knowledge: Knowledge) -> Assertions:
    return knowledge.part(Assertions)


def test_the_last_word_of_each_source_stands(assertions: Assertions) -> None:
    said = [
        verdict("alice", "malicious", 1),
        verdict("bob", "benign", 2),
        verdict("alice", "unsure", 3),
    ]
    assertions.record(said)
    standing = assertions.standing("verdict")[BAD]
    assert [(one.source, one.value) for one in standing] == [("bob", "benign"), ("alice", "unsure")]
    assert assertions.about(BAD) == said  # and nothing that was said is lost


def test_what_is_said_twice_is_kept_once(assertions: Assertions) -> None:
    one = verdict("alice", "malicious", 1)
    assert assertions.record([one, one]) == [one]
    assert assertions.record([one]) == []
    assert len(assertions.about(BAD)) == 1


def test_what_is_marked_above_the_clearance_is_in_no_answer(assertions: Assertions) -> None:
    secret = verdict("alice", "malicious", 5, tlp=Tlp.AMBER)
    open_ = verdict("alice", "benign", 1)
    assertions.record([open_, secret])
    assert assertions.standing("verdict", clearance=Tlp.GREEN) == {BAD: [open_]}
    assert assertions.about(BAD, clearance=Tlp.GREEN) == [open_]
    page = assertions.assertions(clearance=Tlp.GREEN)
    assert (page.items, page.total) == ([open_], 1)
    with pytest.raises(NotFoundError):
        assertions.assertion(secret.id, clearance=Tlp.GREEN)
    assert assertions.assertion(secret.id) == secret


def test_pages_go_on_where_they_ended(assertions: Assertions) -> None:
    said = [verdict("alice", "malicious", n, subject=f"ip:192.0.2.{n}") for n in range(5)]
    assertions.record(said)
    first = assertions.assertions(limit=2)
    assertions.record([verdict("bob", "benign", 9)])
    second = assertions.assertions(limit=9, cursor=first.next_cursor)
    assert [one.at for one in first.items + second.items] == [4, 3, 2, 1, 0]
    with pytest.raises(UsageError):
        assertions.assertions(cursor="x")


def test_many_subjects_are_asked_for_at_once(assertions: Assertions) -> None:
    subjects = [subject_of("ip", f"198.51.{n // 256}.{n % 256}") for n in range(1200)]
    assertions.record([verdict("alice", "benign", 1, subject=one) for one in subjects])
    assert set(assertions.standing("verdict", subjects=subjects[:1100])) == set(subjects[:1100])


def test_a_value_keeps_its_shape_and_its_odd_characters(assertions: Assertions) -> None:
    value = {"because": ["url", "http://例.example/\0"], "idf": 3.25, "undone": False}
    one = Assertion(
        source="fusion", subject="campaign-1", predicate="merge", value=value, at=1, tlp=Tlp.RED
    )
    assertions.record([one])
    (kept,) = assertions.about("campaign-1", predicate="merge")
    assert kept.value["idf"] == 3.25
    assert kept.value["because"][1].startswith("http://例.example/")


def test_long_artifacts_have_short_subjects() -> None:
    long = "http://bad.example/" + "a" * 5000
    assert len(subject_of("url", long)) < 100
    assert subject_of("url", long) != subject_of("url", long + "b")

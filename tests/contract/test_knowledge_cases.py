from __future__ import annotations

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.cases import Cases
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.marking import Tlp


@pytest.fixture
def cases(knowledge: Knowledge) -> Cases:
    return knowledge.part(Cases)


def test_a_case_keeps_all_that_was_done_to_it(cases: Cases) -> None:
    made = cases.open_case("不審な通信", by="alice", tlp=Tlp.GREEN, at=1)
    cases.add_item(made.id, "ip", "203.0.113.9", note="C2", by="bob", at=2)
    cases.add_note(made.id, "端末を隔離した", by="alice", at=3)
    cases.set_case_state(made.id, "watching", by="alice", at=4)
    case = cases.case(made.id)
    assert (case.state, case.changed) == ("watching", 4)
    assert [(item.kind, item.value, item.note) for item in case.items] == [
        ("ip", "203.0.113.9", "C2")
    ]
    assert [note.text for note in case.notes] == ["端末を隔離した"]
    steps = [(step.what, step.by, step.at) for step in case.history]
    assert steps == [
        ("open", "alice", 1),
        ("item", "bob", 2),
        ("note", "alice", 3),
        ("state", "alice", 4),
    ]


def test_a_case_is_as_closed_as_what_was_put_into_it(cases: Cases) -> None:
    made = cases.open_case("a", by="alice", tlp=Tlp.GREEN)
    cases.add_item(made.id, "ip", "203.0.113.9", by="bob", tlp=Tlp.AMBER)
    with pytest.raises(NotFoundError):
        cases.case(made.id, clearance=Tlp.GREEN)
    assert cases.cases(clearance=Tlp.GREEN).total == 0
    assert cases.holding("ip", "203.0.113.9", clearance=Tlp.GREEN) == []
    assert [case.id for case in cases.holding("ip", "203.0.113.9")] == [made.id]
    with pytest.raises(NotFoundError):
        cases.add_note(made.id, "x", by="eve", clearance=Tlp.GREEN)


def test_pages_go_on_where_they_ended(cases: Cases) -> None:
    made = [cases.open_case(f"case {n}", by="alice", tlp=Tlp.CLEAR, at=n).id for n in range(5)]
    first = cases.cases(limit=2)
    second = cases.cases(limit=5, cursor=first.next_cursor)
    assert [case.id for case in first.items + second.items] == made[::-1]
    cases.set_case_state(made[0], "closed", by="alice", at=9)
    assert [case.id for case in cases.cases(state="closed").items] == made[:1]


@pytest.mark.parametrize("title", ["", "  ", "x" * 201])
def test_a_title_has_a_sensible_length(cases: Cases, title: str) -> None:
    with pytest.raises(UsageError):
        cases.open_case(title, by="alice", tlp=Tlp.CLEAR)

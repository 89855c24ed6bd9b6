from __future__ import annotations

import pytest

from kaname.bus.message import check_name, pattern
from kaname.model.errors import UsageError


@pytest.mark.parametrize(
    ("selector", "topic", "wanted"),
    [
        # The rules of subjects in the NATS documentation, "Subject-Based Messaging".
        ("time.*.east", "time.us.east", True),
        ("time.*.east", "time.eu.east", True),
        ("time.*.east", "time.new.york.east", False),
        ("time.us.*", "time.us", False),
        ("time.us.>", "time.us.east", True),
        ("time.us.>", "time.us.east.atlanta", True),
        ("time.us.>", "time.us", False),
        ("*", "time", True),
        ("*", "time.us", False),
        (">", "time.us.east", True),
        ("time", "timer", False),
        ("time.us", "timeXus", False),
    ],
)
def test_patterns_select_as_subjects_of_nats_do(selector: str, topic: str, wanted: bool) -> None:
    assert (pattern(selector).fullmatch(topic) is not None) is wanted


@pytest.mark.parametrize("name", ["", "a.b", "a b", "日本", "x" * 65, "*"])
def test_names_that_a_back_end_could_not_hold_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        check_name(name)

from __future__ import annotations

import pytest

from kaname.api.parameters import instant, one_of
from kaname.model.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        ("1583884800000000", 1583884800000000),  # microseconds
        ("1583884800", 1583884800000000),  # Unix seconds
        ("2020-03-11", 1583884800000000),
        ("2020-03-11T09:00:00+09:00", 1583884800000000),
    ],
)
def test_instants_in_every_accepted_spelling(text, expected):
    assert instant(text) == expected


def test_what_is_no_instant_is_refused():
    with pytest.raises(UsageError):
        instant("yesterday-ish")


@pytest.mark.parametrize("text", ["999999999999999999", "1950-01-01", "-1583884800000000"])
def test_instants_that_no_calendar_reaches_are_refused(text):
    with pytest.raises(UsageError) as caught:
        instant(text)
    assert caught.value.key == "api.error.instant"


def test_a_choice_names_what_there_is():
    assert one_of("sort", "a", ("a", "b")) == "a"
    with pytest.raises(UsageError) as caught:
        one_of("sort", "c", ("a", "b"))
    assert "a, b" in str(caught.value)

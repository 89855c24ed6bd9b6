"""TLP 2.0: the levels and their order are those of FIRST's standard."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.model.errors import UsageError
from kaname.model.marking import Tlp, join

# From "Traffic Light Protocol (TLP) 2.0", FIRST, August 2022: most to least restricted.
STANDARD = ["TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"]


def test_labels_and_order_are_the_standards():
    assert [level.label for level in sorted(Tlp, key=lambda t: -t.rank)] == STANDARD


@pytest.mark.parametrize(
    ("text", "level"),
    [("TLP:AMBER+STRICT", Tlp.AMBER_STRICT), ("amber_strict", Tlp.AMBER_STRICT),
     ("WHITE", Tlp.CLEAR), (" tlp:Green ", Tlp.GREEN)],
)  # fmt: skip
def test_usual_spellings_are_read(text, level):
    assert Tlp.parse(text) is level


def test_an_unknown_level_is_refused_by_name():
    with pytest.raises(UsageError, match="purple"):
        Tlp.parse("purple")


@given(st.lists(st.sampled_from(list(Tlp))))
def test_markings_meet_in_the_strictest(levels):
    met = join(levels)
    assert all(level.visible_to(met) for level in levels)
    assert met in levels or (not levels and met is Tlp.CLEAR)


def test_clearance_shows_what_is_at_or_below():
    for level, clearance in itertools.product(Tlp, Tlp):
        assert (level in clearance.at_or_below()) == level.visible_to(clearance)
    assert not Tlp.RED.visible_to(Tlp.AMBER_STRICT)

"""Records: the arithmetic of scores, by hand."""

from __future__ import annotations

import pytest

from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Contribution, Indicator, Role, Severity


def indicator(*contributions, half_life=DAY):
    return Indicator(
        id="indicator-1",
        artifact=Artifact(ArtifactKind.IP, "192.0.2.1", Role.ATTACKER),
        label="scan",
        contributions=contributions,
        half_life=half_life,
        valid_from=0,
        valid_until=10 * DAY,
        updated=0,
        tlp=Tlp.GREEN,
    )


@pytest.mark.parametrize(("at", "score"), [(0, 60.0), (DAY, 30.0), (2 * DAY, 15.0)])
def test_a_contribution_halves_every_half_life(at, score):
    assert indicator(Contribution("tool", 60.0, "f", 0)).score(at) == score


def test_a_score_is_the_sum_of_its_parts_each_aged_by_itself():
    parts = (Contribution("tool", 40.0, "f", 0), Contribution("volume", 20.0, "g", DAY))
    assert indicator(*parts).score(DAY) == 40.0  # 40/2 + 20


def test_a_score_never_exceeds_one_hundred():
    assert (
        indicator(Contribution("a", 90.0, "f", 0), Contribution("b", 90.0, "g", 0)).score(0) == 100
    )


def test_severities_are_ordered():
    assert [s.rank for s in Severity] == [0, 1, 2, 3, 4]

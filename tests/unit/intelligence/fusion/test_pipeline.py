"""A week through the whole fusion: absorbed, scored, and what would be published."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kaname.intelligence.connectors.ndjson import read
from kaname.intelligence.fusion.scenario import Scenario, copycat, scenario
from kaname.intelligence.records import Observation
from kaname.intelligence.service import Intelligence
from kaname.knowledge import IndicatorQuery, Knowledge
from kaname.model.records import ArtifactKind, Indicator

SCENARIO = Path("../shared/data/fusion/scenario")
Key = tuple[ArtifactKind, str]


def fused(folder: Path, observations: list[Observation]) -> dict[Key, Indicator]:
    """The standing indicators after ``observations`` and a look for campaigns."""
    with (
        Knowledge.open(f"sqlite:///{folder}/k.sqlite") as knowledge,
        Intelligence(folder, knowledge) as fusion,
    ):
        fusion.absorb(observations)
        fusion.propose_campaigns()
        return {
            (one.artifact.kind, one.artifact.value): one
            for one in knowledge.every_indicator(IndicatorQuery())
            if not one.revoked
        }


@pytest.fixture(scope="module")
def week() -> Scenario:
    return scenario(21, background=1200)


@pytest.fixture(scope="module")
def found(week: Scenario, tmp_path_factory: pytest.TempPathFactory) -> dict[Key, Indicator]:
    return fused(tmp_path_factory.mktemp("fused"), week.observations)


def test_nothing_that_everybody_meets_is_an_indicator(
    week: Scenario, found: dict[Key, Indicator]
) -> None:
    assert not {tuple(node) for node in week.never} & found.keys()


def test_what_attacks_is(week: Scenario, found: dict[Key, Indicator]) -> None:
    for campaign in week.campaigns:
        payloads = {tuple(n) for n in campaign if n.kind in (ArtifactKind.HASH, ArtifactKind.URL)}
        assert payloads <= found.keys()


def test_a_feed_that_copies_moves_no_score_by_more_than_a_tenth(
    week: Scenario, found: dict[Key, Indicator], tmp_path: Path
) -> None:
    copies = copycat(week.observations, "feed-A", "feed-C", seed=3).observations
    assert copies
    after = fused(tmp_path, [*week.observations, *copies])
    assert after.keys() == found.keys()
    for key, one in found.items():
        at = max(one.updated, after[key].updated)
        before, later = one.score(at), after[key].score(at)
        assert abs(later - before) <= max(1, 0.1 * before), key


def test_the_labelled_scenario_publishes_nothing_of_what_must_not_be(tmp_path: Path) -> None:
    observations = read(SCENARIO / "observations.jsonl.xz").observations
    truth = msgspec.json.decode((SCENARIO / "truth.json").read_bytes())
    values = {value for _, value in fused(tmp_path, observations)}
    assert values
    assert not values & set(truth["must_not_become_indicator"])

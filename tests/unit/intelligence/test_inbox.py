"""Commands and a running nexus share one store: what one leaves, the other takes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.service import Intelligence, deliver, withdraw
from kaname.knowledge import Knowledge
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

DOMAIN = "evil.example"


@pytest.fixture
def knowledge(tmp_path: Path):
    with Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as store:
        yield store


def listing(number: int) -> Observation:
    return Observation(
        id=f"obs-{number}",
        source="feed",
        kind="listing",
        at=1_000_000 * number,
        received=0,
        mentions=(Mention(ArtifactKind.DOMAIN, DOMAIN, "listed"),),
        tlp=Tlp.GREEN,
    )


def known(fusion: Intelligence) -> int:
    facts = fusion.store.known(ArtifactKind.DOMAIN, DOMAIN)
    return facts.observations if facts else 0


def test_without_a_nexus_it_is_taken_in_at_once(tmp_path: Path, knowledge: Knowledge) -> None:
    added = deliver(tmp_path, knowledge, [listing(1), listing(2)])
    assert added is not None
    assert added.new == 2
    assert withdraw(tmp_path, knowledge, ["obs-1"])
    with Intelligence(tmp_path, knowledge, read_only=True) as fusion:
        assert known(fusion) == 1


def test_a_nexus_takes_in_what_was_left_once(tmp_path: Path, knowledge: Knowledge) -> None:
    with Intelligence(tmp_path, knowledge) as nexus:
        assert deliver(tmp_path, knowledge, [listing(1), listing(2)]) is None
        assert not withdraw(tmp_path, knowledge, ["obs-1"])
        assert known(nexus) == 0
        assert nexus.take_inbox() == 3
        assert known(nexus) == 1
        assert nexus.take_inbox() == 0


def test_a_file_that_is_not_ours_does_not_stand_in_the_way(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    inbox = tmp_path / "intelligence" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "0.json").write_text("{", "utf-8")
    (inbox / "1.part").write_text("cut off by a cra", "utf-8")
    with Intelligence(tmp_path, knowledge) as nexus:
        deliver(tmp_path, knowledge, [listing(1)])
        assert nexus.take_inbox() == 1
        assert known(nexus) == 1
    assert (inbox / "0.damaged").exists()

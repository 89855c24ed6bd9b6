"""The way in: nothing that is durable stays without what follows from it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.service import Intelligence
from kaname.knowledge import IndicatorQuery, Knowledge
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

URL = "http://evil.example/a.bin"
DAY = 86_400_000_000
NOW = 1_790_000_000_000_000


@pytest.fixture
def knowledge(tmp_path: Path):
    with Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as store:
        yield store


def download(number: int) -> Observation:
    return Observation(
        id=f"obs-{number}",
        source=f"honeypot-{number % 3}",
        kind="download",
        at=NOW + number,
        received=0,
        mentions=(Mention(ArtifactKind.URL, URL, "payload"),),
        tlp=Tlp.GREEN,
    )


def evidence(knowledge: Knowledge) -> set[str]:
    """Every observation that the standing indicators name."""
    found = knowledge.indicators(IndicatorQuery()).items
    return {one for indicator in found for term in indicator.terms for one in term.evidence}


def test_a_process_that_ended_before_deriving_is_made_up_for(
    tmp_path: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with Intelligence(tmp_path, knowledge) as fusion:
        monkeypatch.setattr(fusion, "derive_again", killed)
        with pytest.raises(KeyboardInterrupt):
            fusion.absorb([download(1)])
    assert evidence(knowledge) == set()
    with Intelligence(tmp_path, knowledge) as fusion:
        assert evidence(knowledge) == {"obs-1"}
        assert fusion.absorb([download(1)]).new == 0
    assert not (tmp_path / "intelligence" / "behind").exists()


def test_what_failed_is_made_up_for_by_the_next(
    tmp_path: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OSError("the disk is away")

    with Intelligence(tmp_path, knowledge) as fusion:
        with monkeypatch.context() as patch:
            patch.setattr(fusion, "derive_again", failing)
            with pytest.raises(OSError, match="away"):
                fusion.absorb([download(1)])
        fusion.absorb([download(1), download(2)])
    assert evidence(knowledge) == {"obs-1", "obs-2"}


def test_what_several_threads_bring_is_all_in_the_indicator(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    with Intelligence(tmp_path, knowledge) as fusion:
        threads = [
            threading.Thread(target=fusion.absorb, args=([download(number)],))
            for number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert evidence(knowledge) == {f"obs-{number}" for number in range(8)}


def test_lists_that_were_loaded_again_serve_campaigns_too(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    with Intelligence(tmp_path, knowledge) as fusion:
        asked = fusion.campaigns
        (lists / "own.txt").write_text("cdn.shared.com\n", "utf-8")
        assert fusion.library.refresh()
        ((match,),) = asked._lists.match_many([ArtifactKind.DOMAIN], ["cdn.shared.com"])
        assert match.list


def test_other_weights_have_everything_derived_anew(tmp_path: Path, knowledge: Knowledge) -> None:
    from kaname.intelligence.score.weights import shipped_bytes

    model = tmp_path / "models" / "score.json"
    model.parent.mkdir()
    model.write_bytes(shipped_bytes("score-1"))
    with Intelligence(tmp_path, knowledge) as fusion:
        fusion.absorb([download(1)])
    assert {one.model for one in knowledge.indicators(IndicatorQuery()).items} == {"score-1"}
    model.unlink()
    with Intelligence(tmp_path, knowledge, read_only=True) as fusion:
        (old,) = knowledge.indicators(IndicatorQuery()).items
        assert fusion.explanation(old, NOW, clearance=Tlp.RED) is None
    with Intelligence(tmp_path, knowledge):
        pass
    assert {one.model for one in knowledge.indicators(IndicatorQuery()).items} == {"score-2"}

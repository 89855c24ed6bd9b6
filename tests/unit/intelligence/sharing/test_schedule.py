from __future__ import annotations

from tests.unit.intelligence.sharing.conftest import strong

from kaname.intelligence.service import Intelligence
from kaname.intelligence.sharing import policy as policies
from kaname.intelligence.sharing.schedule import share
from kaname.model.instant import now_us
from kaname.model.marking import Tlp


class Bus:
    """Remembers what was published."""

    def __init__(self) -> None:
        self.said: list[tuple[str, object]] = []

    def publish(self, topic: str, body: object) -> None:
        self.said.append((topic, body))


def test_questions_are_told_by_marking_and_nothing_leaves_undecided(fusion: Intelligence) -> None:
    fusion.absorb(strong("45.33.32.1") + strong("45.33.32.2", tlp=Tlp.RED))
    fusion.bus = bus = Bus()
    assert share(fusion, now_us()) == 2
    assert bus.said == [
        ("review.new", {"kind": "publish", "count": 1, "tlp": "green"}),
        ("review.new", {"kind": "publish", "count": 1, "tlp": "red"}),
    ]
    assert share(fusion, now_us()) == 0
    assert len(bus.said) == 2
    assert not (fusion.folder / "misp-feed").exists()


def test_a_rule_keeps_the_feed_up_to_date(fusion: Intelligence) -> None:
    policies.save(fusion.knowledge, {"rules": [{"name": "r", "min_score": 70}]}, by="admin")
    fusion.absorb(strong("45.33.32.1"))
    share(fusion, now_us())
    manifest = fusion.folder / "misp-feed" / "green" / "manifest.json"
    assert len(manifest.read_bytes()) > 2
    policies.save(fusion.knowledge, {}, by="admin")
    share(fusion, now_us())
    assert manifest.read_bytes() == b"{}"

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.intelligence.misp.samples import UUID, attribute, encoded, event
from tests.unit.intelligence.sharing.conftest import observe, strong

from kaname.intelligence.misp.observations import Origin
from kaname.intelligence.misp.taking import take
from kaname.intelligence.score.bundle import verify
from kaname.intelligence.service import Intelligence
from kaname.intelligence.sharing import policy as policies
from kaname.intelligence.sharing.audience import Audience
from kaname.intelligence.sharing.publishing import COLLECTION, publish, push
from kaname.intelligence.sharing.workflow import KIND, Workflow
from kaname.knowledge import Account, AccountRole
from kaname.knowledge.misp_events import MispEvents
from kaname.knowledge.review_records import ReviewState, Step, review_id
from kaname.knowledge.stix_objects import StixObjects
from kaname.model.instant import DAY, SECOND, now_us
from kaname.model.marking import Tlp
from kaname.model.records import Pap

RULE = {"rules": [{"name": "several", "min_score": 70}]}
AT = now_us() - now_us() % SECOND


def indicators(fusion: Intelligence, level: Tlp) -> list[dict[str, object]]:
    store = fusion.knowledge.part(StixObjects)
    own = store.audience(store.collection(COLLECTION), level)
    things = (json.loads(one.body) for one in store.every(own))
    return [thing for thing in things if thing["type"] == "indicator"]


def test_each_clearance_gets_its_own_rows_and_feed(fusion: Intelligence, tmp_path: Path) -> None:
    policies.save(fusion.knowledge, {"rules": [{**RULE["rules"][0], "max_tlp": "red"}]}, by="a")
    fusion.absorb(strong("45.33.32.1") + strong("45.33.32.2", tlp=Tlp.AMBER))
    counts = publish(fusion, tmp_path, AT, by="kaname")
    assert counts == {
        "clear": 0, "green": 1, "amber": 2, "amber+strict": 2, "red": 2, "first": 0,
    }  # fmt: skip
    assert [one["pattern"] for one in indicators(fusion, Tlp.GREEN)] == [
        "[ipv4-addr:value = '45.33.32.1']"
    ]
    assert len(indicators(fusion, Tlp.AMBER)) == 2
    (name,) = json.loads((tmp_path / "green" / "manifest.json").read_bytes())
    shared = json.loads((tmp_path / "green" / f"{name}.json").read_bytes())["Event"]["Attribute"]
    assert [one["value"] for one in shared] == ["45.33.32.1"]
    assert json.loads((tmp_path / "clear" / "manifest.json").read_bytes()) == {}


def test_publishing_twice_adds_nothing_and_withdrawing_revokes(
    fusion: Intelligence, tmp_path: Path
) -> None:
    fusion.absorb(strong("45.33.32.1"))
    workflow = Workflow(fusion.knowledge)
    workflow.queue(AT)
    hanako = Account("hanako", AccountRole.ANALYST, Tlp.RED)
    key = review_id(KIND, "ip:45.33.32.1")
    workflow.decide(key, Step.APPROVE, hanako)
    assert publish(fusion, tmp_path, AT, by="kaname")["first"] == 1
    assert workflow.reviews.review(key).state is ReviewState.PUBLISHED
    assert publish(fusion, tmp_path, AT, by="kaname")["first"] == 0
    assert [one["revoked"] for one in indicators(fusion, Tlp.GREEN)] == [False]
    workflow.decide(key, Step.WITHDRAW, hanako)
    publish(fusion, tmp_path, AT + DAY, by="kaname")
    publish(fusion, tmp_path, AT + DAY, by="kaname")
    first, last = indicators(fusion, Tlp.GREEN)
    assert (last["id"], last["revoked"]) == (first["id"], True)
    assert str(last["modified"]) > str(first["modified"])


def test_what_is_above_the_marking_changes_no_byte(fusion: Intelligence, tmp_path: Path) -> None:
    policies.save(fusion.knowledge, RULE, by="admin")
    fusion.absorb([*strong("45.33.32.1"), observe("45.33.32.2")])

    def written(name: str) -> dict[str, bytes]:
        for form in ("stix", "misp", "jsonl", "csv", "suricata", "rpz", "edl-ip", "zeek"):
            push(fusion, Audience(Tlp.GREEN), form, tmp_path / name, AT)
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    before = written("before")
    fusion.absorb(
        strong("45.33.32.1", tlp=Tlp.RED, behaviours=("c2",))
        + strong("45.33.32.2", tlp=Tlp.AMBER)
        + strong("45.33.32.3", tlp=Tlp.AMBER_STRICT)
        + strong("45.33.32.2", groups=("isac",))
    )
    assert written("after") == before
    assert sum(b"45.33.32.1" in data or b"1.32.33.45" in data for data in before.values()) == 8


def test_what_leaves_verifies_from_the_bundle_alone(fusion: Intelligence, tmp_path: Path) -> None:
    policies.save(fusion.knowledge, RULE, by="admin")
    fusion.absorb(
        strong("45.33.32.1")
        + strong("45.33.32.1", tlp=Tlp.RED, behaviours=("c2",))
        + strong("45.33.32.2", groups=("isac",))
    )
    isac = Audience(Tlp.GREEN, frozenset({"isac"}))
    for name, audience, count in (("a", Audience(Tlp.GREEN), 1), ("b", isac, 2)):
        push(fusion, audience, "stix", tmp_path / name, AT)
        verdicts = verify((tmp_path / name / "kaname-stix.json").read_bytes())
        assert [one.outcome for one in verdicts] == ["holds"] * count


def test_rules_hold_nothing_that_pap_forbids_to_act_on(
    fusion: Intelligence, tmp_path: Path
) -> None:
    policies.save(fusion.knowledge, RULE, by="admin")
    fusion.absorb(strong("45.33.32.1") + strong("45.33.32.2", pap=Pap.RED))
    assert push(fusion, Audience(Tlp.GREEN), "edl-ip", tmp_path, AT) == 1
    assert (tmp_path / "kaname-edl-ip.txt").read_text() == "45.33.32.1\n"
    assert push(fusion, Audience(Tlp.GREEN), "csv", tmp_path, AT) == 2


def test_suricata_gets_its_lists_beside_the_rules(fusion: Intelligence, tmp_path: Path) -> None:
    push(fusion, Audience(Tlp.GREEN), "suricata", tmp_path, AT)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) >= [
        "kaname-md5.list",
        "kaname-sha1.list",
        "kaname-sha256.list",
        "kaname-suricata.rules",
    ]


def test_events_of_others_go_on_whole_or_not_at_all(fusion: Intelligence, tmp_path: Path) -> None:
    events = fusion.knowledge.part(MispEvents)
    hidden = attribute(1, "domain", "hidden.example", Tag=[{"name": "tlp:red"}])
    take(encoded(event(hidden)), events, Origin("misp.cert", Tlp.GREEN, AT))
    other = "66666666-6666-4666-8666-666666666666"
    own = event(attribute(2, "domain", "own.example"), uuid=other, distribution="0")
    take(encoded(own), events, Origin("misp.cert", Tlp.GREEN, AT))
    publish(fusion, tmp_path, AT, by="kaname")
    assert not (tmp_path / "green" / f"{UUID}.json").exists()
    assert not (tmp_path / "red" / f"{other}.json").exists()
    assert b"hidden.example" in (tmp_path / "red" / f"{UUID}.json").read_bytes()

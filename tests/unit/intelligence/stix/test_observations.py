"""What STIX objects say: hand-made objects, and the samples as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.intelligence.stix.samples import DATA, HERE, NEEDED, fresh_store

from kaname.intelligence.records import Observation
from kaname.intelligence.stix.ids import observable_id
from kaname.intelligence.stix.intake import intake
from kaname.intelligence.stix.observations import Understood, observations
from kaname.intelligence.stix.times import instant
from kaname.knowledge.stix_objects import StixObjects
from kaname.model.instant import DAY
from kaname.model.marking import Tlp

NOW = instant("2025-06-01T00:00:00Z") or 0
WHO = "identity--00000000-0000-4000-8000-000000000001"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StixObjects]:
    yield from fresh_store(tmp_path)


def sdo(kind: str, number: int = 1, **more: Any) -> dict[str, Any]:
    times = {"created": "2025-01-01T00:00:00.000Z", "modified": "2025-01-01T00:00:00.000Z"}
    key = f"{kind}--00000000-0000-4000-8000-{number:012}"
    return {"type": kind, "spec_version": "2.1", "id": key} | times | more


def sco(kind: str, **properties: Any) -> dict[str, Any]:
    thing = {"type": kind, "spec_version": "2.1", **properties}
    return thing | {"id": observable_id(thing)}


def indicator(number: int = 1, **more: Any) -> dict[str, Any]:
    said = {"pattern": "[ipv4-addr:value = '198.51.100.7']", "pattern_type": "stix"}
    return sdo("indicator", number, **said | {"valid_from": "2025-02-01T00:00:00Z"} | more)


def told(store: StixObjects, *things: dict[str, Any]) -> Understood:
    result = intake(json.dumps({"objects": things}).encode(), store, HERE)
    assert not result.refusals, result.refusals
    return observations(result.fresh, store, HERE, now=NOW)


def said(observation: Observation) -> tuple[str, list[tuple[str, str, str]]]:
    return observation.kind, [(m.kind.value, m.value, m.role) for m in observation.mentions]


def test_an_indicator_lists_its_artifacts(store: StixObjects) -> None:
    creator = sdo("identity", name="Feed A")
    listed = indicator(created_by_ref=WHO, confidence=40, labels=["C2"])
    (one,) = told(store, creator, listed).observations
    assert said(one) == ("listing", [("ip", "198.51.100.7", "listed")])
    assert (one.source, one.weight, one.behaviours) == ("Feed A", 0.4, ("c2",))
    assert one.at == instant("2025-02-01T00:00:00Z")
    assert one.tlp is Tlp.AMBER  # what the collection says of unmarked objects


def test_the_collection_speaks_where_nobody_is_named(store: StixObjects) -> None:
    (one,) = told(store, indicator(created_by_ref=WHO)).observations  # it has not come
    assert one.source == "Here"


def test_a_future_instant_is_not_believed(store: StixObjects) -> None:
    (one,) = told(store, indicator(valid_from="2099-01-01T00:00:00Z")).observations
    assert one.at <= NOW + DAY


def test_a_harmless_indicator_accuses_nobody(store: StixObjects) -> None:
    (one,) = told(store, indicator(indicator_types=["benign"])).observations
    assert said(one)[1] == [("ip", "198.51.100.7", "benign")]


def test_traffic_has_two_ends(store: StixObjects) -> None:
    source, target = (sco("ipv4-addr", value=f"198.51.100.{n}") for n in (1, 2))
    traffic = sco("network-traffic", protocols=["tcp"], src_ref=source["id"], dst_ref=target["id"])
    times = {"first_observed": "2025-01-01T00:00:00Z", "last_observed": "2025-01-03T00:00:00Z"}
    refs = [traffic["id"], source["id"], target["id"]]
    data = sdo("observed-data", number_observed=5, object_refs=refs, **times)
    (one,) = told(store, data, source, target, traffic).observations
    kind, mentions = said(one)
    assert kind == "sighting"
    assert sorted(mentions) == [("ip", "198.51.100.1", "src"), ("ip", "198.51.100.2", "dst")]
    assert one.at == instant("2025-01-03T00:00:00Z")


def test_a_sighting_reaches_what_came_before(store: StixObjects) -> None:
    told(store, indicator(), sdo("identity", name="Member"))
    sighting = sdo("sighting", sighting_of_ref=indicator()["id"], where_sighted_refs=[WHO])
    (one,) = told(store, sighting | {"last_seen": "2025-03-01T00:00:00Z"}).observations
    assert said(one) == ("sighting", [("ip", "198.51.100.7", "subject")])
    assert one.org == "Member"


def test_a_dangling_reference_says_nothing_yet(store: StixObjects) -> None:
    assert told(store, sdo("sighting", sighting_of_ref=indicator()["id"])).observations == []


def test_a_name_resolves_to_an_address(store: StixObjects) -> None:
    name, address = sco("domain-name", value="a.example"), sco("ipv4-addr", value="192.0.2.1")
    ends = {"source_ref": name["id"], "target_ref": address["id"]}
    (one,) = told(
        store, name, address, sdo("relationship", relationship_type="resolves-to", **ends)
    ).observations
    assert said(one) == (
        "resolution",
        [("domain", "a.example", "query"), ("ip", "192.0.2.1", "answer")],
    )


def test_a_change_takes_back_what_was_said(store: StixObjects) -> None:
    before = told(store, indicator()).observations[0]
    changed = indicator(
        modified="2025-03-01T00:00:00Z", pattern="[url:value = 'http://a.example/']"
    )
    after = told(store, changed)
    assert after.retracted == [before.id]
    assert after.observations[0].id != before.id
    revoked = told(store, indicator(modified="2025-04-01T00:00:00Z", revoked=True))
    assert revoked.observations == []
    assert set(revoked.retracted) >= {before.id, after.observations[0].id}


def test_an_unreadable_pattern_is_kept_and_says_nothing(store: StixObjects) -> None:
    result = told(
        store,
        indicator(pattern="[", pattern_type="stix"),
        indicator(2, pattern="alert", pattern_type="snort"),
    )
    assert result.observations == []
    assert len(list(store.every("here"))) == 2


def test_entities_have_names_by_authority(store: StixObjects) -> None:
    actor = sdo("intrusion-set", name="APT0", aliases=["Zero"], created_by_ref=WHO)
    actor["external_references"] = [{"source_name": "mitre-attack", "external_id": "G9999"}]
    (one,) = told(store, actor, sdo("identity", name="MITRE")).entities
    assert (one.type, one.name, one.authority, one.external) == ("actor", "APT0", "MITRE", "G9999")
    assert [(name.name, name.authority) for name in one.names] == [
        ("APT0", "MITRE"),
        ("Zero", "MITRE"),
    ]


@NEEDED
def test_the_sample_report_as_a_whole(store: StixObjects) -> None:
    path = DATA / "stix21_oasis_examples" / "threat-reports_apt1.json"
    document = json.loads(path.read_bytes())
    found = told(store, *document["objects"])
    values = {m.value for one in found.observations for m in one.mentions}
    # every domain that an indicator of the report names
    wanted = {
        one["pattern"].split("'")[1].lower()
        for one in document["objects"]
        if one["type"] == "indicator"
        and one["pattern"].startswith("[domain-name:value = ")
        and " OR " not in one["pattern"]
    }
    assert wanted
    assert wanted <= values
    names = {one.name for one in found.entities if one.type == "actor"}
    assert "Ugly Gorilla" in names

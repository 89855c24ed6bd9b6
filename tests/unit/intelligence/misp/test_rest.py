"""PyMISP, unmodified, against the server."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymisp import MISPAttribute, MISPEvent, MISPSighting, PyMISP
from pymisp.exceptions import PyMISPError
from tests.unit.intelligence.misp.samples import FILES, UUID, attribute, event, events_in, sample
from tests.unit.intelligence.misp.serving import Served, served

from kaname.intelligence.misp.observations import Origin
from kaname.intelligence.misp.taking import take
from kaname.intelligence.sharing import policy as policies
from kaname.knowledge.misp_events import MispEvents
from kaname.model.marking import Tlp

ORIGIN = Origin("misp.test", Tlp.GREEN, 1_800_000_000_000_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    with served(tmp_path_factory.mktemp("misp")) as running:
        events = running.knowledge.part(MispEvents)
        for path in FILES:
            take(sample(path), events, ORIGIN)
        hidden = attribute(7, "domain", "hidden.example", Tag=[{"name": "tlp:red"}])
        seen = attribute(8, "domain", "seen.example")
        take(json.dumps(event(hidden, seen)).encode(), events, ORIGIN)
        yield running


@pytest.fixture(scope="module")
def misp(server: Served) -> PyMISP:
    return PyMISP(server.url, server.token())


def attribute_set(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """All that an event says in attributes, as text that compares."""
    inner = [one for thing in found.get("Object", []) for one in thing["Attribute"]]
    return sorted(json.dumps(one, sort_keys=True) for one in [*found["Attribute"], *inner])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:24])
def test_every_sample_comes_out_with_the_same_attributes(misp: PyMISP, path: Path) -> None:
    for original in events_in(json.loads(sample(path))):
        answer = misp.get_event(original["uuid"])["Event"]
        assert attribute_set(answer) == attribute_set(original)
        changed = {name for name in original if answer.get(name) != original[name]}
        assert changed <= {"id"}  # the number that the event has here
        assert set(answer) == set(original)


def test_pymisp_signs_in_and_learns_versions(misp: PyMISP, server: Served) -> None:
    assert misp.recommended_pymisp_version["version"].count(".") == 2
    assert misp.misp_instance_version["version"] == "2.5.34"
    assert misp.get_user(pythonify=True).email == "analyst-red"
    with pytest.raises(PyMISPError):
        PyMISP(server.url, "wrong")
    assert PyMISP(f"{server.url}misp/", server.token()).misp_instance_version["version"]


def test_events_are_listed_and_found(misp: PyMISP) -> None:
    assert len(misp.events(pythonify=True)) == 34
    assert misp.event_exists(UUID)
    assert not misp.event_exists("99999999-9999-4999-8999-999999999999")
    (found,) = misp.search(value="seen.example", pythonify=True)
    assert found.uuid == UUID
    assert misp.search(value="seen.exam%", pythonify=True)[0].uuid == UUID
    assert misp.search(eventinfo="標的型%", pythonify=True)[0].uuid == UUID
    assert len(misp.search(tags=["SSHDoor"], pythonify=True)) == 21
    assert len(misp.search(tags=["SSHDoor"], limit=5, page=5, pythonify=True)) == 1
    assert misp.search(uuid=UUID, pythonify=True)[0].info == "標的型攻撃"
    assert misp.search(value="nowhere.example", pythonify=True) == []


def test_attributes_are_found_with_their_event(misp: PyMISP) -> None:
    (found,) = misp.search("attributes", value="seen.example", pythonify=True)
    assert (found.type, found.Event.uuid) == ("domain", UUID)
    # By hand from the file: `grep -c` of the type in the export of Machete.
    machete = next(path for path in FILES if path.name.startswith("machete"))
    (original,) = events_in(json.loads(sample(machete)))
    md5s = [one["value"] for one in original["Attribute"] if one["type"] == "md5"]
    found = misp.search("attributes", uuid=original["uuid"], type_attribute="md5", pythonify=True)
    assert sorted(one.value for one in found) == sorted(md5s)
    flagged = misp.search("attributes", uuid=UUID, to_ids=0, pythonify=True)
    assert flagged == []


def test_nothing_above_the_clearance_is_given_or_found(server: Served) -> None:
    green = PyMISP(server.url, server.token("viewer", Tlp.GREEN))
    shown = green.get_event(UUID, pythonify=True)
    assert [one.value for one in shown.attributes] == ["seen.example"]
    assert green.search(value="hidden.example", pythonify=True) == []
    assert green.search("attributes", value="hidden.example", pythonify=True) == []
    assert "tlp:red" not in [tag["name"] for tag in green.tags()]
    clear = PyMISP(server.url, server.token("viewer", Tlp.CLEAR))
    assert clear.get_event(UUID)["errors"][0] == 404
    assert not clear.event_exists(UUID)
    hiding = PyMISP(server.url, server.token("analyst", Tlp.GREEN))
    assert (
        hiding.add_attribute(UUID, {"type": "ip-src", "value": "198.51.100.9"})["errors"][0] == 403
    )


def test_what_is_limited_to_a_group_is_the_groups(server: Served) -> None:
    key = "55555555-5555-4555-8555-555555555555"
    limited = event(
        attribute(9, "domain", "group.example"),
        uuid=key,
        distribution="4",
        SharingGroup={"name": "isac"},
    )
    take(json.dumps(limited).encode(), server.knowledge.part(MispEvents), ORIGIN)
    outside = PyMISP(server.url, server.token("viewer", Tlp.GREEN))
    assert outside.get_event(key)["errors"][0] == 404
    assert outside.search(value="group.example", pythonify=True) == []
    members = {"groups": [{"name": "isac", "members": ["viewer-green"]}]}
    policies.save(server.knowledge, members, by="admin")
    assert outside.search(value="group.example", pythonify=True)[0].uuid == key
    assert outside.get_event(key)["Event"]["uuid"] == key


def test_an_event_is_added_changed_and_extended(misp: PyMISP, server: Served) -> None:
    made = MISPEvent()
    made.info = "フィッシング"
    made.add_tag("tlp:amber")
    made.add_attribute("url", "http://evil.example/login", comment="phishing page")
    added = misp.add_event(made, pythonify=True)
    assert added.info == "フィッシング"
    assert added.attributes[0].value == "http://evil.example/login"
    (seen,) = [o for o in server.fusion.absorbed if o.body.get("event") == made.uuid]
    assert (seen.mentions[0].value, seen.tlp, seen.behaviours) == (
        "http://evil.example/login",
        Tlp.AMBER,
        ("phishing",),
    )
    again = misp.get_event(added.id, pythonify=True)
    assert again.uuid == made.uuid
    new = misp.add_attribute(again, {"type": "ip-dst", "value": "198.51.100.9"}, pythonify=True)
    assert isinstance(new, MISPAttribute)
    assert new.value == "198.51.100.9"
    again.info = "フィッシング 2"
    updated = misp.update_event(again, pythonify=True)
    assert updated.info == "フィッシング 2"
    assert [one.value for one in updated.attributes] == [
        "http://evil.example/login",
        "198.51.100.9",
    ]
    assert misp.add_event(made)["errors"][0] == 400
    double = misp.add_attribute(again, {"type": "ip-dst", "value": "198.51.100.9"})
    assert double["errors"][0] == 400


def test_a_sighting_becomes_an_observation(misp: PyMISP, server: Served) -> None:
    sighting = MISPSighting()
    sighting.from_dict(value="seen.example", type="0", source="proxy", timestamp=1700000000)
    answer = misp.add_sighting(sighting, pythonify=True)
    assert answer.source == "proxy"
    seen = server.fusion.absorbed[-1]
    assert (seen.kind, seen.at, seen.mentions[0].role) == (
        "sighting",
        1_700_000_000_000_000,
        "subject",
    )
    of_attribute = misp.add_sighting(
        {"type": "1"}, attribute="22222222-2222-4222-8222-000000000008", pythonify=True
    )
    assert of_attribute.type == "1"
    assert server.fusion.absorbed[-1].mentions[0].role == "benign"


def test_lists_are_asked(misp: PyMISP) -> None:
    found = misp.values_in_warninglist(["127.0.0.1", "host.malicious-name.net"])
    assert list(found) == ["127.0.0.1"]
    assert found["127.0.0.1"][0]["name"]


def test_a_viewer_changes_nothing(server: Served) -> None:
    viewer = PyMISP(server.url, server.token("viewer"))
    made = MISPEvent()
    made.info = "x"
    assert viewer.add_event(made)["errors"][0] == 403
    assert viewer.add_sighting({"value": "seen.example"})["errors"][0] == 403


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("events/add", b"{", 400),
        ("events/add", b"[]", 400),
        ("events/add", b'{"info":5}', 400),
        ("events/add", b'{"info":"x","Attribute":[5]}', 400),
        ("events/restSearch", b'{"limit":"x"}', 400),
        ("events/restSearch", b'{"timestamp":"x"}', 400),
        ("events/restSearch", b"[" * 3000, 400),
        ("events/delete/1", b"", 404),
        ("attributes/add/999", b"{}", 404),
        ("sightings/add", b'{"value":"not an artifact"}', 400),
    ],
)
def test_what_is_unfit_is_refused_as_misp_refuses(
    misp: PyMISP, path: str, data: bytes, status: int
) -> None:
    answer = misp._prepare_request("POST", path, data=data)
    assert answer.status_code == status
    assert answer.json()["message"]

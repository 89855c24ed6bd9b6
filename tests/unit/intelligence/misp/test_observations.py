from __future__ import annotations

from typing import Any

import pytest
from tests.unit.intelligence.misp.samples import RECEIVED, UUID, attribute, event

from kaname.intelligence.misp.observations import Origin, observations_of
from kaname.intelligence.misp.reading import Problem
from kaname.intelligence.records import Observation
from kaname.model.marking import Tlp

ORIGIN = Origin("misp.cert", Tlp.AMBER, RECEIVED)
SHA = "ab" * 32


def observed(given: dict[str, Any], problems: list[Problem] | None = None) -> list[Observation]:
    return list(observations_of(given, UUID, ORIGIN, [] if problems is None else problems))


def mentions(one: Observation) -> list[tuple[str, str, str]]:
    return [(m.kind.value, m.value, m.role) for m in one.mentions]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("ip-src", "198.51.100.7", [("ip", "198.51.100.7")]),
        ("ip-dst", "198.51.100.0/24", [("prefix", "198.51.100.0/24")]),
        ("domain|ip", "Evil.example|198.51.100.7",
         [("domain", "evil.example"), ("ip", "198.51.100.7")]),
        ("filename|sha256", f"a|b.exe|{SHA}", [("file", "a|b.exe"), ("hash", SHA)]),
        ("ip-dst|port", "198.51.100.7|443", [("ip", "198.51.100.7")]),
        ("malware-sample", f"x.exe|{'cd' * 16}", [("file", "x.exe"), ("hash", "cd" * 16)]),
        ("md5", "AB" * 16, [("hash", "ab" * 16)]),
        ("vulnerability", "cve-2024-1234", [("vulnerability", "CVE-2024-1234")]),
        ("imphash", "ab" * 16, [("fingerprint", f"imphash:{'ab' * 16}")]),
        ("mutex", "Global\\x", [("mutex", "Global\\x")]),
        ("AS", "64496", [("asn", "AS64496")]),
    ],
)  # fmt: skip
def test_types_name_artifacts(kind: str, value: str, expected: list[tuple[str, str]]) -> None:
    (one,) = observed(event(attribute(1, kind, value)))
    assert mentions(one) == [(*pair, "listed") for pair in expected]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("text", "198.51.100.7"), ("link", "https://blog.example/"), ("ip-src", "010.1.1.1"),
     ("domain|ip", "x"), ("sha256", "zz"), ("comment", "evil.example")],
)  # fmt: skip
def test_what_names_none_makes_no_observation(kind: str, value: str) -> None:
    assert observed(event(attribute(1, kind, value))) == []


def test_an_attribute_says_when_how_and_under_which_marking() -> None:
    tags = [
        {"name": "tlp:amber+strict"},
        {"name": "PAP:AMBER"},
        {"name": 'misp-galaxy:threat-actor="El Machete"'},
        {"name": 'misp-galaxy:mitre-attack-pattern="Web Protocols - T1071.001"'},
    ]
    given = attribute(1, "domain", "evil.example", comment="C2 server", Tag=tags)
    (one,) = observed(event(given))
    assert (one.source, one.kind, one.org) == ("misp.cert", "listing", "CERT")
    assert (one.at, one.received) == (1_700_000_000_000_000, RECEIVED)
    assert (one.tlp, one.pap, one.behaviours) == (Tlp.AMBER_STRICT, "amber", ("c2",))
    assert one.body == {
        "event": UUID,
        "info": "標的型攻撃",
        "comment": "C2 server",
        "types": ["domain"],
        "techniques": ["T1071.001"],
        "entities": [
            ["actor", "El Machete", "threat-actor", ""],
            ["technique", "Web Protocols", "mitre-attack", "T1071.001"],
        ],
    }


def test_without_a_tag_the_marking_is_that_of_the_feed_and_the_strictest_wins() -> None:
    plain = event(attribute(1, "ip-src", "198.51.100.7"), Tag=[])
    assert observed(plain)[0].tlp is Tlp.AMBER
    both = event(plain["Attribute"][0], Tag=[{"name": "tlp:white"}, {"name": "tlp:red"}])
    assert observed(both)[0].tlp is Tlp.RED
    laxer = attribute(1, "ip-src", "198.51.100.7", Tag=[{"name": "tlp:clear"}])
    assert observed(event(laxer))[0].tlp is Tlp.GREEN


def test_an_object_is_seen_as_a_whole() -> None:
    thing = {
        "uuid": "44444444-4444-4444-8444-444444444444",
        "name": "file",
        "timestamp": "1700000000",
        "ObjectReference": [{"referenced_uuid": UUID, "relationship_type": "drops"}],
        "Attribute": [
            attribute(1, "sha256", SHA, category="Payload delivery"),
            attribute(2, "filename", "x.exe", to_ids=False),
            attribute(3, "text", "note"),
        ],
    }
    (one,) = observed(event(Object=[thing]))
    assert mentions(one) == [("hash", SHA, "listed"), ("file", "x.exe", "reference")]
    assert one.behaviours == ("payload",)
    assert one.body["object"] == "file"
    assert one.body["references"] == [{"to": UUID, "how": "drops"}]


def test_sightings_are_observations_of_their_own() -> None:
    sightings = [
        {"uuid": "a", "type": "0", "date_sighting": "1700000500", "source": "proxy",
         "Organisation": {"name": "Bank"}},
        {"uuid": "b", "type": "1", "date_sighting": "1700000600"},
        {"uuid": "c", "type": "2", "date_sighting": "1700000700"},
    ]  # fmt: skip
    _, seen, false = observed(event(attribute(1, "ip-src", "198.51.100.7", Sighting=sightings)))
    assert (seen.kind, seen.org, seen.at) == ("sighting", "Bank", 1_700_000_500_000_000)
    assert mentions(seen) == [("ip", "198.51.100.7", "subject")]
    assert mentions(false) == [("ip", "198.51.100.7", "benign")]
    assert false.behaviours == ("false-positive",)


def test_what_is_not_for_detection_is_context() -> None:
    (one,) = observed(event(attribute(1, "domain", "victim.example", to_ids=False)))
    assert (one.kind, mentions(one)) == ("report", [("domain", "victim.example", "reference")])
    assert one.behaviours == ()


@pytest.mark.parametrize("stamp", ["0", "-5", "", "x", None, 1e300, "9" * 40, True, []])
def test_a_wrong_instant_gives_way_to_that_of_the_event(stamp: Any) -> None:
    (one,) = observed(event(attribute(1, "ip-src", "198.51.100.7", timestamp=stamp)))
    assert one.at == 1_700_000_100_000_000


def test_nothing_was_seen_after_it_was_received() -> None:
    (one,) = observed(event(attribute(1, "ip-src", "198.51.100.7", timestamp="1900000000")))
    assert one.at == RECEIVED


def test_parts_of_a_wrong_form_cost_no_other() -> None:
    problems: list[Problem] = []
    good = attribute(1, "ip-src", "198.51.100.7")
    bad = [7, None, {"type": 5, "value": "x"}, {"type": "ip-src"}, {"type": "md5", "value": []}]
    given = event(*bad, good, good, Object="x", Tag=[5, {"name": 7}, {}])
    assert len(observed(given, problems)) == 1
    assert [one.pointer for one in problems] == [
        *(f"/Attribute/{n}" for n in (0, 1)),
        *(f"/Attribute/{n}" for n in (2, 3, 4)),
        "/Attribute/6",
    ]
    assert problems[-1].key.endswith("twice")


def test_what_was_deleted_says_nothing() -> None:
    assert observed(event(attribute(1, "ip-src", "198.51.100.7", deleted=True))) == []


def test_a_sharing_group_goes_with_what_it_limits() -> None:
    plain = attribute(1, "ip-src", "198.51.100.7", distribution="5")
    narrow = attribute(2, "md5", "ab" * 16, distribution="4", sharing_group_id="7")
    whole = event(plain, narrow, distribution="4", SharingGroup={"name": "isac"})
    assert [one.groups for one in observed(whole)] == [("isac",), ("misp-7",)]
    assert [one.groups for one in observed(event(plain, distribution="1"))] == [()]

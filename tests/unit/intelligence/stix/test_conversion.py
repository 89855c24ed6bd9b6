"""STIX 2.0 seen as 2.1: real playbooks and hand-made observed data, judged by both tools."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.intelligence.stix.samples import NEEDED, files, plain

from kaname.intelligence.stix.checking import Checked, check
from kaname.intelligence.stix.conversion import upgraded

PLAYBOOKS = [path for path in files() if "playbooks" in str(path)]


@NEEDED
@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_playbooks_are_objects_of_21(path: Any) -> None:
    for thing in json.loads(plain(path))["objects"]:
        if isinstance(thing.get("identity_class"), list):
            continue  # wrong in 2.0 too
        (found,) = upgraded(thing)
        checked = check(json.dumps(found).encode())
        assert isinstance(checked, Checked), (checked, found)
        assert checked.spec == "2.1"
        kept = {k: v for k, v in thing.items() if k not in {"labels", "spec_version"}}
        assert kept.items() <= found.items()


@NEEDED
def test_the_validator_agrees() -> None:
    from stix2validator import ValidationOptions, validate_instance

    options = ValidationOptions(version="2.1", disabled="all")
    kinds: dict[str, Any] = {}
    for path in PLAYBOOKS:
        for thing in json.loads(plain(path))["objects"]:
            if not isinstance(thing.get("identity_class"), list):
                kinds.setdefault(thing["type"], upgraded(thing)[0])
    assert len(kinds) > 7
    for kind, thing in kinds.items():
        assert validate_instance(thing, options).is_valid, kind


def test_objects_inside_observed_data_become_objects() -> None:
    times = dict.fromkeys(("created", "modified"), "2017-01-01T00:00:00.000Z")
    times |= dict.fromkeys(("first_observed", "last_observed"), "2017-01-01T00:00:00Z")
    data = {
        "type": "observed-data",
        "id": "observed-data--00000000-0000-4000-8000-000000000001",
        "number_observed": 1,
        "objects": {
            "0": {"type": "network-traffic", "dst_ref": "1", "protocols": ["tcp"]},
            "1": {"type": "ipv4-addr", "value": "198.51.100.3"},
            "2": {"type": "process", "pid": 5, "created": "2017-01-01T00:00:00Z", "name": "x"},
        },
        **times,
    }
    found, *inside = upgraded(data)
    assert sorted(found["object_refs"]) == sorted(one["id"] for one in inside)
    by_type = {one["type"]: one for one in inside}
    # the id that stix2 gives to this address
    assert by_type["ipv4-addr"]["id"] == "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    assert by_type["network-traffic"]["dst_ref"] == by_type["ipv4-addr"]["id"]
    assert by_type["process"]["created_time"] == "2017-01-01T00:00:00Z"
    assert upgraded(data) == upgraded(data)
    for one in (found, *inside):
        assert isinstance(check(json.dumps(one).encode()), Checked), one


def test_ids_inside_are_those_of_stix2() -> None:
    import stix2

    data = {"type": "observed-data", "id": "observed-data--1", "objects": {}}
    data["objects"] = {"0": {"type": "ipv4-addr", "value": "198.51.100.9"}}
    assert upgraded(data)[1]["id"] == stix2.IPv4Address(value="198.51.100.9").id

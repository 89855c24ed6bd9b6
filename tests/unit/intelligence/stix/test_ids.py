"""Ids of observables beside those that stix2 gives."""

from __future__ import annotations

import json

from tests.unit.intelligence.stix.samples import DATA, NEEDED

from kaname.intelligence.stix.ids import observable_id


@NEEDED
def test_ids_are_those_of_stix2() -> None:
    lines = (DATA / "oracles" / "sco_deterministic_ids.jsonl").read_text().splitlines()
    things = [json.loads(line) for line in lines]
    assert len(things) == 210
    assert [observable_id(thing) for thing in things] == [thing["id"] for thing in things]


def test_a_whole_number_is_written_without_a_point() -> None:
    plain = {"type": "autonomous-system", "number": 64500}
    assert observable_id(plain | {"number": 64500.0}) == observable_id(plain)


def test_what_nothing_makes_the_same_has_no_id() -> None:
    assert observable_id({"type": "process", "pid": 5}) is None
    assert observable_id({"type": "file", "size": 5}) is None

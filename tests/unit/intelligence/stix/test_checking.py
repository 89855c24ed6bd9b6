"""Whether an object is one: beside both usual tools, and where none of them looks."""

from __future__ import annotations

import collections
import json
import lzma
from typing import Any

import pytest
from tests.unit.intelligence.stix.samples import DATA, NEEDED, files, plain

from kaname.intelligence.stix.checking import Checked, check
from kaname.intelligence.stix.reasons import Flaw

ID = "indicator--26e636ca-29f6-4334-a9a4-afba7160e0f1"
GOOD = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": ID,
    "created": "2025-01-01T00:00:00.000Z",
    "modified": "2025-01-02T00:00:00Z",
    "pattern": "[ipv4-addr:value = '198.51.100.1']",
    "pattern_type": "stix",
    "valid_from": "2025-01-01T00:00:00Z",
}


def flaw(**changes: Any) -> Flaw | None:
    thing = {k: v for k, v in (GOOD | changes).items() if v is not ...}
    found = check(json.dumps(thing).encode())
    return found if isinstance(found, Flaw) else None


@NEEDED
def test_both_tools_beside_ours() -> None:
    # (stix2-validator, stix2, ours) -> how often, of 400 mutated objects. Where the tools
    # disagree, or we with both, the specification was read; see the cases below.
    counted: collections.Counter[tuple[bool | None, bool, bool]] = collections.Counter()
    exceptions: set[tuple[str, bool | None, bool]] = set()
    packed = (DATA / "oracles" / "stix21_validity.jsonl.xz").read_bytes()
    for line in lzma.decompress(packed).splitlines():
        recorded = json.loads(line)
        ours = isinstance(check(json.dumps(recorded["object"]).encode()), Checked)
        tools = (recorded["validator_valid"], recorded["stix2_parse_ok"])
        counted[*tools, ours] += 1
        if tools == (True, True) != (ours, ours) or (tools == (False, False) and ours):
            exceptions.add((recorded["mutation"], tools[0], ours))
    # An id that does not name its type (2.9: MUST), and a hash of a name of one's own
    # (hash-algorithm-ov is open).
    assert exceptions == {("id_prefix_mismatch", True, False), ("hash_bad", False, True)}
    agreeing = counted[True, True, True] + counted[False, False, False]
    assert agreeing >= 215
    # With the validator, wherever it has a verdict and is not more lenient than the text.
    assert counted[False, True, False] > 4 * counted[False, True, True]


@NEEDED
@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_published_objects_are_objects(path: Any) -> None:
    document = json.loads(plain(path))
    for thing in document.get("objects", [document]):
        found = check(json.dumps(thing).encode())
        assert isinstance(found, Checked), (thing["id"], found)


def test_what_the_store_wants_to_know() -> None:
    marking = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
    granular = [{"marking_ref": marking, "selectors": ["pattern"]}]
    found = check(json.dumps(GOOD | {"granular_markings": granular}).encode())
    assert found == Checked(ID, "indicator", "2.1", "2025-01-02T00:00:00.000000", (marking,))


@pytest.mark.parametrize(
    ("changes", "pointer", "reason"),
    [
        ({"pattern": ...}, "", "missing"),
        ({"id": ...}, "", "missing"),
        ({"type": 5}, "/type", "type"),
        ({"id": "malware--26e636ca-29f6-4334-a9a4-afba7160e0f1"}, "/id", "id_type"),
        ({"id": "indicator--1"}, "/id", "form"),
        ({"spec_version": "3.0"}, "/spec_version", "value"),
        ({"created": "2025-13-01T00:00:00Z"}, "/created", "time"),
        ({"valid_from": "2025-01-01T00:00:00+09:00"}, "/valid_from", "form"),
        ({"modified": "2025-02-30T00:00:00Z"}, "/modified", "time"),
        ({"modified": "2024-12-31T23:59:59.999Z"}, "/modified", "order"),
        ({"valid_until": "2025-01-01T00:00:00.000Z"}, "/valid_until", "order"),
        ({"labels": []}, "/labels", "empty"),
        ({"labels": ["a", 5]}, "/labels/1", "type"),
        ({"confidence": 101}, "/confidence", "value"),
        ({"created_by_ref": ID}, "/created_by_ref", "form"),
        ({"object_marking_refs": [ID]}, "/object_marking_refs/0", "form"),
        ({"granular_markings": [{"lang": "en", "selectors": ["name"]}]}, None, "selector"),
        ({"Foo-Bar": 1}, "/Foo-Bar", "name"),
        ({"x_text": "a\0b"}, "", "nul"),
        ({"x_text": "\ud800"}, "", "surrogate"),
        ({"x_deep": json.loads("[" * 65 + "]" * 65)}, "", "deep"),
        ({"x_long": "a" * (8 << 20)}, "", "large"),
    ],
)
def test_a_flaw_is_named_with_its_place(
    changes: dict[str, Any], pointer: str | None, reason: str
) -> None:
    found = flaw(**changes)
    assert found is not None
    assert found.reason == reason
    assert pointer is None or found.pointer == pointer
    assert found.render("en") != found.render("ja")


@pytest.mark.parametrize(
    "changes",
    [
        {"modified": "2025-01-01T00:00:00Z"},  # the same instant in another spelling
        {"x_deep": json.loads("[" * 63 + "]" * 63)},
        {"x_text": "\\u0000 and \\ud800 as six letters"},
        {"x_text": '":":":'},
        {"indicator_types": ["of-my-own"]},
        {"spec_version": ..., "labels": ["malicious-activity"]},  # STIX 2.0
        {"created": "2025-01-01T00:00:00.123456789Z", "modified": "2025-01-01T00:00:00.1235Z"},
    ],
)
def test_what_is_allowed_is_no_flaw(changes: dict[str, Any]) -> None:
    assert flaw(**changes) is None


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(GOOD).replace('"created"', '"modified"').encode(),
        json.dumps(GOOD)[:-1].encode() + b', "x_deep": {"aaa": 1, "aaa" : 2}}',
        json.dumps(GOOD)[:-1].encode() + b', "aaa" : 1, "bbb": 2, "bbb": 3}',
    ],
)
def test_a_property_that_comes_twice_is_a_flaw(raw: bytes) -> None:
    found = check(raw)
    assert isinstance(found, Flaw)
    assert found.reason in {"twice", "missing"}


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"5", b'"x"', b"{}", b"{NaN}", b'{"a":1e999}'])
def test_what_is_no_object_is_refused_quietly(raw: bytes) -> None:
    assert isinstance(check(raw), Flaw)

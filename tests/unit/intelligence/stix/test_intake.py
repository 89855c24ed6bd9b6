"""Taking STIX in: nothing changed on the way, nothing good lost to anything bad."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.intelligence.stix.samples import HERE, NEEDED, files, fresh_store, plain

from kaname.intelligence.stix.intake import Intake, intake
from kaname.intelligence.stix.markings import TLP_1, TLP_2
from kaname.intelligence.stix.reading import split, uncompressed
from kaname.knowledge.stix_objects import StixFilter, StixObjects
from kaname.model.errors import InputError, LimitError
from kaname.model.marking import Tlp

IDENTITY = {
    "type": "identity",
    "spec_version": "2.1",
    "id": "identity--00000000-0000-4000-8000-000000000001",
    "created": "2025-01-01T00:00:00.000Z",
    "modified": "2025-01-01T00:00:00.000Z",
    "name": "somebody",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StixObjects]:
    yield from fresh_store(tmp_path)


def identity(number: int, **changes: Any) -> dict[str, Any]:
    return IDENTITY | {"id": f"identity--00000000-0000-4000-8000-{number:012}"} | changes


def bundle(*things: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": things}).encode()


def outcomes(result: Intake) -> tuple[int, int, int, int]:
    return result.accepted, result.duplicates, result.conflicts, result.rejected


@NEEDED
@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_sample_comes_back_byte_for_byte(path: Path, store: StixObjects) -> None:
    # What came is cut out of the document by the json module's own scanner.
    result = intake(path.read_bytes(), store, HERE, name=path.name)
    assert result.rejected == 0
    assert result.objects == len(cut(plain(path).decode()))
    kept = {row.body.decode() for row in store.every("here")}
    assert kept == first_versions(cut(plain(path).decode()))


def cut(text: str) -> list[str]:
    """The texts of the objects of a document."""
    decoder = json.JSONDecoder()
    whole = json.loads(text)
    if "objects" not in whole:
        return [text.strip()]
    found = []
    at = text.index("[", text.index('"objects"')) + 1
    for _ in whole["objects"]:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        _, end = decoder.raw_decode(text, at)
        found.append(text[at:end])
        at = end
    return found


def first_versions(texts: list[str]) -> set[str]:
    """Those that are the first of their id and version."""
    first: dict[tuple[str, str], str] = {}
    for text in texts:
        thing = json.loads(text)
        first.setdefault((thing["id"], thing.get("modified", thing.get("created", ""))), text)
    return set(first.values())


@pytest.mark.parametrize(
    "document",
    [
        json.dumps({"objects": [identity(1), identity(2)]}).encode(),
        json.dumps(
            {"objects": [identity(1), identity(2)], "more": False, "x": {}}, indent=1
        ).encode(),
        json.dumps([identity(1), identity(2)]).encode(),
        b"\xef\xbb\xbf" + bundle(identity(1), identity(2)) + b"\n",
        "\n".join(json.dumps(identity(n)) for n in (1, 2)).encode(),
        "\r\n\r\n".join(json.dumps(identity(n)) for n in (1, 2)).encode(),
        gzip.compress(bundle(identity(1), identity(2))),
        lzma.compress(bundle(identity(1), identity(2))),
    ],
)
def test_every_form_of_document(document: bytes, store: StixObjects) -> None:
    assert outcomes(intake(document, store, HERE)) == (2, 0, 0, 0)


def test_zstd(store: StixObjects) -> None:
    import pyarrow as pa

    packed = pa.compress(bundle(identity(1)), codec="zstd", asbytes=True)
    assert outcomes(intake(packed, store, HERE)) == (1, 0, 0, 0)


def test_again_is_duplicate_and_other_content_is_conflict(store: StixObjects) -> None:
    intake(bundle(identity(1), identity(2)), store, HERE)
    respelt = json.dumps(dict(reversed(identity(1).items())), indent=2)
    document = b'{"objects":[%s,%s,%s]}' % (
        respelt.encode(),
        json.dumps(identity(2, name="other")).encode(),
        json.dumps(identity(2, modified="2025-01-02T00:00:00Z")).encode(),
    )
    result = intake(document, store, HERE)
    assert outcomes(result) == (1, 1, 1, 0)
    assert [(one.pointer, one.id) for one in result.conflicting] == [
        ("/objects/1", identity(2)["id"])
    ]
    names = [json.loads(row.body)["name"] for row in store.every("here")]
    assert names == ["somebody"] * 3


def test_a_bad_object_costs_only_itself(store: StixObjects) -> None:
    result = intake(bundle(identity(1), {"type": "x"}, 5, identity(2, labels=[])), store, HERE)
    assert outcomes(result) == (1, 0, 0, 3)
    report = result.report("ja")
    assert [one["pointer"] for one in report["problems"]] == [
        "/objects/1",
        "/objects/2",
        "/objects/3/labels",
    ]
    assert report["problems"][2]["code"] == "empty"
    assert report["problems"][2]["reason"] == "空のリストは使えません。"
    assert result.report("en")["problems"][2]["reason"] == "A list may not be empty."


@pytest.mark.parametrize(
    ("broken", "rejected"),
    [
        (lambda text: text[:-60], 1),  # torn off in the last object
        (lambda text: text.replace(b'"somebody"', b"NaN", 1), 1),
        (lambda text: text.replace(b'"somebody"', b'"some\nbody"', 1), 1),
        (lambda text: text.replace(b"}, {", b"} {", 1), 0),  # a comma is missing
        (lambda text: text.replace(b'"created":', b'"created"', 1), 1),
        (lambda text: text + b"trailing", 0),
    ],
)
def test_damage_in_a_document_costs_the_object_it_is_in(
    broken: Any, rejected: int, store: StixObjects
) -> None:
    result = intake(broken(bundle(*map(identity, range(5)))), store, HERE)
    assert outcomes(result) == (5 - rejected, 0, 0, rejected)


def test_a_torn_archive_gives_what_it_has(store: StixObjects) -> None:
    packed = gzip.compress(bundle(*map(identity, range(2000))), 1)
    result = intake(packed[: len(packed) // 2], store, HERE)
    assert result.accepted > 500
    assert result.rejected <= 1


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(LimitError):
        uncompressed(gzip.compress(bytes(1 << 24)), "bomb", most=1 << 20)


@pytest.mark.parametrize("data", [b"", b"\x1f\x8bnope", b"\xff{}"])
def test_what_cannot_be_read_is_an_error_in_both_languages(data: bytes) -> None:
    with pytest.raises(InputError) as refused:
        list(split(uncompressed(data, "x"), "x"))
    assert refused.value.render("ja") != refused.value.render("en")


@pytest.mark.parametrize("data", [b"hello", b"{", b'{"objects":5}', b"{}"])
def test_what_has_no_object_gives_none(data: bytes, store: StixObjects) -> None:
    assert intake(data, store, HERE).accepted == 0


@pytest.mark.parametrize("data", [b'{"objects":[]}', b"[]", bundle()])
def test_nothing_is_a_document_too(data: bytes) -> None:
    assert list(split(data)) == []


def marked(*refs: str, **more: Any) -> dict[str, Any]:
    return identity(7, object_marking_refs=list(refs), **more)


def test_markings_decide_who_sees_an_object(store: StixObjects) -> None:
    red, green = (next(k for k, v in TLP_2.items() if v is level) for level in (Tlp.RED, Tlp.GREEN))
    white = next(k for k, v in TLP_1.items() if v is Tlp.CLEAR)
    own = "marking-definition--00000000-0000-4000-8000-00000000000a"
    statement = "marking-definition--00000000-0000-4000-8000-00000000000b"
    definition = {"type": "marking-definition", "spec_version": "2.1", "id": own}
    definition |= {"created": "2025-01-01T00:00:00Z", "definition_type": "tlp"}
    definition |= {"definition": {"tlp": "amber"}}
    partly = [{"marking_ref": red, "selectors": ["name"]}]
    things = [
        identity(1, object_marking_refs=[white]),
        identity(2, object_marking_refs=[green, white]),
        identity(3, object_marking_refs=[own]),
        identity(4, object_marking_refs=[statement]),  # unknown: as unmarked ones here
        identity(5),
        identity(6, object_marking_refs=[white], granular_markings=partly),
        definition,
    ]
    intake(bundle(*things), store, HERE)
    assert visible(store, Tlp.CLEAR) == {"1", "a"}  # what a marking means is no secret
    assert visible(store, Tlp.GREEN) == {"1", "2", "a"}
    assert visible(store, Tlp.AMBER) == {"1", "2", "3", "4", "5", "a"}
    assert visible(store, Tlp.RED) == {"1", "2", "3", "4", "5", "6", "a"}


def visible(store: StixObjects, clearance: Tlp) -> set[str]:
    rows, _ = store.page("here", StixFilter(), clearance=clearance, limit=100)
    return {row.id[-1] for row in rows}


def test_a_definition_that_came_before_counts(store: StixObjects) -> None:
    own = "marking-definition--00000000-0000-4000-8000-00000000000a"
    definition = {"type": "marking-definition", "spec_version": "2.1", "id": own}
    definition |= {"created": "2025-01-01T00:00:00Z", "definition_type": "tlp"}
    intake(bundle(definition | {"definition": {"tlp": "red"}}), store, HERE)
    intake(bundle(identity(1, object_marking_refs=[own])), store, HERE)
    assert visible(store, Tlp.AMBER_STRICT) == {"a"}


def test_the_fixed_markings_are_those_that_the_writer_writes() -> None:
    from kaname.writers.stix_marking import marking_id

    assert {marking_id(level): level for level in Tlp} == TLP_2

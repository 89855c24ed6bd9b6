from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stix2patterns.v21.pattern import Pattern
from stix2validator import ValidationOptions, validate_string
from tests.unit.writers.conftest import objects_of
from tests.unit.writers.samples import DAY_0, finding, indicator

from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Role
from kaname.writers.stix_artifact import observable, observable_id, pattern

Write = Callable[..., bytes]
ORACLES = Path(__file__).parents[4] / "shared/data/fusion/oracles"
# UUIDv5 is deliberate: the specification recommends UUIDv4 (SHOULD), and allows others.
OPTIONS = ValidationOptions(version="2.1", strict=True, enforce_refs=True, disabled="uuid-check")

# As published in cti-stix-common-objects, extension-definition-specifications/tlp-2.0.
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
EVERY_KIND = [
    (ArtifactKind.IP, "198.51.100.7"),
    (ArtifactKind.IP, "2001:db8::7"),
    (ArtifactKind.PREFIX, "198.51.100.0/24"),
    (ArtifactKind.PREFIX, "2001:db8::/32"),
    (ArtifactKind.DOMAIN, "evil.example"),
    (ArtifactKind.URL, 'http://evil.example/a\'b\\c?d="e"&日本'),
    (ArtifactKind.MAIL, "a'b@evil.example"),
    (ArtifactKind.ASN, "AS64496"),
    (ArtifactKind.PORT, "tcp/23"),
    (ArtifactKind.PORT, "23"),
    (ArtifactKind.HASH, "d41d8cd98f00b204e9800998ecf8427e"),
    (ArtifactKind.HASH, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (ArtifactKind.HASH, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (ArtifactKind.HASH, "ab" * 64),
]

# Addresses and prefixes come from numbers; all others from text that others wrote.
FROM_TEXT = [kind for kind in ArtifactKind if kind not in (ArtifactKind.IP, ArtifactKind.PREFIX)]


def check(data: bytes) -> None:
    results = validate_string(data.decode(), OPTIONS)
    problems = [str(error) for error in results.errors] + [str(warn) for warn in results.warnings]
    assert results.is_valid, problems
    assert not problems


@pytest.mark.parametrize("tlp", list(Tlp))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_kind_of_artifact_makes_a_valid_bundle(write: Write, tlp: Tlp, language: str) -> None:
    whole = [indicator(kind, value, tlp=tlp) for kind, value in EVERY_KIND]
    harmless = [
        indicator(kind, value, tlp=tlp, role=Role.BENIGN, id=f"benign-{value}")
        for kind, value in EVERY_KIND
    ]
    data = write("stix", *whole, *harmless, findings=[finding()], language=language)
    check(data)
    assert len(objects_of(data, "indicator")) == len(whole)
    assert len(objects_of(data, "note")) == 2 * len(whole) + 2 * len(harmless)


@pytest.mark.parametrize("kind", FROM_TEXT)
@pytest.mark.parametrize(
    "value", ["", " ", "a b", "\x00\x1f", "http://[::1", "a@b@c", "..", "-1", "日本", "x" * 5000]
)
def test_hostile_values_make_a_valid_bundle(write: Write, kind: ArtifactKind, value: str) -> None:
    bare = {"terms": (), "techniques": ()}
    both = [
        indicator(kind, value, **bare),
        indicator(kind, value, role=Role.BENIGN, id="b", **bare),
    ]
    check(write("stix", *both))


def test_no_indicators_make_a_valid_bundle(write: Write) -> None:
    check(write("stix"))


def test_the_same_input_gives_the_same_bytes(write: Write) -> None:
    many = [indicator(kind, value) for kind, value in EVERY_KIND]
    assert write("stix", *many, findings=[finding()]) == write("stix", *many, findings=[finding()])
    assert json.loads(write("stix", *many))["id"] != json.loads(write("stix", *many[1:]))["id"]


@pytest.mark.parametrize("tlp", list(Tlp))
def test_markings_are_the_published_ones_to_the_last_field(write: Write, tlp: Tlp) -> None:
    data = write("stix", indicator(tlp=tlp), findings=[finding(tlp=Tlp.CLEAR)])
    assert objects_of(data, "marking-definition") == [
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": TLP_IDS[tlp.value],
            "created": "2022-10-01T00:00:00.000Z",
            "name": f"TLP:{tlp.value.upper()}",
            "extensions": {
                TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.value}
            },
        }
    ]
    for thing in objects_of(data, "indicator") + objects_of(data, "note"):
        assert thing["object_marking_refs"] == [TLP_IDS[tlp.value]]


def test_a_finding_marked_above_the_indicator_leaves_no_trace(write: Write) -> None:
    secret = finding(2, tlp=Tlp.AMBER, sensor="secret-sensor", params={"secret": 1})
    both = (finding(1).id, secret.id)
    with_it = write("stix", indicator(findings=both), findings=[finding(1), secret])
    without = write("stix", indicator(findings=both), findings=[finding(1)])
    assert with_it == without
    assert b"secret" not in with_it


def test_what_is_harmless_is_a_note_and_never_an_indicator(write: Write) -> None:
    for role in (Role.BENIGN, Role.MISCONFIGURED, Role.VICTIM, Role.UNKNOWN):
        data = write("stix", indicator(role=role, label="benign-scanner"), findings=[finding()])
        check(data)
        assert objects_of(data, "indicator") == []
        assert b"malicious-activity" not in data
        (address,) = objects_of(data, "ipv4-addr")
        notes = objects_of(data, "note")
        assert [note["object_refs"] for note in notes] == [[address["id"]]] * 2
        assert "do not block" in notes[0]["content"]


def test_what_has_no_pattern_is_a_note_and_not_lost(write: Write) -> None:
    data = write("stix", indicator(ArtifactKind.HASH, "abc"), findings=[finding()])
    check(data)
    assert objects_of(data, "indicator") == []
    assert all("abc" in note["abstract"] for note in objects_of(data, "note"))


def test_an_indicator_says_what_kaname_says(write: Write) -> None:
    (found,) = objects_of(write("stix", indicator(), findings=[finding()]), "indicator")
    assert found["pattern"] == "[ipv4-addr:value = '198.51.100.7']"
    assert found["labels"] == ["scan"]
    assert found["external_references"] == [
        {"source_name": "mitre-attack", "external_id": "T1595.001"}
    ]
    assert (found["valid_from"], found["valid_until"]) == (
        "2024-10-03T22:00:00.000000Z",
        "2024-10-11T00:00:00.000000Z",
    )
    # -2 + 3 / 2 logits: half of the three is left two of four days later.
    assert found["confidence"] == 38
    assert found["modified"] == "2024-10-04T00:00:00.000Z"
    assert found["created"] == "2024-10-03T22:00:00.000Z"
    (extension,) = found["extensions"].values()
    assert (extension["bias"], extension["threshold"]) == (-2.0, 50)
    assert extension["terms"][0]["value"] == 3.0
    assert extension["terms"][0]["tau_seconds"] == 4 * 86_400.0
    assert extension["findings"][0]["evidence"] == {
        "query": "SELECT 1 AS one",
        "tables": ["flowtuples"],
        "rows": 1,
        "sha256": "ab" * 32,
        "columns": ["one"],
    }


def test_notes_explain_in_both_languages(write: Write) -> None:
    data = write("stix", indicator(), findings=[finding()])
    notes = {note["lang"]: note for note in objects_of(data, "note")}
    (about,) = objects_of(data, "indicator")
    for language, words in {
        "en": ("Scan by 198.51.100.7", "sent 1234 packets", "- 99 hosts, at least 50"),
        "ja": ("198.51.100.7 によるスキャン", "1234 パケット", "- 99 ホスト(50 以上)"),
    }.items():
        assert notes[language]["object_refs"] == [about["id"]]
        for word in words:
            assert word in notes[language]["content"]


def test_a_version_stays_the_same_for_its_day_and_ends_with_revocation(write: Write) -> None:
    changed_today = indicator(updated=DAY_0 + 4)
    (found,) = objects_of(write("stix", changed_today), "indicator")
    assert found["modified"] == "2024-10-04T00:00:00.000Z"
    revoked = indicator(revoked=True, updated=DAY_0 - 3 * DAY, valid_from=DAY_0 - 9 * DAY)
    (found,) = objects_of(write("stix", revoked), "indicator")
    assert found["revoked"] is True
    assert found["modified"] == "2024-10-01T00:00:00.000Z"


@pytest.mark.parametrize(("kind", "value"), EVERY_KIND)
def test_a_pattern_is_valid_and_holds_the_value(kind: ArtifactKind, value: str) -> None:
    text = pattern(Artifact(kind, value))
    assert text is not None
    ((_, comparisons),) = Pattern(text).inspect().comparisons.items()
    literal = comparisons[0][2]
    if kind in (ArtifactKind.ASN, ArtifactKind.PORT):
        assert literal == value.removeprefix("AS").removeprefix("tcp/")
    else:
        assert literal == "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def test_a_quote_in_a_value_cannot_end_the_pattern() -> None:
    for value in ("' OR url:value != '", "\\' OR url:value != '", "\\", "\\\\'"):
        text = pattern(Artifact(ArtifactKind.URL, value))
        assert text is not None
        assert len(Pattern(text).inspect().comparisons["url"]) == 1


def test_observables_have_the_ids_that_others_give_them() -> None:
    checked = set()
    for line in (ORACLES / "sco_deterministic_ids.jsonl").read_text("utf-8").splitlines():
        expected: dict[str, Any] = json.loads(line)
        artifact = _artifact_of(expected)
        if artifact is None:
            continue
        assert observable_id(artifact) == expected["id"]
        found = observable(artifact)
        # A URL that is no URI (RFC 3986) has an id, but may not stand as an object.
        assert (found is None) == (expected["type"] == "url" and not artifact.value.isascii())
        checked.add(expected["type"])
    assert {"ipv4-addr", "ipv6-addr", "domain-name", "url"} <= checked


def _artifact_of(observed: dict[str, Any]) -> Artifact | None:
    kinds = {
        "ipv4-addr": ArtifactKind.IP,
        "ipv6-addr": ArtifactKind.IP,
        "domain-name": ArtifactKind.DOMAIN,
        "url": ArtifactKind.URL,
        "email-addr": ArtifactKind.MAIL,
    }
    if observed["type"] in kinds and set(observed) == {"type", "spec_version", "id", "value"}:
        return Artifact(kinds[observed["type"]], observed["value"])
    if observed["type"] == "file" and set(observed) == {"type", "spec_version", "id", "hashes"}:
        values = list(observed["hashes"].values())
        return Artifact(ArtifactKind.HASH, values[0]) if len(values) == 1 else None
    return None

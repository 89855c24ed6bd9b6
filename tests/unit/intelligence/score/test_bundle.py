"""Evidence in bundles: what is derived again offline, and each way in which it can fail."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kaname.intelligence.score import derived, shipped, weights
from kaname.intelligence.score.bundle import Outcome, evidence_extension, verify
from kaname.intelligence.score.signing import public_of
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind

from .cases import HOST, NOON, basis, download, finding, item, listing, match, tie, verdict

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ITEMS = [
    download(1), download(2, days=3), item(3), item(4), listing(5, weight=0.8), finding(6),
    verdict(7, "unsure"), item(8, "resolution", "answer", source="dns", org="member-1"),
]  # fmt: skip


def line(explanation, **changed):
    told = explanation["indicator"]
    document = {
        "type": "indicator", "id": told["id"], "artifact": told["artifact"],
        "score": explanation["score"], "explanation": explanation,
    }  # fmt: skip
    return json.dumps(document | changed)


def outcome(data, key=""):
    (found,) = verify(data.encode() if isinstance(data, str) else data, key)
    return found.outcome


@pytest.fixture
def explanation():
    known = basis()
    seen = sorted(ITEMS, key=lambda one: (-one.at, one.id, one.role))
    indicator = derived(HOST, seen, known, shipped(), NOON)
    return evidence_extension(indicator, seen, known, shipped(), at=NOON, key=KEY)


def test_what_was_derived_is_derived_again_from_the_bundle_alone(explanation):
    assert outcome(line(explanation)) is Outcome.HOLDS
    assert outcome(line(explanation), public_of(KEY)) is Outcome.HOLDS


def test_only_what_gives_a_term_leaves(explanation):
    assert "obs-0008" in {one["id"] for one in explanation["items"]}  # an organisation more
    assert len(explanation["items"]) == 8


def test_with_ties_and_lists_too():
    known = basis(ties=(tie(),), matches=(match(weight=0.5),))
    indicator = derived(HOST, ITEMS[:1], known, shipped(), NOON)
    told = evidence_extension(indicator, ITEMS[:1], known, shipped(), at=NOON, key=KEY)
    assert outcome(line(told)) is Outcome.HOLDS
    assert told["minimal_evidence"] == ("campaign-1",)  # 0.41 + 2 - 0.5 - 2 is not enough
    assert told["counterfactuals"]["intelligence.term.tie.campaign"] == 48  # -2 + 2.41 - 0.5


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("score",), 50, Outcome.OTHER_SCORE),
        (("indicator", "valid_until"), NOON, Outcome.OTHER_SCORE),
        (("indicator", "label"), "c2", Outcome.OTHER_SCORE),
        (("indicator", "bias"), 1.0, Outcome.OTHER_SCORE),
        (("indicator", "threshold"), 1.0, Outcome.OTHER_SCORE),
        (("indicator", "inputs"), "0" * 64, Outcome.OTHER_SCORE),
        (("indicator", "artifact", "value"), "198.51.100.8", Outcome.OTHER_SCORE),
        (("indicator", "terms", 0, "value"), 9.0, Outcome.OTHER_SCORE),
        (("indicator", "terms", 0, "digest"), "0" * 64, Outcome.OTHER_SCORE),
        (("items", 0, "weight"), 0.01, Outcome.OTHER_SCORE),
        (("items", 0, "id"), "obs-7777", Outcome.OTHER_SCORE),
        (("items", 0, "tlp"), "red", Outcome.OTHER_SCORE),
        (("items",), [], Outcome.OTHER_SCORE),
        (("minimal_evidence",), [], Outcome.OTHER_SCORE),
        (("counterfactuals", "intelligence.term.behaviour.payload"), 1, Outcome.OTHER_SCORE),
        (("basis", "lists"), 140, Outcome.OTHER_SCORE),
        (("model", "sha256"), "0" * 64, Outcome.OTHER_MODEL),
        (("model", "name"), "score-9", Outcome.OTHER_MODEL),
        (("model", "file"), "{}", Outcome.DAMAGED),
        (("indicator", "state"), "ended", Outcome.BAD_SIGNATURE),
        (("signature",), base64.b64encode(bytes(64)).decode(), Outcome.BAD_SIGNATURE),
        (("signature",), "no signature", Outcome.BAD_SIGNATURE),
        (("signature",), "", Outcome.UNSIGNED),
        (("items", 0, "at"), "yesterday", Outcome.DAMAGED),
        (("items", 0, "at"), 1 << 70, Outcome.OTHER_SCORE),
        (("basis",), None, Outcome.DAMAGED),
        (("format",), "kaname-evidence-9", Outcome.DAMAGED),
        (("items",), [{}] * 3_000, Outcome.DAMAGED),
    ],
)
def test_whatever_is_changed_is_noticed(explanation, path, value, expected):
    changed = json.loads(json.dumps(explanation))
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert outcome(line(changed)) in {expected, Outcome.OTHER_OBJECT}
    assert outcome(line(changed)) is not Outcome.HOLDS


@pytest.mark.parametrize(
    "change",
    [{"id": "indicator-0"}, {"score": 50}, {"valid_until": "2030-01-01T00:00:00Z"},
     {"pattern": "[ipv4-addr:value = '192.0.2.1']"},
     {"artifact": {"kind": "ip", "value": "192.0.2.1", "role": "attacker"}}],
)  # fmt: skip
def test_evidence_of_something_else_is_noticed(explanation, change):
    assert outcome(line(explanation, **change)) is Outcome.OTHER_OBJECT


def test_in_a_stix_bundle(explanation):
    indicator = {
        "type": "indicator", "id": "indicator--1", "confidence": explanation["score"],
        "pattern": f"[ipv4-addr:value = '{HOST.value}']",
        "extensions": {"extension-definition--1": {"explanation": explanation}},
    }  # fmt: skip
    bundle = {"type": "bundle", "objects": [{"type": "identity"}, indicator]}
    assert outcome(json.dumps(bundle)) is Outcome.HOLDS
    indicator["confidence"] = 1
    assert outcome(json.dumps(bundle)) is Outcome.OTHER_OBJECT


def test_a_key_that_was_expected_must_have_signed(explanation):
    other = Ed25519PrivateKey.generate()
    assert outcome(line(explanation), public_of(other)) is Outcome.OTHER_KEY


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Outcome.NO_EVIDENCE),
        (b"\xff\xfe", Outcome.DAMAGED),
        (b"[" * 100_000, Outcome.DAMAGED),
        (b'{"type": "bundle", "objects": [{"type": "indi', Outcome.DAMAGED),
        (b"{}", Outcome.NO_EVIDENCE),
        (b"7", Outcome.NO_EVIDENCE),
        (b'{"type": "bundle", "objects": 3}', Outcome.NO_EVIDENCE),
        (b'{"type": "indicator", "id": "indicator--2"}', Outcome.NO_EVIDENCE),
        (b'{"type": "indicator", "id": 5, "extensions": []}', Outcome.NO_EVIDENCE),
        (b'{"type": "indicator", "explanation": 3}', Outcome.DAMAGED),
    ],
)
def test_bad_input_gets_one_verdict(data, expected):
    assert outcome(data) is expected


def test_each_line_gets_its_own_verdict(explanation):
    good = line(explanation)
    found = verify(f'{good}\n\n{{"type": "indicator", "id": "x"}}\n'.encode())
    assert [one.outcome for one in found] == [Outcome.HOLDS, Outcome.NO_EVIDENCE]


def test_what_was_cut_off_is_damaged(explanation):
    data = line(explanation).encode()
    assert outcome(data[: len(data) // 2]) is Outcome.DAMAGED


def test_other_weights_travel_with_it():
    file = weights.shipped_bytes().replace(b'"score-2"', b'"score-mine"')
    model = weights.loads(file)
    indicator = derived(HOST, ITEMS[:1], basis(), model, NOON)
    told = evidence_extension(indicator, ITEMS[:1], basis(), model, at=NOON, key=KEY)
    assert told["indicator"]["model"] == "score-mine"
    assert outcome(line(told)) is Outcome.HOLDS


def test_what_an_earlier_model_made_still_verifies():
    model = weights.loads(weights.shipped_bytes("score-1"))
    indicator = derived(HOST, ITEMS[:1], basis(), model, NOON)
    told = evidence_extension(indicator, ITEMS[:1], basis(), model, at=NOON, key=KEY)
    del told["signature"], told["model"]["file"]  # as when it was the shipped one
    assert told["indicator"]["model"] == "score-1"
    assert outcome(line(told)) is Outcome.UNSIGNED


def test_a_note_verifies_as_well():
    survey = finding(1, severity="info", label="telescope.label.survey", role="benign")
    note = derived(HOST, [survey], basis(), shipped(), NOON)
    told = evidence_extension(note, [survey], basis(), shipped(), at=NOON, key=KEY)
    assert outcome(line(told, type="note")) is Outcome.HOLDS


def test_a_name_of_any_script_survives():
    artifact = Artifact(ArtifactKind.URL, "http://例え.テスト/\u2028?a='b'")
    items = [item(1, "download", "payload", source="honeypot", tlp=Tlp.CLEAR)]
    indicator = derived(artifact, items, basis(), shipped(), NOON)
    told = evidence_extension(indicator, items, basis(), shipped(), at=NOON, key=KEY)
    assert outcome(line(told)) is Outcome.HOLDS


@pytest.mark.parametrize(("part", "many"), [("items", 2_001), ("terms", 257)])
def test_what_would_take_long_is_refused_at_once(explanation, part, many):
    changed = json.loads(json.dumps(explanation))
    holder = changed if part == "items" else changed["indicator"]
    holder[part] = holder[part][:1] * many
    (found,) = verify(line(changed).encode())
    assert (found.outcome, found.detail) == (Outcome.DAMAGED, part)


def test_a_huge_file_is_refused_unread(monkeypatch):
    monkeypatch.setattr("kaname.intelligence.score.bundle.MOST_BYTES", 9)
    (found,) = verify(b"{" * 10)
    assert (found.outcome, found.detail) == (Outcome.DAMAGED, "size")

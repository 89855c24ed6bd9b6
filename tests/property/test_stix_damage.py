"""STIX and patterns from somebody who means harm, or whose disk did."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from stix2patterns.validator import run_validator

from kaname.intelligence.stix.checking import Checked, check
from kaname.intelligence.stix.patterns import PatternError, artifacts, parse
from kaname.intelligence.stix.reading import split, uncompressed
from kaname.intelligence.stix.reasons import Flaw
from kaname.intelligence.stix.times import canonical, instant, shown
from kaname.model.errors import InputError, LimitError

THING = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": "indicator--26e636ca-29f6-4334-a9a4-afba7160e0f1",
    "created": "2025-01-01T00:00:00.000Z",
    "modified": "2025-01-01T00:00:00.000Z",
    "pattern": "[ipv4-addr:value = '198.51.100.1']",
    "pattern_type": "stix",
    "valid_from": "2025-01-01T00:00:00Z",
    "labels": ["c2"],
    "external_references": [{"source_name": "x", "hashes": {"MD5": "a" * 32}}],
    "granular_markings": [{"lang": "en", "selectors": ["labels.[0]"]}],
    "kill_chain_phases": [{"kill_chain_name": "a", "phase_name": "b"}],
}
TRAFFIC = {
    "type": "network-traffic",
    "spec_version": "2.1",
    "id": "network-traffic--26e636ca-29f6-5334-a9a4-afba7160e0f1",
    "protocols": ["tcp"],
    "extensions": {"http-request-ext": {"request_method": "get"}},
}
DOCUMENT = json.dumps({"type": "bundle", "objects": [THING, TRAFFIC, THING]}, indent=1).encode()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
TEXT = """
[ ] ( ) : . , * = != < >= AND OR NOT FOLLOWEDBY IN LIKE MATCHES ISSUBSET EXISTS WITHIN REPEATS
START STOP SECONDS TIMES true 5 -1 0.5 'x' 'a\\'b' h'ff' b'AA==' a file ipv4-addr value
t'2025-01-01T00:00:00Z' hashes.'MD5' // /* */
"""
WORDS = st.sampled_from(TEXT.split())


@given(st.sampled_from([THING, TRAFFIC]), st.data())
@settings(max_examples=300, deadline=None)
def test_an_object_with_any_value_anywhere_is_judged(thing: dict[str, Any], data: Any) -> None:
    name = data.draw(st.sampled_from([*thing, "revoked", "confidence", "x_other", "Bad-Name"]))
    raw = json.dumps(thing | {name: data.draw(VALUES)}).encode()
    found = check(raw)
    assert isinstance(found, Checked | Flaw)
    if isinstance(found, Flaw):
        assert found.render("en")
        assert found.render("ja")
    else:
        assert found.id == json.loads(raw)["id"]


@given(st.binary(max_size=40), st.integers(0, len(DOCUMENT)), st.integers(0, 60))
@settings(max_examples=400, deadline=None)
def test_a_document_with_any_damage_gives_what_is_whole(
    patch: bytes, start: int, length: int
) -> None:
    damaged = DOCUMENT[:start] + patch + DOCUMENT[start + length :]
    try:
        parts = list(split(uncompressed(damaged, "x"), "x"))
    except (InputError, LimitError):
        return
    for part in parts:
        assert part.flaw or isinstance(check(part.raw), Checked | Flaw)
    # Objects that lie wholly before the damage are found as they were.
    if start > DOCUMENT.index(b"network-traffic") and start < len(DOCUMENT) - 5:
        assert any(json.loads(DOCUMENT)["objects"][0] == _plain(part.raw) for part in parts)


def _plain(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _words_about(pattern: str) -> list[str]:
    """What is said against ``pattern``, in both languages; nothing if it is one."""
    try:
        parse(pattern)
    except PatternError as error:
        return [error.render("en"), error.render("ja")]
    return []


@given(st.lists(WORDS, max_size=25))
@settings(max_examples=400, deadline=None)
def test_any_words_are_a_pattern_or_an_error(words: list[str]) -> None:
    text = " ".join(words)
    assert _words_about(text) or list(artifacts(parse(text))) is not None


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_pattern_or_an_error(text: str) -> None:
    for pattern in (text, f"[{text}]", f"[a:b = '{text}']"):
        assert _words_about(pattern) or parse(pattern)


@given(st.lists(WORDS, min_size=3, max_size=14))
@settings(max_examples=60, deadline=None)
def test_the_tool_judges_in_the_same_way(words: list[str]) -> None:
    text = "[" + " ".join(words) + "]"
    ours = not _words_about(text)
    assert ours == (not run_validator(text, stix_version="2.1"))


@given(st.datetimes(min_value=datetime(1970, 1, 1)))  # noqa: DTZ001 - Hypothesis wants it so
def test_instants_keep_their_order_as_text(moment: Any) -> None:
    text = moment.isoformat(timespec="microseconds") + "Z"
    stored = canonical(text)
    assert stored is not None
    assert instant(shown(stored)) == instant(text)
    assert canonical(shown(stored)) == stored

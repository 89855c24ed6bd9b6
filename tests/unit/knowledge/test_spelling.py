from __future__ import annotations

import pytest

from kaname.knowledge.spelling import artifact_columns, clean
from kaname.model.records import Artifact, ArtifactKind


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("a\x00b", "a\ufffdb"), ("日本 \U0001f980", "日本 \U0001f980"), ("\ud800", "?")],
)
def test_what_one_engine_refuses_is_replaced_for_both(text: str, wanted: str) -> None:
    assert clean(text) == wanted


def test_a_long_value_has_a_short_key_of_its_own() -> None:
    first = artifact_columns(Artifact(ArtifactKind.URL, "http://x/" + "a" * 10_000))
    second = artifact_columns(Artifact(ArtifactKind.URL, "http://x/" + "a" * 10_001))
    assert len(first["key"]) < 500
    assert first["key"] != second["key"]
    assert first["value"].endswith("aaa")


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        # ::ffff:192.0.2.1 (RFC 4291, 2.5.5.2): low word 0xffff then c0000201.
        (ArtifactKind.IP, "192.0.2.1", (0, 0xFFFF_C000_0201)),
        # 2001:db8::1: high word 0x20010db800000000, below the sign bit.
        (ArtifactKind.IP, "2001:db8::1", (0x2001_0DB8_0000_0000, 1)),
        (ArtifactKind.IP, "not an address", (None, None)),
        (ArtifactKind.DOMAIN, "192.0.2.1", (None, None)),
    ],
)
def test_addresses_have_words_to_be_found_by(
    kind: ArtifactKind, value: str, words: tuple[int | None, int | None]
) -> None:
    columns = artifact_columns(Artifact(kind, value))
    assert (columns["hi"], columns["lo"]) == words

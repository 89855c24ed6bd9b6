from __future__ import annotations

import pytest

from kaname.model.errors import UsageError
from kaname.writers import Writer, writer, writers


def test_ours_are_found_by_name_and_documented_in_both_languages() -> None:
    assert {"csv", "jsonl", "stix"} <= set(writers())
    for name, found in writers().items():
        assert isinstance(found, Writer)
        assert found.name == name
        assert found.suffix.startswith(".")
        assert found.doc.en
        assert found.doc.ja
        assert len(found.doc.limitations_en) == len(found.doc.limitations_ja)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as raised:
        writer("misp-of-old")
    assert "stix" in raised.value.render("ja")

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kaname.intelligence.attack.corpus import folded, read
from kaname.intelligence.attack.pieces import pieces
from kaname.model.errors import InputError

LABELS = ["T1059", "T1003.001"]


def test_subtechniques_count_for_their_parent_only_where_that_is_a_class() -> None:
    known = frozenset(LABELS)
    assert folded("T1059.001", known) == "T1059"
    assert folded("T1003.001", known) == "T1003.001"
    assert folded("T1003.002", known) is None
    assert folded("T1003", known) is None


def test_sentences_end_at_stops_and_lines() -> None:
    text = 'It ran cmd.exe. Then it slept.\n\n"Why?" he asked'
    assert [text[a:b] for a, b in pieces(text)] == [
        "It ran cmd.exe.",
        "Then it slept.",
        '"Why?" he asked',
    ]
    assert list(pieces(" \n ")) == []


def test_annotated_reports_sentences_and_attack_are_told_apart(tmp_path: Path) -> None:
    text = "It ran a script. Nothing to see in this sentence."
    report = {"file": "a.txt", "text": text, "spans": [[3, 15, "T1059.001"]]}
    (tmp_path / "reports.jsonl.gz").write_bytes(gzip.compress(json.dumps(report).encode()))
    (tmp_path / "more.jsonl").write_text(
        json.dumps({"text": "dumps LSASS (Citation: X)", "labels": ["T1003.001"]}), "utf-8"
    )
    technique = {
        "type": "attack-pattern",
        "id": "attack-pattern--1",
        "description": "Scripts.",
        "external_references": [{"source_name": "mitre-attack", "external_id": "T1059"}],
    }
    uses = {
        "type": "relationship",
        "relationship_type": "uses",
        "target_ref": "attack-pattern--1",
        "description": "[X](https://x.example) runs scripts.(Citation: Y)",
    }
    bundle = {"type": "bundle", "id": "bundle--1", "objects": [technique, uses]}
    (tmp_path / "attack.json").write_text(json.dumps(bundle), "utf-8")
    found = read(tmp_path.iterdir(), LABELS)
    (one,) = found.reports
    assert one.sentences == (
        ("It ran a script.", frozenset({"T1059"})),
        ("Nothing to see in this sentence.", frozenset()),
    )
    assert sorted(found.sentences) == [
        ("Scripts.", frozenset({"T1059"})),
        ("X runs scripts.", frozenset({"T1059"})),
        ("dumps LSASS", frozenset({"T1003.001"})),
    ]


@pytest.mark.parametrize("data", [b"not json", b'{"text": 1}', b'{"type":"bundle"}', b"[]"])
def test_anything_else_is_one_clear_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(InputError) as raised:
        read([tmp_path / "x"], LABELS)
    assert raised.value.key == "intelligence.error.technique_corpus"

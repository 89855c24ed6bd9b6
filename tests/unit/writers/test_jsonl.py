from __future__ import annotations

import json
from collections.abc import Callable

from tests.unit.writers.samples import finding, indicator

from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind, Role

Write = Callable[..., bytes]


def test_a_line_is_an_object_with_evidence(write: Write) -> None:
    data = write(
        "jsonl", indicator(), indicator(ArtifactKind.URL, "http://x/\n日本"), findings=[finding()]
    )
    first, second = (json.loads(line) for line in data.decode().splitlines())
    assert data.count(b"\n") == 2
    assert second["artifact"] == {"kind": "url", "value": "http://x/\n日本", "role": "attacker"}
    assert first["score"] == 38  # -2 + 3 / 2 logits
    assert first["terms"] == [
        {
            "name": "writers.text.identity",
            "values": {"n": 3},
            "value": 3.0,
            "observed": "2024-10-02T00:00:00.000000Z",
            "tau_seconds": 345_600.0,
            "delta": 1.0,
            "evidence": ["obs-1", "obs-2"],
            "count": 3,
            "sha256": "cd" * 32,
        }
    ]
    assert "explanation" not in first
    (behind,) = first["findings"]
    assert behind["text"] == "198.51.100.7 sent 1234 packets."
    assert behind["reasons"] == ["99 hosts, at least 50"]
    assert behind["evidence"]["digest"] == "ab" * 32
    assert behind["evidence"]["sample"] == [{"one": 1}]


def test_a_finding_marked_above_the_indicator_is_left_out(write: Write) -> None:
    secret = finding(2, tlp=Tlp.RED, sensor="secret-sensor")
    both = (finding(1).id, secret.id)
    data = write("jsonl", indicator(findings=both), findings=[finding(1), secret])
    assert [one["id"] for one in json.loads(data)["findings"]] == [finding(1).id]
    assert b"secret" not in data


def test_what_is_harmless_is_called_a_note(write: Write) -> None:
    assert json.loads(write("jsonl", indicator(role=Role.BENIGN)))["type"] == "note"


def test_the_same_input_gives_the_same_bytes(write: Write) -> None:
    one = write("jsonl", indicator(), findings=[finding(params={"b": 1, "a": 2})])
    two = write("jsonl", indicator(), findings=[finding(params={"a": 2, "b": 1})])
    assert one == two

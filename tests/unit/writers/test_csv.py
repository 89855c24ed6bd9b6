from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from tests.unit.writers.samples import finding, indicator

from kaname.model.records import ArtifactKind, Role

Write = Callable[..., bytes]


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def test_a_line_holds_what_kaname_says(write: Write) -> None:
    (row,) = rows(write("csv", indicator(), findings=[finding()], language="ja"))
    assert row == {
        "type": "indicator",
        "id": "indicator-ip-198.51.100.7",
        "kind": "ip",
        "value": "198.51.100.7",
        "role": "attacker",
        "label": "scan",
        "score": "38",
        "valid_from": "2024-10-03T22:00:00.000000Z",
        "valid_until": "2024-10-11T00:00:00.000000Z",
        "updated": "2024-10-03T23:00:00.123456Z",
        "revoked": "false",
        "tlp": "TLP:GREEN",
        "techniques": "T1595.001",
        "findings": finding().id,
        "title": "scan: 198.51.100.7",
    }


def test_lines_end_as_the_standard_says_whatever_is_in_them(write: Write) -> None:
    data = write("csv", indicator(ArtifactKind.URL, 'http://x/a,"b"\r\nc\nd'), indicator())
    assert [row["value"] for row in rows(data)] == ['http://x/a,"b"\r\nc\nd', "198.51.100.7"]
    assert data.endswith(b"\r\n")
    assert data.splitlines()[0].count(b",") == 14


@pytest.mark.parametrize("start", list("=+-@\t\r＝＋－＠"))
def test_no_cell_is_taken_for_a_formula(write: Write, start: str) -> None:
    value = f"{start}cmd|' /C calc'!A0"
    (row,) = rows(write("csv", indicator(ArtifactKind.DOMAIN, value, label=value)))
    assert row["value"] == f"'{value}"
    assert row["label"] == f"'{value}"


def test_what_is_harmless_is_called_a_note(write: Write) -> None:
    (row,) = rows(write("csv", indicator(role=Role.BENIGN, label="benign-scanner")))
    assert (row["type"], row["role"]) == ("note", "benign")
    assert "not malicious" in row["title"]

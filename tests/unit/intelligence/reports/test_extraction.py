"""What is found in lines of reports, beside what people say is in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.intelligence.reports.tricky_lines import LINES

from kaname.intelligence.reports import extract
from kaname.intelligence.reports.extraction import technique_ids
from kaname.model.artifact import canonical
from kaname.model.records import ArtifactKind

DATA = Path(__file__).parents[5] / "shared" / "data" / "fusion"
KINDS = {
    "ip": "ip", "domain": "domain", "url": "url", "email": "mail", "md5": "hash",
    "sha1": "hash", "sha256": "hash", "cidr": "prefix", "cve": "vulnerability",
    "attack": "technique", "asn": "asn", "mac": "mac", "btc": "wallet",
    "regkey": "registry", "imphash": "fingerprint",
}  # fmt: skip


def found(text: str) -> set[str]:
    """What is an indicator, or a number that is neither."""
    from kaname._native import extract_artifacts

    listed = {f"{one.kind.value} {one.value}" for one in extract(text) if one.role == "indicator"}
    listed |= {f"technique {key}" for key, _, _ in technique_ids(text)}
    return listed | {f"mac {row[1]}" for row in extract_artifacts(text) if row[0] == "mac"}


@pytest.mark.parametrize(("text", "expected"), LINES, ids=[text[:60] for text, _ in LINES])
def test_a_line_gives_exactly_what_is_in_it(text: str, expected: tuple[str, ...]) -> None:
    assert found(text) == set(expected)


def test_the_shared_lines_are_read_without_a_mistake() -> None:
    lines = (DATA / "ioc_tricky" / "tricky.jsonl").read_text().splitlines()
    wrong = []
    for line in map(json.loads, lines):
        expected = set()
        for ioc in line["iocs"]:
            value = {"asn": "AS", "imphash": "imphash:"}.get(ioc["type"], "") + ioc["value"]
            expected.add(f"{KINDS[ioc['type']]} {value}")
        if found(line["text"]) != expected:
            wrong.append((line["text"], found(line["text"]) ^ expected))
    assert not wrong


def test_the_pages_of_eset_are_found_again() -> None:
    asked = missed = 0
    for path in sorted((DATA / "ioc_extraction_eset").glob("*.txt")):
        values = {one.value.lower() for one in extract(path.read_text())}
        for true in json.loads(path.with_suffix("").with_suffix(".truth.json").read_text()):
            kind = ArtifactKind(KINDS[true["type"]])
            value = canonical(kind, true["value"]) or true["value"]
            asked += 1
            missed += value.lower() not in values
    assert asked > 600
    assert missed == 0


def test_a_place_is_where_the_text_stands() -> None:
    text = "通信先：hxxp://evil[.]example/a、𠮷野 198[.]51[.]100[.]7:8443"
    url, host, address = extract(text)
    assert url.shown == text[url.start : url.end] == "hxxp://evil[.]example/a"
    assert host.shown == "evil[.]example"
    assert (address.shown, address.port) == ("198[.]51[.]100[.]7", 8443)


def test_time_grows_with_the_text_and_not_faster() -> None:
    # Each of these made a quadratic scanner hang; the test has no clock, it just ends.
    for piece in ("a.", "[.]", "1.", "http://", "a@", ":", "HKLM\\A ", "[[", "。a", "x-"):
        extract(piece * 20_000)

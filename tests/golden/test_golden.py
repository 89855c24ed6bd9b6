"""Every reader has fixtures, and gives what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.golden.cases import Case, cases, compare

from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.ingest import detect, ingest, readers

CASES = cases()


def test_every_reader_has_a_fixture() -> None:
    missing = set(readers()) - {case.reader for case in CASES}
    assert not missing, f"add tests/golden/<reader>/<case>/{{in,out}} for: {sorted(missing)}"


def test_every_fixture_is_of_a_reader_and_whole() -> None:
    for case in CASES:
        assert case.reader in readers(), case
        assert case.report, case
        assert set(case.tables) <= set(readers()[case.reader].tables), case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_reader_of_a_fixture_is_told_by_its_content(case: Case) -> None:
    assert detect(case.input).name == case.reader


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_comes_of_a_fixture_is_what_it_says(case: Case, tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    options = {"packets": "packets" in case.tables}
    result = ingest(lake, case.input, sensor="golden", tlp=Tlp.CLEAR, options=options)

    def ask(sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = lake.query(sql).table.to_pylist()
        return rows

    report = msgspec.to_builtins(result.source)
    compare(case, report, ask)
    assert sum(report["counters"].values()) == report["records"]

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


# Readers that are held row by row against another program, a specification or real data
# elsewhere, and those that are only read when they are named.
HELD_ELSEWHERE = {
    "unit/readers/dns/test_query_logs.py": (
        "bind", "dnsmasq", "passive_dns", "powerdns", "unbound", "windows_dns",
    ),
    "unit/readers/dns/test_capture.py": ("dns_capture",),
    "unit/readers/dns/test_dnstap.py": ("dnstap",),
    "unit/readers/test_flow_export.py": ("flow_export",),
    "unit/readers/test_flow_texts.py": ("binetflow", "nfdump", "nfdump_csv", "silk"),
    "unit/readers/test_sflow.py": ("sflow",),
    "unit/readers/test_capture_flows.py": ("capture_flows", "ipfix_file"),
    "unit/readers/test_open_resolvers.py": ("open_resolvers",),
    "unit/hardware/nexus/test_netlist_rows.py": ("netlist",),
    "unit/hardware/nexus/test_hardware_readers.py": ("power_trace",),
    "unit/cryptography/test_nexus_reading.py": ("cbom",),
}  # fmt: skip


def test_every_reader_has_a_fixture_or_tests_of_its_own() -> None:
    elsewhere = {name for names in HELD_ELSEWHERE.values() for name in names}
    missing = set(readers()) - {case.reader for case in CASES} - elsewhere
    assert not missing, f"add tests/golden/<reader>/<case>/{{in,out}} for: {sorted(missing)}"


@pytest.mark.parametrize("place", sorted(HELD_ELSEWHERE))
def test_tests_elsewhere_are_there(place: str) -> None:
    assert (Path(__file__).parents[1] / place).is_file()


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

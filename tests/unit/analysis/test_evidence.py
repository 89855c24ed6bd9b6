"""Evidence is proved again, and says when it no longer holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.telescope.made import START, row

from kaname.analysis.evidence import collect, gather, rerun
from kaname.analysis.runner import catch_up
from kaname.analysis.selection import flowtuples
from kaname.knowledge import FindingQuery, Knowledge
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.model.records import Finding

pytestmark = pytest.mark.usefixtures("only_count")


def _finding(lake: Lake, knowledge: Knowledge) -> Finding:
    catch_up(lake, knowledge)
    (found,) = knowledge.findings(FindingQuery()).items
    return found


def test_evidence_has_count_digest_sample_and_origin(lake: Lake, store: Any) -> None:
    batch = store("one.pcap", [row(f"192.0.2.{n}", "198.18.0.1", packets=2) for n in range(1, 9)])
    evidence, marking = gather(lake, flowtuples("true", by_source=True))
    assert (evidence.rows, len(evidence.sample), marking) == (8, 5, Tlp.AMBER)
    assert evidence.sample[0]["source"] == "192.0.2.1"
    assert [(s.batch, s.offset, s.path) for s in evidence.sources] == [
        (batch, 0, "/captures/one.pcap")
    ]


def test_the_marking_is_the_strictest_of_the_rows(lake: Lake, store: Any) -> None:
    store("one", [row("192.0.2.1", "198.18.0.1")], tlp=Tlp.GREEN)
    store("two", [row("192.0.2.1", "198.18.0.1")], tlp=Tlp.AMBER_STRICT)
    store("three", [row("192.0.2.9", "198.18.0.1")], tlp=Tlp.RED)
    _, marking = gather(lake, flowtuples("ip(src_hi, src_lo) = '192.0.2.1'"))
    assert marking is Tlp.AMBER_STRICT


def test_collect_takes_any_query(lake: Lake, store: Any) -> None:
    store("one", [row("192.0.2.1", "198.18.0.1")])
    assert collect(lake, "SELECT port FROM flowtuples", ("flowtuples",)).sample == ({"port": 23},)


def test_what_nobody_touched_holds(lake: Lake, knowledge: Knowledge, store: Any) -> None:
    store("one", [row("192.0.2.1", "198.18.0.1")])
    proof = rerun(lake, _finding(lake, knowledge))
    assert (proof.status, proof.rows_then, proof.rows_now, proof.missing) == ("holds", 1, 1, 0)
    assert proof.digest_then == proof.digest_now


def test_more_rows_change_it(lake: Lake, knowledge: Knowledge, store: Any) -> None:
    store("one", [row("192.0.2.1", "198.18.0.1")])
    found = _finding(lake, knowledge)
    store("two", [row("192.0.2.1", "198.18.0.1", ts=START + 60_000_000)])
    proof = rerun(lake, found)
    assert (proof.status, proof.rows_then, proof.rows_now) == ("changed", 1, 2)


def test_a_damaged_file_makes_it_unavailable(lake: Lake, knowledge: Knowledge, store: Any) -> None:
    store("one", [row("192.0.2.1", "198.18.0.1")])
    found = _finding(lake, knowledge)
    (file,) = lake.files("flowtuples")
    Path(file.path).write_bytes(b"PAR1 nothing of use PAR1")
    proof = rerun(lake, found)
    assert (proof.status, proof.rows_now, proof.missing) == ("unavailable", 0, 1)


def test_who_may_not_see_the_rows_does_not(lake: Lake, knowledge: Knowledge, store: Any) -> None:
    store("one", [row("192.0.2.1", "198.18.0.1")], tlp=Tlp.RED)
    proof = rerun(lake, _finding(lake, knowledge), Tlp.GREEN)
    assert (proof.status, proof.rows_now, proof.sample) == ("gone", 0, ())

from __future__ import annotations

from typing import Any

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.report_records import (
    EntityClaim,
    Found,
    Reading,
    Report,
    ReportDecision,
    TechniqueClaim,
)
from kaname.knowledge.reports import Reports
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

READING = Reading(
    artifacts=(
        Found(
            kind=ArtifactKind.IP,
            value="198.51.100.7",
            start=4,
            end=16,
            shown="198.51.100.7",
            role="indicator",
        ),
    ),
    entities=(EntityClaim(id="", type="malware", name="語", start=0, end=1, by="pattern"),),
    techniques=(TechniqueClaim(id="T1059", score=1.0, sentence=0, reasons=("id:T1059",)),),
)


@pytest.fixture
def reports(knowledge: Knowledge) -> Reports:
    return knowledge.part(Reports)


def report(number: int, **changes: Any) -> Report:
    values: dict[str, Any] = {
        "id": f"report-{number:02}",
        "title": f"報告 {number}",
        "name": "a.txt",
        "language": "ja",
        "received": 1_000 + number,
        "tlp": Tlp.AMBER,
        "source": "tests",
        "text": "通信先\x00は198.51.100.7",
        "reading": READING,
    }
    return Report(**values | changes)


def decision(**changes: Any) -> ReportDecision:
    values: dict[str, Any] = {
        "what": "artifact", "index": 0, "choice": "accepted", "by": "hanako", "at": 5
    }  # fmt: skip
    return ReportDecision(**values | changes)


def test_a_report_is_kept_once(reports: Reports) -> None:
    assert reports.keep(report(1))
    assert not reports.keep(report(1, title="another"))
    kept = reports.report("report-01")
    assert kept.title == "報告 1"
    assert kept.reading == READING
    assert "198.51.100.7" in kept.text


def test_pages_go_from_the_newest_on_and_miss_none(reports: Reports) -> None:
    for number in range(7):
        reports.keep(report(number, received=1_000 + number // 2))
    seen: list[str] = []
    cursor = None
    while True:
        page = reports.reports(limit=3, cursor=cursor)
        assert page.total == 7
        seen += [one.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"report-{number:02}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert reports.reports(state="accepted").total == 0


def test_what_is_above_a_clearance_is_not_there(reports: Reports) -> None:
    reports.keep(report(1, tlp=Tlp.RED))
    assert reports.reports(clearance=Tlp.AMBER).total == 0
    with pytest.raises(NotFoundError):
        reports.report("report-01", clearance=Tlp.AMBER)
    with pytest.raises(NotFoundError):
        reports.decide("report-01", [decision()], clearance=Tlp.AMBER)


def test_decisions_are_kept_with_who_made_them(reports: Reports) -> None:
    reports.keep(report(1))
    reports.decide("report-01", [decision(), decision(what="technique", choice="declined")])
    kept = reports.report("report-01")
    assert kept.state == "accepted"
    assert kept.reading.artifacts[0].state == "accepted"
    assert kept.reading.techniques[0].state == "declined"
    assert kept.reading.entities[0].state == "open"
    assert [(one.by, one.what) for one in kept.decisions] == [
        ("hanako", "artifact"),
        ("hanako", "technique"),
    ]
    assert kept.text


def test_one_wrong_decision_keeps_none(reports: Reports) -> None:
    reports.keep(report(1))
    with pytest.raises(UsageError):
        reports.decide("report-01", [decision(), decision(what="relation")])
    assert reports.report("report-01").decisions == ()

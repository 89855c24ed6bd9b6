"""A whole day of an organisation: every file is told by its bytes, every trouble is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kaname.analysis.evidence import rerun
from kaname.analysis.runner import catch_up
from kaname.knowledge import FindingQuery, Knowledge
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.model.records import Finding
from kaname.readers.ingest import expand, ingest
from kaname.traffic.scenario import ScenarioReport, write

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
# Which analysis has to find what the truth names.
ANSWERS = {
    "generated_names": "dns.dga",
    "tunnel": "dns.tunnels",
    "lookalike": "dns.lookalikes",
    "beacon": "flow.beacons",
    "scan": "flow.scans",
    "flood": "flow.ddos",
    "amplifier": "flow.amplifiers",
    "spam_campaign": "mail.campaigns",
    "intrusion": "stories.intrusion",
}
KINDS = {
    "dns", "flows", "mail", "user_events", "endpoint", "routes", "hops", "exposure", "feeds",
    "crawl", "alerts",
}  # fmt: skip


class Day:
    """The stores after everything was ingested and analysed once."""

    def __init__(self, root: Path) -> None:
        self.report: ScenarioReport = write(root / "net", seed=5, start=START)
        self.lake = Lake.open(root / "data")
        self.knowledge = Knowledge.open(f"sqlite:///{root / 'knowledge.sqlite'}")
        self.sources = [
            ingest(self.lake, path, sensor="office", tlp=Tlp.GREEN).source
            for path in expand([str(root / "net")])
        ]
        self.reports = catch_up(self.lake, self.knowledge)
        page = self.knowledge.findings(FindingQuery(limit=1000, clearance=Tlp.RED))
        self.findings: list[Finding] = list(page.items)

    def close(self) -> None:
        self.knowledge.close()
        self.lake.close()

    def named(self, analysis: str, words: str) -> list[Finding]:
        """Findings of ``analysis`` that name all ``words`` in artifacts or values."""
        return [
            finding
            for finding in self.findings
            if finding.analysis == analysis
            and all(word in f"{finding.artifacts} {finding.values}" for word in words.split())
        ]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    made = Day(tmp_path_factory.mktemp("day"))
    yield made
    made.close()


def test_every_file_is_read_whole(day: Day) -> None:
    assert not any(source.damaged for source in day.sources)
    assert {status.name for status in day.lake.tables() if status.rows} >= KINDS


def test_no_analysis_fails(day: Day) -> None:
    assert [report for report in day.reports if report.failed] == []


@pytest.mark.parametrize("trouble", sorted(ANSWERS))
def test_what_is_true_is_found(day: Day, trouble: str) -> None:
    assert day.named(ANSWERS[trouble], day.report.truth[trouble])


def test_nobody_else_is_accused(day: Day) -> None:
    """Clients that no trouble names are in no finding about names or contacts."""
    truth = " ".join(day.report.truth.values())
    for analysis in ("dns.dga", "dns.tunnels", "flow.beacons", "flow.scans"):
        for finding in day.findings:
            if finding.analysis == analysis:
                own = [a.value for a in finding.artifacts if a.value.startswith("10.20.1.")]
                assert own
                assert all(value in truth for value in own), finding.message


def test_every_finding_holds_when_its_query_is_repeated(day: Day) -> None:
    for finding in day.findings:
        assert rerun(day.lake, finding).status == "holds", finding.message

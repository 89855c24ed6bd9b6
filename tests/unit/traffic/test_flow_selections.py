"""Findings over flows in a real lake: evidence that holds, words in both languages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyarrow as pa
import pytest
from tests.conformance.test_portability_flows import PARAMS, _exposure, _flows
from tests.unit.traffic.flow_scenes import DAY, HOUR, START, drafts

from kaname.analysis.evidence import rerun
from kaname.analysis.frame import analyses, analysis
from kaname.analysis.runner import run
from kaname.knowledge import FindingQuery, Knowledge
from kaname.lake import Lake
from kaname.model.ids import batch_id
from kaname.model.marking import Tlp
from kaname.model.records import Finding
from kaname.readers.frame import ReadReport

FLOW = [name for name in analyses() if name.startswith("flow.")]


def _put(lake: Lake, name: str, rows: pa.Table, sensor: str) -> None:
    identity = hashlib.sha256(name.encode()).hexdigest()
    column = rows.schema.get_field_index("batch")
    marked = rows.set_column(
        column, rows.schema.field(column), pa.array([batch_id(identity)] * len(rows), pa.int64())
    )
    source = {"identity": identity, "path": f"/flows/{name}", "size": 1, "sensor": sensor}
    options = {"tlp": Tlp.AMBER, "reader": "made", "reader_version": 1}
    with lake.writer(**source, **options) as writer:
        for batch in marked.to_batches():
            writer.write(name, batch)
        writer.commit(ReadReport(records=len(rows), rows=len(rows)))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake.open(tmp_path_factory.mktemp("flows") / "data")
    _put(made, "flows", _flows(), "router")
    _put(made, "exposure", _exposure(), "reports")
    return made


@pytest.fixture(scope="module")
def found(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Finding]]:
    path = tmp_path_factory.mktemp("knowledge") / "knowledge.sqlite"
    since = START + 3 * DAY
    with Knowledge.open(f"sqlite:///{path}") as knowledge:
        for name in FLOW:
            run(lake, knowledge, name, since, since + HOUR, PARAMS.get(name, {}))
        yield list(knowledge.findings(FindingQuery(limit=500)).items)


def test_every_analysis_over_flows_says_something(found: list[Finding]) -> None:
    assert {finding.analysis for finding in found} == set(FLOW)


def test_the_evidence_of_every_finding_holds(lake: Lake, found: list[Finding]) -> None:
    for finding in found:
        assert finding.evidence.rows > 0, finding.title("en")
        assert rerun(lake, finding).status == "holds"


def test_findings_speak_both_languages(found: list[Finding]) -> None:
    for finding in found:
        english, japanese = finding.title("en"), finding.title("ja")
        assert english != japanese
        assert "{" not in english + japanese
        texts = (finding.explain("en"), finding.explain("ja"))
        reasons = (finding.because("en"), finding.because("ja"))
        assert "{" not in " ".join([*texts, *reasons[0], *reasons[1]])


@pytest.mark.parametrize("name", FLOW)
def test_an_empty_window_says_nothing(name: str) -> None:
    assert drafts(analysis(name), {}) == []

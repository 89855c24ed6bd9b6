"""Reports on a design and a device: what is in them, in both languages and forms."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pypdf
import pytest
from click.testing import CliRunner
from tests.unit.hardware.nexus.designed import BAD, CLEAN, designs
from tests.unit.hardware.nexus.powered import START, fleet

from kaname.analysis.runner import run
from kaname.cli.main import root
from kaname.hardware.devices import Asked
from kaname.hardware.reports.design import report_on_design
from kaname.hardware.reports.device import report_on_device
from kaname.knowledge import Knowledge
from kaname.lake import Lake
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.marking import Tlp
from kaname.writers.report.document import Document, Graph, Spot, Trace
from kaname.writers.report.drawing import Label, Rect
from kaname.writers.report.drawing import Path as Line
from kaname.writers.report.pictures import figure
from kaname.writers.report.writing import write

SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report") / "data"


@pytest.fixture(scope="module")
def stores(data: Path) -> Iterator[tuple[Lake, Knowledge]]:
    with (
        Lake.open(data) as lake,
        Knowledge.open(f"sqlite:///{data}/knowledge.sqlite") as knowledge,
    ):
        designs(lake)
        fleet(lake, days=1)
        for name in ("hardware.trojans", "hardware.fleet"):
            run(lake, knowledge, name, since=START, until=START + 1)
        yield lake, knowledge


def of_design(stores: tuple[Lake, Knowledge], language: Any, digest: str = BAD) -> Document:
    return report_on_design(*stores, digest, language, Tlp.RED)


def test_a_design_is_told_with_pictures_nets_and_reasons(stores: tuple[Lake, Knowledge]) -> None:
    english = write(of_design(stores, "en"), "html").decode()
    assert "98.0 %" in english
    assert "Region 1: trigger, 97.0 %" in english
    assert BAD in english
    assert "<script" not in english
    pictures = SVG.findall(english)
    assert len(pictures) == 3  # the histogram and two regions
    for picture in pictures:
        ET.fromstring(picture)  # noqa: S314 - our own
    assert "NAND2X1" in pictures[1]
    for net in ("n11", "n12", "n13", "n14", "n15"):
        assert net in english
    assert "Nets around it are suspicious" in english
    japanese = write(of_design(stores, "ja"), "html").decode()
    assert '<html lang="ja">' in japanese
    assert "周囲のネットも疑わしい" in japanese
    assert "Suspicious" not in japanese


def test_a_clean_design_says_that_it_is_no_proof(stores: tuple[Lake, Knowledge]) -> None:
    text = write(of_design(stores, "en", CLEAN), "html").decode()
    assert "looks like designs without" in text
    assert "no proof" in text
    with pytest.raises(NotFoundError):
        of_design(stores, "en", "f" * 64)


def test_a_design_is_found_by_its_name_or_the_first_digits(
    stores: tuple[Lake, Knowledge],
) -> None:
    for asked in ("uart", BAD[:8], BAD.upper()):
        assert BAD in write(of_design(stores, "en", asked), "html").decode()
    for asked in ("UART'", "' OR true --", BAD[:7]):
        with pytest.raises(NotFoundError):
            of_design(stores, "en", asked)


def test_a_device_is_told_with_its_course_and_peers(stores: tuple[Lake, Knowledge]) -> None:
    document = report_on_device(*stores, "node6", "ja", Tlp.RED)
    text = write(document, "html").decode()
    assert "node6" in text
    assert "スリープ時の電力(mW) *" in text
    assert "この期間の電力の推移はありません" in text  # segments only, no powers by the second
    asked = Asked(START, START + 60_000_000)
    short = report_on_device(*stores, "node6", "en", Tlp.RED, asked)
    assert "2026-01-01T00:00:00 – 2026-01-01T00:01:00 UTC" in str(short.facts)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_paper_and_json_are_the_same_each_time(
    stores: tuple[Lake, Knowledge], language: str
) -> None:
    first, second = (write(of_design(stores, language), "pdf") for _ in range(2))
    assert first == second
    pages = pypdf.PdfReader(io.BytesIO(first)).pages
    assert len(pages) > 2
    document = json.loads(write(of_design(stores, language), "json"))
    assert document["chapters"][1]["blocks"][1]["type"] == "graph"


def test_a_graph_runs_from_left_to_right_and_arrows_back_are_dashed() -> None:
    spots = (Spot("a", "IN", -1, 0.1), Spot("b", "AND", 0, 0.9, odd=True), Spot("c", "FF", 1, 0.2))
    drawn = figure(Graph("t", spots, ((0, 1), (1, 2), (2, 0))))
    words = {shape.text: shape.x for shape in drawn.shapes if isinstance(shape, Label)}
    assert words["IN"] < words["AND"] < words["FF"]
    arrows = [shape for shape in drawn.shapes if isinstance(shape, Line) and shape.role == "soft"]
    assert sum(bool(shape.dash) for shape in arrows) == 1


def test_a_trace_shows_gaps_and_marks() -> None:
    from kaname.writers.report.document import Mark

    trace = Trace("t", (1.0, 1.0, None, 2.0), (1.5, 1.6, None, 2.0), (2.0, 2.0, None, 3.0),
                  ((0, "00:00"),), (Mark(1, 2, "odd"),), "mW")  # fmt: skip
    drawn = figure(trace)
    assert sum(isinstance(s, Rect) and s.role == "c1" for s in drawn.shapes) == 3
    assert sum(isinstance(s, Rect) and s.role == "c2" for s in drawn.shapes) == 1
    empty = figure(Trace("t", (), (), (), ()))
    assert empty.height > 0


def test_by_command(stores: tuple[Lake, Knowledge], data: Path, tmp_path: Path) -> None:
    place = tmp_path / "r.html"
    paper = tmp_path / "r.pdf"
    asked = ["--data", str(data), "hardware", "report", "--design", BAD[:12], "--json",
             "--html", str(place), "--pdf", str(paper)]  # fmt: skip
    done = CliRunner().invoke(root, asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["files"]["html"]["bytes"] == place.stat().st_size
    assert paper.read_bytes().startswith(b"%PDF")
    both = CliRunner().invoke(root, ["--data", str(data), "hardware", "report"])
    assert isinstance(both.exception, UsageError)

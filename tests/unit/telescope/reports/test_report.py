"""A report over a small lake, against counts by hand."""

from __future__ import annotations

import builtins
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.unit.lake.observing import observe
from tests.unit.telescope.made import DAY, MINUTE, START, row

from kaname.knowledge import Knowledge
from kaname.lake import Lake
from kaname.model.errors import UnavailableError, UsageError
from kaname.model.instant import HOUR
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Evidence, Finding, Role, Severity
from kaname.telescope.reports.counting import Count, Counted, count
from kaname.telescope.reports.period import parse_period
from kaname.telescope.reports.queries import Survey
from kaname.telescope.reports.report import Stores, make, write
from kaname.writers.report.document import Document, Grid
from kaname.writers.shielding import shield_of

BOT, SCANNER, SURVEY = "203.0.113.1", "203.0.113.2", "203.0.113.3"
DARK = "198.18.0."
PERIOD = parse_period("day", "2026-01-01")


def packets() -> list[dict[str, Any]]:
    """The day before: 4 packets of one host. The day: 21 packets of three hosts."""
    return [
        row(BOT, DARK + "1", ts=START - HOUR, packets=4, port=23),
        row(BOT, DARK + "1", ts=START, packets=3, port=23),
        row(BOT, DARK + "2", ts=START + MINUTE, packets=2, port=23),
        row(BOT, DARK + "2", ts=START + 5 * HOUR, packets=1, port=2323),
        row(SCANNER, DARK + "7", ts=START + 5 * HOUR, packets=5, port=23),
        row(SURVEY, DARK + "7", ts=START + HOUR, packets=6, port=443),
        row(SURVEY, "198.18.1.9", ts=START + HOUR, packets=4, port=53, proto=17, ptype="udp"),
    ]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path) as made:
        rows = packets()
        for number, one in enumerate(rows):
            one.pop("batch")
            one["row_in_src"] = number
        observe(made, "flowtuples", rows, sensor="darknet")
        yield made


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    with Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as made:
        yield made


@pytest.fixture
def stores(lake: Lake, knowledge: Knowledge, tmp_path: Path) -> Stores:
    return Stores(lake, knowledge, None, shield_of(tmp_path, knowledge))


def counts(lake: Lake, **options: Any) -> Counted:
    return count(lake, PERIOD, Survey(in_days=False, sources=(SURVEY,)), None, **options)


def test_packets_and_hosts_are_counted_with_and_without_survey_scans(lake: Lake) -> None:
    found = counts(lake)
    assert found.now == Count(packets=21, hosts=3, packets_rest=11, hosts_rest=2)
    assert found.before == Count(4, 1, 4, 1)
    assert found.now.survey_share == pytest.approx(10 / 21)
    assert found.services == {
        ("tcp_syn", 23): Count(10, 2, 10, 2),
        ("tcp_syn", 2323): Count(1, 1, 1, 1),
        ("tcp_syn", 443): Count(6, 1, 0, 0),
        ("udp", 53): Count(4, 1, 0, 0),
    }
    assert found.services_before == {("tcp_syn", 23): Count(4, 1, 4, 1)}


def test_a_host_that_comes_in_two_hours_counts_in_both_and_once_a_day(lake: Lake) -> None:
    found = counts(lake)
    assert found.over_time == {
        START: Count(5, 1, 5, 1),
        START + HOUR: Count(10, 1, 0, 0),
        START + 5 * HOUR: Count(6, 2, 6, 2),
    }


def test_sensors_show_blocks_and_hours(lake: Lake) -> None:
    (extent,) = counts(lake).extents.values()
    assert (extent.blocks, extent.hours) == (2, 3)


def test_survey_scans_can_be_left_out_of_everything(lake: Lake) -> None:
    found = counts(lake, without_survey=True)
    assert found.now == Count(11, 2, 11, 2)
    assert ("udp", 53) not in found.services


def test_slices_add_up_to_the_whole(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = counts(lake)
    monkeypatch.setattr("kaname.telescope.reports.counting._SLICE", 2)
    parts = counts(lake)
    for name in ("now", "before", "over_time", "services", "types", "families", "sensors"):
        assert getattr(parts, name) == getattr(whole, name), name


def days(label: str, source: str, at: int, packets_: int, family: str = "bare") -> dict[str, Any]:
    return {
        "ts": at, "src_hi": 0, "src_lo": row(source, DARK + "1")["src_lo"], "label": label,
        "family": family, "ptype": "tcp_syn", "packets": packets_, "confidence": 0.9,
        "last": at, "part": 0,
    }  # fmt: skip


def test_labels_of_days_decide_where_they_are_there(lake: Lake) -> None:
    made = [
        days("mirai", BOT, START, 6),
        days("tool_unnamed", SCANNER, START, 5),
        days("survey", SURVEY, START + HOUR, 6),
        days("udp_scan", SURVEY, START + HOUR, 4, "udp"),
    ]
    observe(lake, "source_days", made, source="days", sensor="darknet")
    found = count(lake, PERIOD, Survey(in_days=True), None)
    # Only what the survey sent over TCP was labelled so.
    assert found.now.packets_rest == 15
    assert found.services["udp", 53] == Count(4, 1, 4, 1)
    assert found.services["tcp_syn", 443] == Count(6, 1, 0, 0)
    assert found.labels["mirai"] == (6, 1)


def reflection(target: str) -> Finding:
    return Finding(
        id="finding-1", analysis="telescope.reflection", version=1, params={},
        window_start=START, window_end=START + DAY, first_seen=START, last_seen=START + HOUR,
        sensor="darknet", label="tcp_reflection", severity=Severity.HIGH, confidence=0.9,
        spoofable=True, message="telescope.tcp_reflection",
        artifacts=(Artifact(ArtifactKind.IP, target, Role.TARGET),),
        values={"target": target, "targets": 1, "n": 40, "packets": 99, "seconds": 60},
        evidence=Evidence("SELECT 1", ("flowtuples",), 1, "ab", (), ()),
        tlp=Tlp.AMBER, created=START,
    )  # fmt: skip


def report(stores: Stores, language: Any = "en") -> Document:
    return make(stores, PERIOD, language)


@pytest.mark.parametrize("form", ["html", "pdf", "json"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_same_lake_gives_the_same_bytes(stores: Stores, form: str, language: str) -> None:
    assert write(report(stores, language), form) == write(report(stores, language), form)


def test_no_address_of_the_telescope_is_in_a_report(stores: Stores, knowledge: Knowledge) -> None:
    knowledge.replace_window("telescope.reflection", START, START + DAY, [reflection(DARK + "77")])
    document = report(stores)
    text = write(document, "json").decode() + write(document, "html").decode()
    assert "by 40 servers" in text
    assert not re.search(r"198\.18\.", text)


class Reader(HTMLParser):
    """Collects what is open, and the words in cells."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        given = dict(attrs)
        self.links += [str(given[name]) for name in ("href", "src") if name in given]
        self.ids |= {str(given["id"])} if "id" in given else set()
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_for_nothing(stores: Stores) -> None:
    text = write(report(stores), "html").decode()
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert not reader.names & {"script", "link", "img", "iframe"}
    assert reader.links
    assert {link.removeprefix("#") for link in reader.links} <= reader.ids
    assert not re.search(r"@import|url\(", text)


def test_every_table_of_counts_names_a_query_of_the_appendix(stores: Stores) -> None:
    document = report(stores)
    known = {query.key for query in document.queries}
    grids = [b for chapter in document.chapters for b in chapter.blocks if isinstance(b, Grid)]
    for grid in grids:
        assert set(grid.queries) <= known
        assert grid.queries or not grid.rows, grid.title


def test_the_queries_can_be_run_again_and_give_the_numbers(stores: Stores) -> None:
    document = report(stores)
    for query in document.queries:
        if query.sql.startswith(("WITH", "SELECT")):
            assert stores.lake.query(query.sql).table.num_rows >= 0


def test_a_pdf_has_pages_contents_and_metadata(stores: Stores) -> None:
    made = PdfReader(io.BytesIO(write(report(stores), "pdf")))
    assert made.metadata is not None
    assert made.metadata.title == "Telescope report, 2026-01-01"
    assert "TLP:GREEN" in str(made.metadata.get("/Keywords"))
    assert [str(entry["/Title"]) for entry in made.outline][:2] == ["1. Overview", "2. Over time"]
    text = "".join(page.extract_text() for page in made.pages)
    assert "Packets per monitored address" in text
    # 21 packets to two blocks of 256
    assert "0.04" in text


def test_without_reportlab_it_says_what_to_install(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("reportlab"):
            raise ImportError(name)
        return real(name, *rest, **more)

    document = report(stores)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(UnavailableError, match="kaname"):
        write(document, "pdf")


def test_an_empty_lake_gives_a_report_that_says_so(tmp_path: Path, knowledge: Knowledge) -> None:
    with Lake.open(tmp_path / "empty") as lake:
        stores = Stores(lake, knowledge, None, shield_of(tmp_path, knowledge))
        document = report(stores)
        assert "no packets" in write(document, "html").decode()
        assert write(document, "pdf").startswith(b"%PDF")


@pytest.mark.parametrize(
    ("kind", "text", "bins", "before"),
    [
        ("day", "2026-03-01", 24, "2026-02-28"),
        ("month", "2024-02", 29, "2024-01"),
        ("month", "2026-01", 31, "2025-12"),
    ],
)
def test_periods_and_the_ones_before(kind: str, text: str, bins: int, before: str) -> None:
    period = parse_period(kind, text)
    assert (len(period.bins), period.before_name) == (bins, before)
    assert period.before < period.start < period.end


@pytest.mark.parametrize(
    ("kind", "text"),
    [("day", "2026-02-30"), ("day", "2026-01"), ("month", "2026-13"), ("month", "26-1"),
     ("day", "1970-01-01"), ("day", "2026-1-1"), ("day", "")],
)  # fmt: skip
def test_what_is_no_date_is_refused(kind: str, text: str) -> None:
    with pytest.raises(UsageError):
        parse_period(kind, text)

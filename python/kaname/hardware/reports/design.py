"""The report on a design: verdict, suspicious regions with pictures, ranked nets, reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaname.analysis.selection import quoted
from kaname.hardware.designs import design, net, nets
from kaname.hardware.reports.frame import Language, Say, assembled, findings, graph
from kaname.model.instant import format_us
from kaname.model.page import Page
from kaname.writers.report.document import (
    Block,
    Chart,
    Column,
    Document,
    Fact,
    Facts,
    Grid,
    Query,
    Series,
    Text,
)

if TYPE_CHECKING:
    from kaname.hardware.routes.shapes import DesignDetail, NetDetail, NetOut
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = ["report_on_design"]

_REGIONS = 8  # with a picture
_NETS = 50
_EXPLAINED = 8
_DESIGN, _NETS_QUERY, _FINDINGS = "Q1", "Q2", "Q3"


def report_on_design(
    lake: Lake, knowledge: Knowledge, digest: str, language: Language, clearance: Tlp
) -> Document:
    """The report on the design with this digest.

    Raises:
        NotFoundError: there is none.
    """
    say = Say(language)
    detail = design(lake, knowledge, digest, clearance)
    one = detail.design
    ranked = nets(lake, one.digest, Page(_NETS), clearance).items
    explained = [net(lake, one.digest, each.place, clearance) for each in ranked[:_EXPLAINED]]
    facts = (
        (say("hardware.report.design"), one.name),
        ("SHA-256", one.digest),
        (say("hardware.report.file"), one.path),
        (say("hardware.report.judged"), f"{format_us(one.ts)[:19]} UTC"),
        (say("hardware.report.model"), f"{one.model} ({one.model_digest[:16]})"),
    )
    chapters = (
        ("verdict", say("hardware.report.verdict"), _verdict(say, detail)),
        ("regions", say("hardware.report.regions"), _regions(say, detail)),
        ("nets", say("hardware.report.nets"), (_ranked(say, ranked),)),
        ("reasons", say("hardware.report.reasons"), _reasons(say, explained)),
        ("findings", say("hardware.report.findings"),
         (findings(say, detail.findings, _FINDINGS),)),
        ("method", say("hardware.report.method"), (Text(say("hardware.report.design_method")),)),
    )  # fmt: skip
    titles = (say("hardware.report.design_title", design=one.name),
              say("hardware.report.design_subtitle"))  # fmt: skip
    return assembled(say, titles, one.tlp, facts, chapters, _queries(say, detail))


def _queries(say: Say, detail: DesignDetail) -> tuple[Query, ...]:
    own = f"digest = {quoted(detail.design.digest)}"
    design = f"SELECT * FROM netlists WHERE {own} ORDER BY ts DESC, batch DESC LIMIT 1"  # noqa: S608
    ranked = f"SELECT * FROM suspect_nets WHERE {own} ORDER BY rank"  # noqa: S608
    command = "kaname findings --analysis hardware.trojans --json"
    return (
        Query(_DESIGN, say("hardware.report.query_design"), design),
        Query(_NETS_QUERY, say("hardware.report.query_nets"), ranked),
        Query(_FINDINGS, say("hardware.report.findings"), command),
    )


def _verdict(say: Say, detail: DesignDetail) -> Iterator[Block]:
    one = detail.design
    key = {
        "suspicious": "hardware.report.suspicious",
        "clean": "hardware.report.clean",
    }[one.verdict]
    yield Text(say(key, percent=round(100 * one.probability, 1), regions=one.regions))
    refs = (_DESIGN,)
    yield Facts(
        (
            Fact(say("hardware.report.probability"), one.probability, "share", None, refs),
            Fact(say("hardware.report.flagged"), one.flagged, "count", None, refs),
            Fact(say("hardware.report.threshold"), one.threshold, "share", None, refs),
            Fact(say("hardware.report.cells"), one.cells, "count", None, refs),
            Fact(say("hardware.report.all_nets"), one.nets, "count", None, refs),
            Fact(say("hardware.report.problems"), one.problems, "count", None, refs),
        )
    )
    yield Text(say("hardware.report.no_proof"), quiet=True)
    labels = tuple(f"{10 * at}–{10 * at + 10} %" for at in range(10))
    counts = tuple(float(count) for count in detail.histogram)
    cells = Series(say("hardware.report.cells"), counts)
    yield Chart(say("hardware.report.histogram"), "bars", labels, (cells,), "", refs)
    if detail.problems:
        columns = (
            Column(say("hardware.report.line"), "count"),
            Column(say("hardware.report.column"), "count"),
            Column(say("hardware.report.problem")),
        )
        rows = tuple((each.line, each.column, each.message) for each in detail.problems[:20])
        yield Grid(say("hardware.report.unread"), columns, rows, refs)


def _regions(say: Say, detail: DesignDetail) -> Iterator[Block]:
    if not detail.regions:
        yield Text(say("hardware.report.no_regions"))
        return
    columns = (
        Column(say("hardware.report.region"), "count"),
        Column(say("hardware.report.probability"), "share"),
        Column(say("hardware.report.cells"), "count"),
        Column(say("hardware.report.role"), "code"),
        Column(say("hardware.report.surest")),
    )
    rows = tuple(
        (each.number, each.probability, each.cells, each.role, ", ".join(each.nets[:5]))
        for each in detail.regions
    )
    yield Grid(say("hardware.report.regions"), columns, rows, (_DESIGN,))
    for each in detail.regions[:_REGIONS]:
        title = say("hardware.report.region_title", number=each.number, role=each.role,
                    percent=round(100 * each.probability, 1))  # fmt: skip
        yield graph(say, title, each.circuit, _DESIGN)


def _ranked(say: Say, ranked: list[NetOut]) -> Grid:
    columns = (
        Column("#", "count"),
        Column(say("hardware.report.net")),
        Column(say("hardware.report.cell"), "code"),
        Column(say("hardware.report.probability"), "share"),
        Column(say("hardware.report.region"), "count"),
        Column(say("hardware.report.role"), "code"),
    )
    rows = tuple(
        (each.rank, each.net, each.cell, each.probability, each.region or None, each.role)
        for each in ranked
    )
    empty = say("hardware.report.no_nets")
    return Grid(say("hardware.report.nets"), columns, rows, (_NETS_QUERY,), empty)


def _reasons(say: Say, explained: list[NetDetail]) -> Iterator[Block]:
    for each in explained:
        if not each.reasons:
            continue
        title = say("hardware.report.why", net=each.net.net,
                    percent=round(100 * each.net.probability, 1))  # fmt: skip
        columns = (Column(say("hardware.report.reason")),
                   Column(say("hardware.report.weight"), "ratio"))  # fmt: skip
        rows = tuple((say.of(reason.text), reason.weight) for reason in each.reasons)
        yield Grid(title, columns, rows, (_NETS_QUERY,))

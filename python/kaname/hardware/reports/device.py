"""The report on a device: the course of its power, what was odd, its place among its peers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kaname.analysis.selection import during, quoted
from kaname.hardware.devices import Asked, device
from kaname.hardware.reports.frame import Language, Say, assembled, findings
from kaname.model.instant import format_us
from kaname.writers.report.document import (
    Block,
    Column,
    Document,
    Fact,
    Facts,
    Grid,
    Mark,
    Query,
    Text,
    Trace,
)

if TYPE_CHECKING:
    from kaname.hardware.routes.shapes import DeviceDetail, Measure, SegmentOut
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = ["report_on_device"]

_STEPS = 700  # of a picture
_LABELS = 6
_ANOMALIES = 60
_SECOND = 1e6
_SEGMENTS, _SECONDS, _FINDINGS = "Q1", "Q2", "Q3"
_MEASURES = {
    "bursts_per_hour": ("hardware.measure.bursts_per_hour", 1.0),
    "duration_us": ("hardware.measure.duration_us", 1e-6),
    "energy_uj": ("hardware.measure.energy_uj", 1e-3),
    "active_share": ("hardware.measure.active_share", 100.0),
    "sleep_mw": ("hardware.measure.sleep_mw", 1.0),
    "peak_mw": ("hardware.measure.peak_mw", 1.0),
}


def report_on_device(
    lake: Lake,
    knowledge: Knowledge,
    name: str,
    language: Language,
    clearance: Tlp,
    asked: Asked | None = None,
) -> Document:
    """The report on a device over its last day, or over the time asked for.

    Raises:
        NotFoundError: there is no such device.
    """
    say = Say(language)
    detail = device(lake, knowledge, name, asked or Asked(), clearance)
    one = detail.device
    span = f"{format_us(detail.since)[:19]} – {format_us(detail.until)[:19]} UTC"
    facts = (
        (say("hardware.report.device"), one.device),
        (say("hardware.report.group"), one.group or "–"),
        (say("hardware.report.span"), span),
        (say("hardware.report.profile"), one.profile or "–"),
    )
    chapters = (
        ("overview", say("hardware.report.overview"), _overview(say, detail)),
        ("course", say("hardware.report.course"), _course(say, detail)),
        ("anomalies", say("hardware.report.anomalies"), (_anomalies(say, detail),)),
        ("peers", say("hardware.report.peers"), _peers(say, detail)),
        ("findings", say("hardware.report.findings"),
         (findings(say, detail.findings, _FINDINGS),)),
        ("method", say("hardware.report.method"), (Text(say("hardware.report.device_method")),)),
    )  # fmt: skip
    titles = (say("hardware.report.device_title", device=one.device),
              say("hardware.report.device_subtitle"))  # fmt: skip
    return assembled(say, titles, one.tlp, facts, chapters, _queries(say, detail))


def _queries(say: Say, detail: DeviceDetail) -> tuple[Query, ...]:
    own = f"device = {quoted(detail.device.device)} AND {during(detail.since, detail.until)}"
    segments = f"SELECT * FROM power_segments WHERE {own} ORDER BY ts"  # noqa: S608
    seconds = f"SELECT * FROM power_envelopes WHERE {own} ORDER BY ts"  # noqa: S608
    commands = "\n".join(
        f"kaname findings --analysis hardware.{name} --json" for name in ("power", "fleet")
    )
    return (
        Query(_SEGMENTS, say("hardware.report.query_segments"), segments),
        Query(_SECONDS, say("hardware.report.query_seconds"), seconds),
        Query(_FINDINGS, say("hardware.report.findings"), commands),
    )


def _overview(say: Say, detail: DeviceDetail) -> Iterator[Block]:
    one, refs = detail.device, (_SEGMENTS,)
    facts = [
        Fact(say("hardware.report.bursts"), one.active, "count", None, refs),
        Fact(say("hardware.report.anomalies"), one.anomalies, "count", None, refs),
        Fact(say("hardware.report.measured"), one.seconds / 3600, "ratio", None, refs),
    ]
    for each in one.measures:
        key, factor = _MEASURES[each.name]
        value = None if each.value is None else each.value * factor
        facts.append(Fact(say(key), value, "ratio", None, refs))
    yield Facts(tuple(facts))
    if detail.cut:
        yield Text(say("hardware.report.latest_only"), quiet=True)


def _course(say: Say, detail: DeviceDetail) -> Iterator[Block]:
    envelope = detail.envelope
    if not envelope.mean:
        yield Text(say("hardware.report.no_course"))
        return
    wide = -(-len(envelope.mean) // _STEPS)
    low = _joined(envelope.low, wide, min)
    mean = _joined(envelope.mean, wide, lambda some: sum(some) / len(some))
    high = _joined(envelope.high, wide, max)
    step = envelope.step_us * wide
    every = max(1, len(mean) // _LABELS)
    labels = tuple(
        (at, format_us(envelope.start + at * step)[11:19]) for at in range(0, len(mean), every)
    )
    marks = tuple(_mark(each, envelope.start, step, len(mean)) for each in detail.anomalies)
    told = say("hardware.report.course_told", anomalies=len(marks))
    title = say("hardware.report.course")
    yield Trace(title, low, mean, high, labels, marks, "mW", told, (_SECONDS, _SEGMENTS))


def _joined(
    values: list[float | None], wide: int, how: Callable[[list[float]], float]
) -> tuple[float | None, ...]:
    """Values of ``wide`` steps as one."""
    found: list[float | None] = []
    for at in range(0, len(values), wide):
        known = [value for value in values[at : at + wide] if value is not None]
        found.append(how(known) if known else None)
    return tuple(found)


def _mark(one: SegmentOut, start: int, step: int, most: int) -> Mark:
    first = (one.start - start) / step
    last = (one.start + one.duration_us - start) / step
    return Mark(max(0.0, first), min(float(most), last), "")


def _anomalies(say: Say, detail: DeviceDetail) -> Grid:
    columns = (
        Column(say("hardware.report.time"), "code"),
        Column(say("hardware.report.why_odd"), "code"),
        Column(say("hardware.report.seconds"), "ratio"),
        Column(say("hardware.report.millijoules"), "ratio"),
        Column(say("hardware.report.peak"), "ratio"),
        Column(say("hardware.report.application"), "code"),
        Column(say("hardware.report.score"), "ratio"),
    )
    latest = detail.anomalies[-_ANOMALIES:]
    rows = tuple(
        (
            format_us(each.start)[:23], "+".join(each.fired), each.duration_us / _SECOND,
            each.energy_uj / 1e3, each.peak_mw, each.application, each.score,
        )
        for each in reversed(latest)
    )  # fmt: skip
    empty = say("hardware.report.no_anomalies")
    return Grid(say("hardware.report.anomalies"), columns, rows, (_SEGMENTS,), empty)


def _peers(say: Say, detail: DeviceDetail) -> Iterator[Block]:
    known = [each for each in detail.device.measures if each.median is not None]
    if not known:
        yield Text(say("hardware.report.no_peers"))
        return
    yield Text(say("hardware.report.peers_text", peers=len(detail.peers)))
    columns = (
        Column(say("hardware.report.measure")),
        Column(say("hardware.report.value"), "ratio"),
        Column(say("hardware.report.median"), "ratio"),
        Column(say("hardware.report.percentile"), "ratio"),
        Column(say("hardware.report.distance"), "ratio"),
    )
    rows = tuple(_compared(say, each) for each in known)
    yield Grid(say("hardware.report.peers"), columns, rows, (_SEGMENTS,))


def _compared(say: Say, one: Measure) -> tuple[str | float | None, ...]:
    key, factor = _MEASURES[one.name]
    name = f"{say(key)} *" if one.odd else say(key)
    value = None if one.value is None else one.value * factor
    median = None if one.median is None else one.median * factor
    return name, value, median, one.percentile, one.distance

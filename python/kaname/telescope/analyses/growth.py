"""Services that more sources ask for than their past explains, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, during, quoted
from kaname.model.instant import DAY, HOUR
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope.kinds import BOTNET, SCANNING_BLOCKS
from kaname.telescope.words import service

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.telescope.surge.course import Course
    from kaname.telescope.surge.grid import Grid

__all__ = ["REQUESTS", "Growth"]

REQUESTS = ("icmp_echo_request", "tcp_syn", "udp")
"""Packet types that ask for a service; answers say nothing of who wants one."""

_BINS = DAY // 600_000_000
_FAMILY = {"udp": "udp", "icmp_echo_request": "echo"}

_DOC = AnalysisDoc(
    en=(
        "Finds growth on services: more distinct sources in ten minutes, an hour or two days "
        "than the past of the service explains, with surveys and gaps of the sensor taken "
        "out. No service is left out, however busy. One finding a day for each while it lasts."
    ),
    ja=(
        "サービスごとの送信元数の増加を見つけます。10 分から 2 日までの各時間幅で、過去の推移"
        "(1 日の周期を含む)から説明できない増加を検出します。調査スキャンとセンサーの停止の"
        "影響は除きます。利用の多いポートも除外しません。続いている間は 1 日に 1 件を出します。"
    ),
    references=(
        "Y. Benjamini, Y. Hochberg, Controlling the False Discovery Rate, JRSS B 1995",
        "C. Genovese et al., False discovery control with p-value weighting, Biometrika 2006",
        "D. Peizer, J. Pratt, A Normal Approximation for Binomial ... Probabilities, JASA 1968",
    ),
    limitations_en=(
        "The first day of a sensor only teaches what is usual.",
        "A rise of less than a tenth on a busy service drowns in its scatter.",
        "Who the sources are is told by telescope.campaigns and telescope.sources.",
    ),
    limitations_ja=(
        "センサーの最初の 1 日は、通常の状態を学ぶためだけに使います。",
        "利用の多いサービスでの 1 割未満の増加は、ばらつきに埋もれて検出できません。",
        "個々の送信元は telescope.campaigns と telescope.sources が示します。",
    ),
)


class Growth:
    """See `_DOC`; two weeks before the day tell what is usual."""

    name: ClassVar[str] = "telescope.growth"
    version: ClassVar[int] = 2
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("port_counts",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 14 * DAY
    techniques: ClassVar[tuple[str, ...]] = (SCANNING_BLOCKS, BOTNET)
    labels: ClassVar[tuple[str, ...]] = ("surge",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "false_a_day",
            1.0,
            0.001,
            1000.0,
            "alarms",
            "false alarms a day that are accepted, over all services together",
            "全サービス合計で許容する 1 日あたりの誤警報数",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """What grew, or had grown and goes on, on the day."""
        from kaname.telescope.surge.detection import rises

        grid, begin = _grid(context)
        if not grid.sources.size:
            return
        false_a_day = float(context.params["false_a_day"])
        first = grid.start % DAY * _BINS // DAY
        found = rises(grid, a_day=false_a_day, first=first, last=len(grid.sources) - begin)
        by_series: dict[int, list[Any]] = {}
        for rise in found:
            by_series.setdefault(rise.series, []).append(rise)
        yield from _drafts(context, grid, by_series, begin)


def _grid(context: Context) -> tuple[Grid, int]:
    """The counts of the sensor, and the bin at which the day begins."""
    from kaname.telescope.surge.grid import BIN, gridded

    rows: pa.Table = asked(context)
    end = context.window.end
    if not rows.num_rows:
        return gridded(rows, context.window.start, end), 0
    seen = rows["ts"]
    earliest, latest = min(seen[0].as_py(), seen[-1].as_py()), seen[-1].as_py()
    start = max(context.window.start - Growth.lookback, earliest // BIN * BIN)
    end = min(end, (latest // BIN + 1) * BIN)  # a day that still goes on is no gap
    return gridded(rows, start, end), max(0, (context.window.start - start) // BIN)


def asked(context: Context) -> pa.Table:
    """The rows of requests: ``ts`` (microseconds), ``ptype``, ``port`` and counts, by time."""
    import ibis

    rows = context.tables["port_counts"]
    own = rows.filter(rows.ptype.isin(REQUESTS))
    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    at = own.ts.delta(epoch, unit="microsecond").cast("int64")
    counts = ("packets", "uniq_src", "uniq_src16", "wide_src")
    return own.select("ptype", "port", *counts, ts=at).order_by("ts", "ptype", "port").to_pyarrow()


def _drafts(
    context: Context, grid: Grid, by_series: dict[int, list[Any]], begin: int
) -> Iterable[Draft]:
    from kaname.telescope.surge.confidence import confidence
    from kaname.telescope.surge.course import course

    for series in sorted(by_series):
        found = course(grid, by_series[series], begin)
        if found is not None:
            own = [rise for rise in by_series[series] if rise.at >= found.since]
            yield _draft(context, grid, found, confidence(own))


def _draft(context: Context, grid: Grid, found: Course, sure: float) -> Draft:
    from kaname.telescope.surge.confidence import LIKELY

    kind, port = grid.kinds[found.series], int(grid.ports[found.series])
    asked_for = service(_FAMILY.get(kind, "bare"), port)
    last = grid.instant(len(grid.sources))
    new = bool(found.rises)
    return Draft(
        label="surge",
        subject=(kind, port),
        first_seen=max(grid.instant(found.since), context.window.start),
        last_seen=last - 1,
        severity=Severity.MEDIUM if new and sure >= LIKELY else Severity.LOW,
        confidence=sure,
        artifacts=(Artifact(ArtifactKind.PORT, asked_for, Role.TARGET),),
        techniques=(SCANNING_BLOCKS,),
        message="telescope.surge_rise" if new else "telescope.surge_goes_on",
        values={
            "service": asked_for,
            "level": round(found.level, 1),
            "before": round(found.before, 2),
            "peak": found.peak,
            "packets": found.packets,
            "since": grid.instant(found.since),
            "hours": round((last - grid.instant(found.since)) / HOUR, 1),
            "doubling": found.doubling,
            "course": list(found.hours),
        },
        reasons=_reasons(found),
        evidence=evidence(context, kind, port),
    )


def _reasons(found: Course) -> tuple[tuple[str, dict[str, Any]], ...]:
    reasons: list[tuple[str, dict[str, Any]]] = [
        (
            "telescope.reason.rose",
            {
                "count": round(rise.count),
                "mean": round(rise.mean, 1),
                "hours": round(rise.scale / 6, 1),
                "distance": rise.distance,
                "power": round(rise.chance, 1),
            },
        )
        for rise in found.rises
    ]
    levels = {"level": round(found.level, 1), "before": round(found.before, 2)}
    reasons.append(("telescope.reason.level", levels))
    reasons.append(("telescope.reason.spread", {"share": round(100 * found.spread, 1)}))
    if found.doubling:
        reasons.append(("telescope.reason.doubling", {"hours": found.doubling}))
    return tuple(reasons)


def evidence(context: Context, kind: str, port: int) -> Selection:
    """The counts of one service in the window."""
    own = (
        during(context.window.start, context.window.end),
        f"sensor = {quoted(context.sensor)}",
        f"ptype = {quoted(kind)}",
        f"port = {port}",
    )
    sums = tuple(
        (f"CAST(sum({name}) AS BIGINT)", shown)
        for name, shown in (
            ("uniq_src", "sources"),
            ("uniq_src16", "networks"),
            ("wide_src", "wide"),
            ("packets", "packets"),
        )
    )
    keys = (("ts", "bin"), ("ptype", "kind"), ("port", "service"))
    return Selection("port_counts", "\n  AND ".join(own), keys, sums)

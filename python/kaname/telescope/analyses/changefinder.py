"""Changes of the whole traffic of a sensor, by ChangeFinder as NICT runs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, during, quoted
from kaname.model.instant import DAY
from kaname.model.records import Severity

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["ChangeFinder", "instants", "windows_of"]

BIN = 600_000_000

_DOC = AnalysisDoc(
    en=(
        "Finds changes in the packets and the sources of a whole sensor per ten minutes with "
        "ChangeFinder, at the published parameters of NICT's Dark-TRACER (order 2, r 0.005, "
        "means of 10 and 5 bins, score over 3), for comparison with other observatories."
    ),
    ja=(
        "センサー全体の 10 分ごとのパケット数と送信元数の変化を ChangeFinder で見つけます。"
        "NICT の Dark-TRACER が公開しているパラメータ(次数 2、r 0.005、移動平均 10 と 5、"
        "スコア 3 超)を使い、他の観測網と比較できます。"
    ),
    references=(
        "J. Takeuchi, K. Yamanishi, A Unifying Framework for Detecting Outliers, IEEE TKDE 2006",
        "NICT, Dark-TRACER, IEEE Access 2022, and its published program",
    ),
    limitations_en=(
        "It says that the sensor's traffic has changed, not on which service or by whom.",
        "It learns from the three days before; a gap of the sensor is a change for it.",
    ),
    limitations_ja=(
        "変化の有無を示すもので、対象のサービスや送信元は示しません。",
        "直前の 3 日間から学習します。センサーの停止も変化とみなします。",
    ),
)


class ChangeFinder:
    """See `_DOC`. One finding for each stretch of alerts in a day."""

    name: ClassVar[str] = "telescope.changefinder"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("telescope_windows",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 3 * DAY
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = ("change",)
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def run(self, context: Context) -> Iterable[Draft]:
        """Stretches of bins whose score is an alert, in the day."""
        import numpy as np

        from kaname.telescope.changefinder import alerts, scores

        rows = windows_of(context.tables["telescope_windows"], "packets", "hosts")
        if not rows:
            return
        first, last = rows[0]["ts"] // BIN, rows[-1]["ts"] // BIN
        series = {name: np.zeros(last - first + 1) for name in ("packets", "hosts")}
        for row in rows:
            for name, values in series.items():
                values[row["ts"] // BIN - first] = row[name]
        score = {name: scores(values) for name, values in series.items()}
        over = np.logical_or.reduce([alerts(one) for one in score.values()])
        for begin, end in _stretches(over, context.window.start // BIN - first):
            most = {name: float(one[begin:end].max()) for name, one in score.items()}
            sums = {name: int(one[begin:end].max()) for name, one in series.items()}
            yield _draft(context, (first + begin, first + end), most, sums)


def windows_of(rows: ir.Table, *columns: str) -> list[dict[str, Any]]:
    """The rows by time: ``ts`` (microseconds) and ``columns``."""
    own = rows.select(*columns, ts=instants(rows))
    return list(own.order_by("ts").to_pyarrow().to_pylist())


def instants(rows: ir.Table) -> ir.IntegerValue:
    """``ts`` of rows in microseconds since 1970."""
    import ibis

    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    return rows.ts.delta(epoch, unit="microsecond").cast("int64")


def _stretches(over: Any, begin: int) -> Iterable[tuple[int, int]]:
    """Runs of ``over`` from position ``begin`` on: first, and one after the last."""
    start: int | None = None
    for at in range(max(0, begin), len(over) + 1):
        on = at < len(over) and bool(over[at])
        if on and start is None:
            start = at
        if not on and start is not None:
            yield start, at
            start = None


def _draft(
    context: Context, bins: tuple[int, int], score: dict[str, float], most: dict[str, int]
) -> Draft:
    from kaname.telescope.changefinder import THRESHOLD

    begin, end = bins[0] * BIN, bins[1] * BIN
    reached = {name: round(value, 2) for name, value in score.items()}
    return Draft(
        label="change",
        subject=(begin,),
        first_seen=begin,
        last_seen=end - 1,
        severity=Severity.LOW,
        confidence=0.5,
        artifacts=(),
        message="telescope.change",
        values={"minutes": (end - begin) // 60_000_000, **most, "score": max(reached.values())},
        reasons=(("telescope.reason.score", {**reached, "limit": THRESHOLD}),),
        evidence=Selection(
            "telescope_windows",
            f"{during(begin, end)}\n  AND sensor = {quoted(context.sensor)}",
            (("ts", "bin"),),
            (
                ("CAST(sum(packets) AS BIGINT)", "packets"),
                ("CAST(sum(hosts) AS BIGINT)", "hosts"),
            ),
        ),
    )

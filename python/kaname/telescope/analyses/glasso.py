"""Ten minutes in which networks move together, by Dark-GLASSO."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, during, quoted
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope.analyses.changefinder import BIN, instants, windows_of
from kaname.telescope.derivations.telescope_windows import network
from kaname.telescope.kinds import SCANNING_BLOCKS
from kaname.telescope.words import service

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np

__all__ = ["PORTS", "Glasso", "levels", "outlying"]

WINDOWS = 432  # three days
LEAST = 431
THETA = 0.98
SHARE = 0.1  # of the networks of a window, from which a port is named
HOSTS = 20  # networks from which an alert is of level 1
ONE = 0.7  # share of a destination from which an alert is of level 4
PORTS = 3  # ports that a finding names
_RHOS = range(4, 10)

_DOC = AnalysisDoc(
    en=(
        "Finds ten minutes in which unusually many networks send TCP in the same rhythm "
        "(Dark-GLASSO), with the published parameters: 12 bins of 50 s, rho 0.4 to 0.9, "
        "outliers of three days at theta 0.98, alert levels 1 to 4 by port. All networks take "
        "part, none is drawn by lot, and no port is left out."
    ),
    ja=(
        "同じリズムで TCP を送るネットワークが異常に多い 10 分間を見つけます(Dark-GLASSO)。"
        "公開されているパラメータ(50 秒×12、rho 0.4〜0.9、3 日間の外れ値 theta 0.98、"
        "ポート別の警報レベル 1〜4)を使います。すべてのネットワークを対象とし、"
        "無作為抽出もポートの除外も行いません。"
    ),
    references=(
        "NICT, Dark-TRACER, IEEE Access 2022, and its published program",
        "R. Mazumder, T. Hastie, Exact Covariance Thresholding, JMLR 2012",
    ),
    limitations_en=(
        "Three days of windows are needed before the first alert.",
        "The graph is that of thresholded covariance unless the derivation is told otherwise.",
        "Packets of one minute and flow count at the second of their first.",
    ),
    limitations_ja=(
        "最初の警報までに 3 日分の集計が必要です。",
        "派生表の設定を変えない限り、共分散のしきい値処理によるグラフを使います。",
        "同じ分・同じフローのパケットは、最初のパケットの秒に数えます。",
    ),
)


class Glasso:
    """See `_DOC`. One finding for each window."""

    name: ClassVar[str] = "telescope.glasso"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples", "telescope_windows")
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 4 * DAY
    techniques: ClassVar[tuple[str, ...]] = (SCANNING_BLOCKS,)
    labels: ClassVar[tuple[str, ...]] = ("synchrony",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "theta",
            THETA,
            0.5,
            1.0,
            "",
            "share of the variance that must be left when an outlier is taken away, at most",
            "外れ値を除いた後に残る分散の割合の上限",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """The windows of the day that are outliers at any rho."""
        import numpy as np

        columns = [f"density_{tenth}" for tenth in _RHOS]
        rows = windows_of(context.tables["telescope_windows"], "networks", *columns)
        begin = sum(row["ts"] < context.window.start for row in rows)
        theta = float(context.params["theta"])
        found: dict[int, list[int]] = {}
        for tenth, column in zip(_RHOS, columns, strict=True):
            series = np.array([row[column] for row in rows], np.float64)
            for at in outlying(series, theta):
                if at >= begin:
                    found.setdefault(at, []).append(tenth)
        for at in sorted(found):
            yield from _drafts(context, rows[at], found[at])


def outlying(series: np.ndarray[Any, Any], theta: float) -> list[int]:
    """Positions that are outliers among the windows before them that are none."""
    kept: list[int] = []
    alerts: list[int] = []
    for now in range(len(series)):
        kept.append(now)
        own = kept[-WINDOWS:]
        if len(own) >= LEAST and now in removed(series, own, theta):
            kept.pop()
            alerts.append(now)
    return alerts


def removed(series: np.ndarray[Any, Any], own: list[int], theta: float) -> set[int]:
    """What is taken away: the greatest, as long as it carries variance of its own."""
    left = sorted(own, key=lambda at: (series[at], at))
    values = series[left]
    gone: set[int] = set()
    while len(left) > 2:
        rest, whole = float(values[:-1].var()), float(values.var())
        if not whole or rest / whole > theta:
            break
        gone.add(left.pop())
        values = values[:-1]
    return gone


def levels(
    ports: list[dict[str, Any]], networks: int, one: dict[int, float]
) -> list[tuple[int, int, int]]:
    """Port, networks and level, as published, the port with most networks first.

    ``ports`` have the ``networks`` of each ``port``, most first, of ``networks`` in all;
    ``one`` is the share of the busiest destination by port.
    """
    found: list[tuple[int, int, int]] = []
    for row in ports:
        port, own = row["port"], row["networks"]
        if own < SHARE * networks:
            return found or [(port, own, 3)]
        level = 1 if own >= HOSTS else 2
        found.append((port, own, 4 if one.get(port, 0.0) > ONE else level))
    return found


def _drafts(context: Context, row: dict[str, Any], tenths: list[int]) -> Iterable[Draft]:
    tcp = _within(context.tables["flowtuples"], row["ts"])
    ports = tcp.group_by("port").aggregate(networks=tcp.network.nunique())
    named = ports.order_by(ports.networks.desc(), "port").limit(PORTS + 1).to_pyarrow().to_pylist()
    if not named:
        return
    found = levels(named, row["networks"], _busiest(tcp, [r["port"] for r in named]))
    level = min(level for _, _, level in found)
    yield Draft(
        label="synchrony",
        subject=(row["ts"],),
        first_seen=row["ts"],
        last_seen=row["ts"] + BIN - 1,
        severity=Severity.LOW if level in {1, 2} else Severity.INFO,
        confidence=0.5,
        artifacts=tuple(
            Artifact(ArtifactKind.PORT, service("bare", port), Role.TARGET)
            for port, _, _ in found[:PORTS]
        ),
        message="telescope.synchrony",
        values={
            "services": ", ".join(service("bare", port) for port, _, _ in found[:PORTS]),
            "networks": row["networks"],
            "level": level,
            "density": round(row[f"density_{tenths[0]}"], 6),
        },
        reasons=(
            (
                "telescope.reason.density",
                {"rhos": ", ".join(f"0.{tenth}" for tenth in tenths), "limit": THETA},
            ),
            *(
                (
                    "telescope.reason.port_networks",
                    {
                        "service": service("bare", port),
                        "n": n,
                        "of": row["networks"],
                        "level": each,
                    },
                )
                for port, n, each in found[:PORTS]
            ),
        ),
        evidence=_evidence(context, row["ts"], [port for port, _, _ in found[:PORTS]]),
    )


def _within(flowtuples: ir.Table, start: int) -> ir.Table:
    """TCP in the ten minutes from ``start``, with the network of each source."""
    at = instants(flowtuples)
    own = flowtuples.filter((at >= start) & (at < start + BIN) & (flowtuples.proto == 6))
    return own.mutate(network=network(own))


def _busiest(tcp: ir.Table, ports: list[int]) -> dict[int, float]:
    """By port, the share of its packets that go to one destination."""
    own = tcp.filter(tcp.port.isin(ports))
    each = own.group_by("port", "dst_hi", "dst_lo").aggregate(
        packets=own.packets.sum().cast("int64")
    )
    sums = each.group_by("port").aggregate(
        most=each.packets.max(), packets=each.packets.sum().cast("int64")
    )
    rows = sums.to_pyarrow().to_pylist()
    return {row["port"]: row["most"] / max(1, row["packets"]) for row in rows}


def _evidence(context: Context, start: int, ports: list[int]) -> Selection:
    own = (
        during(start, start + BIN),
        f"sensor = {quoted(context.sensor)}",
        "proto = 6",
        f"port IN ({', '.join(map(str, sorted(ports)))})",
    )
    sums = (
        ("count(DISTINCT (src_hi, src_lo))", "sources"),
        ("CAST(sum(packets) AS BIGINT)", "packets"),
    )
    return Selection("flowtuples", "\n  AND ".join(own), (("ts", "minute"), ("port", "port")), sums)

"""Groups of networks that send to the same ports in the same minutes: Dark-NMF, Dark-NTD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, during, quoted
from kaname.model.instant import HOUR, MINUTE, SECOND
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope.kinds import SCANNING_BLOCKS
from kaname.telescope.traffic import dark
from kaname.telescope.words import service

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Nmf", "Ntd"]

HALF = 30 * MINUTE
ONE = 0.7  # share of packets to one destination from which an alert is of level 4
Reasons = tuple[tuple[str, dict[str, Any]], ...]

NAMED = 20  # ports that one window names at most

_REFERENCES = (
    "NICT, Dark-TRACER, IEEE Access 2022, and its published program",
    "D. Lee, H. Seung, Algorithms for Non-negative Matrix Factorization, NIPS 2001",
)

_ASKED_EN = "It runs when it is asked for; all the time only where the settings name it."
_ASKED_JA = "指定したときだけ実行します。常時実行するには設定に名前を書いてください。"

_NMF_DOC = AnalysisDoc(
    en=(
        "Finds groups of networks whose packets come in the same minutes (Dark-NMF): "
        "non-negative factors of packets by minute and /16 in half an hour, ranks 1 to 10, "
        "with the published thresholds. No port is left out."
    ),
    ja=(
        "同じ分にパケットを送るネットワークの集団を見つけます(Dark-NMF)。30 分間の"
        "「分 × /16」のパケット数を階数 1〜10 で非負値行列分解し、公開されているしきい値を"
        "使います。除外するポートはありません。"
    ),
    references=_REFERENCES,
    limitations_en=(
        _ASKED_EN,
        "Busy ports have an alert in most windows; that they have one says little.",
        "At most 20 ports a window are named, those with most networks.",
    ),
    limitations_ja=(
        _ASKED_JA,
        "利用の多いポートにはほとんどの時間帯で警報が出ます。警報があるだけでは意味が薄れます。",
        "1 つの時間帯で示すのは、ネットワーク数の多い順に 20 ポートまでです。",
    ),
)

_NTD_DOC = AnalysisDoc(
    en=(
        "Finds groups of networks, ports and minutes that belong together (Dark-NTD): a "
        "non-negative Tucker decomposition of SYN packets by minute, /16 and port in half "
        "an hour, with a core of 5 by 5 by 5 and thresholds after Otsu. No port is left out."
    ),
    ja=(
        "ネットワーク・ポート・分の組み合わせで活動する集団を見つけます(Dark-NTD)。"
        "30 分間の SYN を「分 × /16 × ポート」の非負値タッカー分解(コア 5×5×5)にかけ、"
        "大津の方法でしきい値を決めます。除外するポートはありません。"
    ),
    references=(
        *_REFERENCES,
        "N. Otsu, A Threshold Selection Method from Gray-Level Histograms, IEEE SMC 1979",
    ),
    limitations_en=(
        _ASKED_EN,
        "It begins from a fixed seed instead of fibers, so that windows can be made again.",
        "One packet of a source to a port in a minute does not count, as published.",
    ),
    limitations_ja=(
        _ASKED_JA,
        "結果を再現できるように、ファイバーではなく固定の乱数から計算を始めます。",
        "公開手法と同じく、1 分間に同じポートへ 1 パケットだけの送信は数えません。",
    ),
)


class Nmf:
    """See `_NMF_DOC`. One finding for each half hour and port."""

    name: ClassVar[str] = "telescope.nmf"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _NMF_DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    period: ClassVar[int] = HOUR
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (SCANNING_BLOCKS,)
    labels: ClassVar[tuple[str, ...]] = ("rhythm",)
    on_demand: ClassVar[bool] = True
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def run(self, context: Context) -> Iterable[Draft]:
        """The alerts of the two half hours of the window."""
        from kaname.telescope.groups import cells, nmf_ports

        rows = dark(context.tables["flowtuples"])
        tcp = rows.filter(rows.proto == 6)
        for start in _halves(context):
            found = nmf_ports(cells(tcp, start // SECOND))
            reasons: dict[int, Reasons] = {
                port: (("telescope.reason.ranks", {"ranks": ", ".join(map(str, ranks))}),)
                for port, (_, ranks) in found.items()
            }
            sizes = {port: size for port, (size, _) in found.items()}
            yield from _drafts(context, (start, tcp), sizes, ("rhythm", reasons))


class Ntd:
    """See `_NTD_DOC`. One finding for each half hour and port."""

    name: ClassVar[str] = "telescope.ntd"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _NTD_DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    period: ClassVar[int] = HOUR
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (SCANNING_BLOCKS,)
    labels: ClassVar[tuple[str, ...]] = ("factor",)
    on_demand: ClassVar[bool] = True
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def run(self, context: Context) -> Iterable[Draft]:
        """The alerts of the two half hours of the window."""
        from kaname.telescope.groups import cells, ntd_ports

        rows = dark(context.tables["flowtuples"])
        syn = rows.filter(rows.ptype == "tcp_syn")
        for start in _halves(context):
            sizes = ntd_ports(cells(syn, start // SECOND, each_least=2))
            yield from _drafts(context, (start, syn), sizes, ("factor", {}))


def _halves(context: Context) -> Iterator[int]:
    return iter(range(context.window.start, context.window.end, HALF))


def _drafts(
    context: Context,
    half: tuple[int, ir.Table],
    sizes: dict[int, int],
    said: tuple[str, dict[int, Reasons]],
) -> Iterator[Draft]:
    """A draft for each port, those with most networks first."""
    start, rows = half
    label, reasons = said
    named = sorted(sizes, key=lambda port: (-sizes[port], port))[:NAMED]
    focus = _focus(rows, start, named) if named else {}
    for port in sorted(named):
        share = round(100 * focus.get(port, 0.0), 1)
        level = 4 if share > 100 * ONE else 1
        yield Draft(
            label=label,
            subject=(start, port),
            first_seen=start,
            last_seen=start + HALF - 1,
            severity=Severity.INFO if level > 1 else Severity.LOW,
            confidence=0.4,
            artifacts=(Artifact(ArtifactKind.PORT, service("bare", port), Role.TARGET),),
            techniques=(SCANNING_BLOCKS,),
            message=f"telescope.{label}",
            values={"service": service("bare", port), "networks": sizes[port], "level": level},
            reasons=(
                *reasons.get(port, ()),
                ("telescope.reason.one_destination", {"share": share, "limit": round(100 * ONE)}),
            ),
            evidence=_evidence(context, start, port),
        )


def _focus(rows: ir.Table, start: int, ports: list[int]) -> dict[int, float]:
    """By port, the share of its packets that go to one destination."""
    begin = start // SECOND
    own = rows.filter((rows["at"] >= begin) & (rows["at"] < begin + HALF // SECOND))
    own = own.filter(own.port.isin(ports))
    each = own.group_by("port", "dst_hi", "dst_lo").aggregate(
        packets=own.packets.sum().cast("int64")
    )
    sums = each.group_by("port").aggregate(
        most=each.packets.max(), packets=each.packets.sum().cast("int64")
    )
    rows_found = sums.to_pyarrow().to_pylist()
    return {row["port"]: row["most"] / max(1, row["packets"]) for row in rows_found}


def _evidence(context: Context, start: int, port: int) -> Selection:
    own = (
        during(start, start + HALF),
        f"sensor = {quoted(context.sensor)}",
        "proto = 6",
        f"port = {port}",
    )
    sums = (
        ("count(DISTINCT (src_hi, src_lo))", "sources"),
        ("CAST(sum(packets) AS BIGINT)", "packets"),
    )
    return Selection(
        "flowtuples", "\n  AND ".join(own), (("ts", "minute"), ("ptype", "kind")), sums
    )

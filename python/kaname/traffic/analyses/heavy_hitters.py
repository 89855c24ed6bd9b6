"""Traffic that was not there before: new heavy hitters among pairs of prefixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import ibis

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.model.address import Prefix, prefix
from kaname.model.instant import DAY, HOUR, SECOND
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic import selections
from kaname.traffic.aggregates import Aggregate, Bin, Part
from kaname.traffic.flows import columns, directed, within
from kaname.traffic.heavy_hitters import hierarchy

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["HeavyHitters"]

_NARROW = {4: 16, 6: 32}  # bits of the longer side, below which an aggregate says nothing
_SERVICES = 3

_DOC = AnalysisDoc(
    en=(
        "Finds pairs of addresses or prefixes that carry much of an hour's traffic and did "
        "not in the day before. The aggregates are agurim's hierarchical heavy hitters; the "
        "whole hierarchy of any time is on the console and in the API."
    ),
    ja=(
        "1 時間の通信の大きな割合を占め、かつ直前の 1 日にはそうでなかったアドレス・"
        "プレフィックスの組を見つけます。集約は agurim の階層的ヘビーヒッターと同じです。"
        "任意の期間の全階層はコンソールと API で見られます。"
    ),
    references=(
        "necoma/agurim, src/hhh.c (WIDE Project)",
        "Y. Zhang et al., Online Identification of Hierarchical Heavy Hitters, IMC 2004",
    ),
    limitations_en=(
        "Without traffic in the day before nothing is new, and nothing is said.",
        "Where one pair has over a thousand services these are merged in order of arrival.",
    ),
    limitations_ja=(
        "直前の 1 日に通信がない場合は比較できないため、何も報告しません。",
        "1 組のアドレスに 1,000 を超えるサービスがある場合、到着順に併合されます。",
    ),
)


class HeavyHitters:
    """See `_DOC`. One finding for each new aggregate."""

    name: ClassVar[str] = "flow.heavy_hitters"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    period: ClassVar[int] = HOUR
    lookback: ClassVar[int] = DAY
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = ("new_heavy_hitter",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "threshold",
            5,
            1,
            50,
            "%",
            "share of the hour's octets or packets that makes a heavy hitter",
            "ヘビーヒッターとみなす、1 時間のバイト数またはパケット数に占める割合",
        ),
        Parameter(
            "growth",
            4.0,
            1.0,
            1000.0,
            "",
            "how many times its share of the day before it must have",
            "直前 1 日の割合に対する倍率の下限",
        ),
        Parameter(
            "least_mbps",
            1.0,
            0.0,
            1e9,
            "Mbit/s",
            "mean rate below which nothing is reported",
            "報告する平均速度の下限",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about one sensor's traffic in one hour."""
        window, table = context.window, context.tables["flows"]
        bins = hierarchy(
            table, window.start, window.end, HOUR // SECOND, context.number("threshold")
        )
        for found in bins:
            wanted = [one for one in found.aggregates if self._worth(context, found, one)]
            if wanted:
                yield from self._new(context, found, wanted)

    @staticmethod
    def _worth(context: Context, found: Bin, one: Aggregate) -> bool:
        rate = one.part.octets * 8 / ((found.end - found.start) / SECOND) / 1e6
        lengths = [
            _length(text, one.part.family) for text in (one.part.source, one.part.destination)
        ]
        narrow = max(lengths) >= _NARROW[one.part.family]
        return narrow and rate >= float(context.params["least_mbps"])

    def _new(self, context: Context, found: Bin, wanted: list[Aggregate]) -> Iterator[Draft]:
        start = context.window.start
        before = _shares(context.tables["flows"], start - self.lookback, start, wanted)
        if before is None:
            return
        growth = float(context.params["growth"])
        for one, share in zip(wanted, before, strict=True):
            now = max(one.octets_share, one.packets_share)
            if now >= growth * share:
                yield _draft(context, found, one, share)


def _length(text: str, family: int) -> int:
    if text == "*":
        return 0
    length = text.partition("/")[2]
    return int(length) if length else (32 if family == 4 else 128)


def _sides(part: Part) -> list[tuple[str, Prefix]]:
    ends = (("src", part.source), ("dst", part.destination))
    return [(side, prefix(text)) for side, text in ends if text != "*"]


def _inside(rows: ir.Table, part: Part) -> ir.BooleanValue:
    parts = [
        (rows[f"{side}_hi"].between(own.first.hi, own.last.hi))
        & (
            rows[f"{side}_lo"].between(own.first.lo, own.last.lo)
            if own.length > 64
            else ibis.literal(value=True)
        )
        for side, own in _sides(part)
    ]
    return ibis.and_(*parts)


def _shares(table: ir.Table, start: int, end: int, wanted: list[Aggregate]) -> list[float] | None:
    """The greater of each aggregate's shares of octets and packets; None of no traffic."""
    rows = directed(within(table, start, end))
    sums: dict[str, Any] = {"octets": rows.octets.sum(), "packets": rows.packets.sum()}
    for number, one in enumerate(wanted):
        inside = _inside(rows, one.part)
        for name in ("octets", "packets"):
            sums[f"{name}{number}"] = inside.ifelse(rows[name], 0).sum()
    cast = {name: value.fill_null(0).cast("int64") for name, value in sums.items()}
    found = {name: int(column[0]) for name, column in columns(rows.aggregate(**cast)).items()}
    if not found["packets"]:
        return None
    return [
        max(found[f"{name}{n}"] / max(1, found[name]) for name in ("octets", "packets"))
        for n in range(len(wanted))
    ]


def _draft(context: Context, found: Bin, one: Aggregate, before: float) -> Draft:
    part = one.part
    share = max(one.octets_share, one.packets_share)
    where = [own.sql(side) for side, own in _sides(part)]
    return Draft(
        label="new_heavy_hitter",
        subject=(part.source, part.destination),
        first_seen=found.start,
        last_seen=found.end - 1,
        severity=Severity.LOW,
        confidence=round(min(0.95, share / (share + before + 0.02)), 4),
        artifacts=tuple(_artifacts(part)),
        message="traffic.finding.new_heavy_hitter",
        values={
            "source": part.source,
            "destination": part.destination,
            "octets": part.octets,
            "packets": part.packets,
            "share": round(100 * share, 1),
            "mbps": round(part.octets * 8 / ((found.end - found.start) / SECOND) / 1e6, 2),
            "services": ", ".join(_service(own) for own in one.parts[:_SERVICES]) or "–",
        },
        reasons=(
            (
                "traffic.reason.new_share",
                {
                    "share": round(100 * share, 1),
                    "before": round(100 * before, 2),
                    "limit": context.number("threshold"),
                },
            ),
        ),
        evidence=selections.volumes(selections.own(context, found.start, found.end, *where)),
    )


def _service(part: Part) -> str:
    ports = ("*" if port is None else str(port) for port in (part.sport, part.dport))
    return ":".join((str(part.proto), *ports))


def _artifacts(part: Part) -> Iterator[Artifact]:
    for text in (part.source, part.destination):
        if text != "*":
            kind = ArtifactKind.PREFIX if "/" in text else ArtifactKind.IP
            yield Artifact(kind, text, Role.UNKNOWN)

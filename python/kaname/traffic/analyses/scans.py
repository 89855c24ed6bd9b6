"""Hosts that look for open doors: over hosts, over ports, over both, fast or slow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.model.instant import DAY
from kaname.traffic.own import OWN, Own
from kaname.traffic.scans import probes
from kaname.traffic.scans.sequential import walks
from kaname.traffic.scans.statements import DISCOVERY, SCANNING, Statements

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Scans"]

_DOC = AnalysisDoc(
    en=(
        "Finds port scans by contacts that came to nothing: one port of many hosts, many "
        "ports of one host, many of both, and sources that fail so often that a sequential "
        "test tells them early. Slow scans are looked for over seven days."
    ),
    ja=(
        "成立しなかった接続からポートスキャンを見つけます。多数ホストの同一ポート、"
        "1 ホストの多数ポート、その両方、および失敗の多さから逐次検定で早期に判定できる"
        "送信元を対象とし、低速スキャンは 7 日間にわたって探します。"
    ),
    references=(
        "J. Jung et al., Fast Portscan Detection Using Sequential Hypothesis Testing, S&P 2004",
        "MITRE ATT&CK T1046, T1595.001",
    ),
    limitations_en=(
        "UDP scans are seen only in records of both directions (Zeek, Argus, EVE).",
        "Scans that finish every connection are ordinary connections here.",
        "Sampling hides scans: of one in 1,000 packets a scan of 5,000 hosts shows five.",
        "The source may be forged where nothing comes back to it.",
    ),
    limitations_ja=(
        "UDP スキャンは双方向レコード(Zeek、Argus、EVE)でのみ検出できます。",
        "接続を最後まで確立するスキャンは通常の接続と区別できません。",
        "サンプリングによりスキャンは見えにくくなります(1/1000 では 5,000 ホストで 5 件)。",
        "応答が返らない場合、送信元は詐称されている可能性があります。",
    ),
)


class Scans:
    """See `_DOC`. One finding for each source and kind; the widest kind stands for all."""

    name: ClassVar[str] = "flow.scans"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 6 * DAY
    techniques: ClassVar[tuple[str, ...]] = (DISCOVERY, SCANNING)
    labels: ClassVar[tuple[str, ...]] = (
        "horizontal_scan",
        "vertical_scan",
        "block_scan",
        "slow_scan",
        "failing_source",
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "hosts",
            50,
            5,
            1_000_000,
            "hosts",
            "hosts on which a source probes the same port, from which on it scans",
            "同一ポートの探索をスキャンとみなす宛先ホスト数",
        ),
        Parameter(
            "ports",
            30,
            5,
            65_536,
            "ports",
            "ports of one host that a source probes, from which on it scans",
            "1 ホストへの探索をスキャンとみなすポート数",
        ),
        Parameter(
            "block_hosts",
            20,
            2,
            1_000_000,
            "hosts",
            "hosts, together with ten ports, that make a scan of a block",
            "ブロックスキャンとみなす宛先ホスト数(ポート 10 個以上と併せて)",
        ),
        Parameter(
            "failing",
            8,
            4,
            1_000_000,
            "hosts",
            "hosts with which a source must fail before the sequential test may tell it",
            "逐次検定で報告する、失敗した宛先ホスト数の下限",
        ),
        OWN,
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the scans that one sensor saw in one day, and slow ones."""
        window, table = context.window, context.tables["flows"]
        own = Own.read(context.text("own"))
        rows = probes.contacts(table, window.start, window.end)
        told: set[tuple[int, int]] = set()
        statements = Statements(context, own, window.start)
        for label, row, limit in self._found(context, probes.probes(rows)):
            told.add((row["src_hi"], row["src_lo"]))
            yield statements.scan(label, row, limit)
        yield from self._slow(context, own, told)
        for walk in walks(probes.outcomes(rows, context.number("failing"))):
            if walk.source not in told:
                yield statements.walk(walk)

    @staticmethod
    def _found(context: Context, rows: ir.Table) -> Iterator[tuple[str, dict[str, Any], int]]:
        hosts, ports, both = (context.number(n) for n in ("hosts", "ports", "block_hosts"))
        blocks = list(_rows(probes.block(rows, both, _BLOCK_PORTS)))
        yield from (("block_scan", row, both) for row in blocks)
        wide = {(row["src_hi"], row["src_lo"]) for row in blocks}
        others = (
            ("horizontal_scan", probes.horizontal(rows, hosts), hosts),
            ("vertical_scan", probes.vertical(rows, ports), ports),
        )
        for label, found, limit in others:
            for row in _rows(found):
                if (row["src_hi"], row["src_lo"]) not in wide:
                    yield label, row, limit

    def _slow(self, context: Context, own: Own, told: set[tuple[int, int]]) -> Iterator[Draft]:
        """Scans that only the days before together with this one show."""
        window = context.window
        start = window.start - self.lookback
        rows = probes.probes(probes.contacts(context.tables["flows"], start, window.end))
        statements = Statements(context, own, start)
        found = (
            (probes.horizontal(rows, context.number("hosts")), context.number("hosts")),
            (probes.vertical(rows, context.number("ports")), context.number("ports")),
        )
        for columns, limit in found:
            for row in _rows(columns):
                source = (row["src_hi"], row["src_lo"])
                if source not in told and row["last"] >= window.start:
                    told.add(source)
                    yield statements.scan("slow_scan", row, limit)


_BLOCK_PORTS = 10


def _rows(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    lists = {name: column.tolist() for name, column in found.items()}
    for values in zip(*lists.values(), strict=True):
        yield dict(zip(lists, values, strict=True))

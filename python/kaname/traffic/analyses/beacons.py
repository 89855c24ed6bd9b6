"""Hosts that call home: contacts at regular times, alone or hidden in other traffic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.model.errors import UsageError
from kaname.model.instant import DAY
from kaname.traffic.beacons import series
from kaname.traffic.beacons.known import PORTS, periodic
from kaname.traffic.beacons.peers import Rhythm, rhythms
from kaname.traffic.beacons.statements import APPLICATION, ENCRYPTED, Source, Statements

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Beacons"]

_DOC = AnalysisDoc(
    en=(
        "Finds clients that contact the same server, name or TLS server at regular times, "
        "also where the contacts are mixed with ordinary ones to the same place, and tells "
        "them from services that many clients ask in the same rhythm. RITA's score is given "
        "beside."
    ),
    ja=(
        "同じサーバー・名前・TLS サーバーへ規則的な間隔で接続するクライアントを見つけます。"
        "同じ宛先への通常の通信に紛れていても検出し、多数のクライアントが同じ周期で使う"
        "サービスとは区別します。RITA のスコアも併記します。"
    ),
    references=(
        "activecm/rita, analysis/beacons.go: the score of RITA, version 5",
        "MITRE ATT&CK T1071, T1573",
    ),
    limitations_en=(
        "Seven contacts are needed, at least ten seconds apart on average.",
        "Beacons that wait at random between zero and twice the period are not regular.",
        "Behind address translation or a proxy many clients are one.",
        "Regular is not malicious: monitoring and updates look the same but for who shares them.",
    ),
    limitations_ja=(
        "7 回以上の接続と、平均 10 秒以上の間隔が必要です。",
        "待ち時間を 0 から周期の 2 倍まで一様に変えるビーコンは規則的とはみなせません。",
        "NAT やプロキシーの背後では複数のクライアントが 1 つに見えます。",
        "規則的であることは悪性を意味しません。監視や更新との違いは、誰が共有しているかだけです。",
    ),
)


class Beacons:
    """See `_DOC`. One finding for each client and peer, one for each shared rhythm."""

    name: ClassVar[str] = "flow.beacons"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flows", "tls", "user_events")
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (APPLICATION, ENCRYPTED)
    labels: ClassVar[tuple[str, ...]] = ("beacon", "periodic_service")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "evidence",
            12.0,
            3.0,
            1000.0,
            "",
            "log-likelihood ratio of the regular run from which on it is reported",
            "規則的な連続接続を報告する対数尤度比の下限",
        ),
        Parameter(
            "popular",
            2.0,
            0.0,
            100.0,
            "%",
            "share of all clients from which on a shared rhythm is a service",
            "同じ周期を共有するサービスとみなすクライアントの割合",
        ),
        Parameter(
            "popular_clients",
            5,
            2,
            1_000_000,
            "clients",
            "clients that a shared rhythm must have at least to be a service",
            "同じ周期を共有するサービスとみなす最少クライアント数",
        ),
        Parameter(
            "ignored_ports",
            ",".join(map(str, PORTS)),
            None,
            None,
            "ports, with commas",
            "ports whose protocols are periodic by design",
            "仕様上、周期的に通信するポート(コンマ区切り)",
        ),
        Parameter(
            "services",
            "",
            None,
            None,
            "names, with commas",
            "further registered domains that are asked at regular times",
            "定期的に接続される登録ドメインの追加(コンマ区切り)",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about one sensor's contacts in one day."""
        for source, contacts in self._sources(context):
            yield from self._said(context, source, contacts)

    def _sources(self, context: Context) -> Iterator[tuple[Source, ir.Table]]:
        window, tables = context.window, context.tables
        ignored = _ports(context.text("ignored_ports"))
        if "flows" in tables:
            yield Source("flows", (APPLICATION,)), series.flows(tables["flows"], window, ignored)
        if "tls" in tables:
            yield Source("tls", (APPLICATION, ENCRYPTED)), series.handshakes(tables["tls"], window)
        if "user_events" in tables:
            acts = series.requests(tables["user_events"], window)
            yield Source("user_events", (APPLICATION,)), acts

    def _said(self, context: Context, source: Source, contacts: ir.Table) -> Iterator[Draft]:
        least = float(context.params["evidence"])
        found = series.judged(contacts, context.window, least)
        if not found:
            return
        clients = series.clients(contacts)
        statements = Statements(context, source, clients, least)
        known = frozenset(filter(None, context.text("services").replace(" ", "").split(",")))
        for rhythm in rhythms(found):
            if any(periodic(one.name, known) for one in rhythm.series):
                yield statements.service(rhythm, "known_service")
            elif self._popular(context, rhythm, clients):
                yield statements.service(rhythm, "shared_rhythm")
            else:
                yield from statements.beacons(rhythm)

    @staticmethod
    def _popular(context: Context, rhythm: Rhythm, clients: int) -> bool:
        share = float(context.params["popular"]) / 100
        least = context.number("popular_clients")
        return rhythm.clients >= max(least, share * clients)


def _ports(text: str) -> list[int]:
    try:
        return [int(port) for port in text.replace(" ", "").split(",") if port]
    except ValueError:
        raise UsageError("traffic.error.ports", found=text) from None

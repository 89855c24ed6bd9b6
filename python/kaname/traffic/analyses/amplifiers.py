"""Services of one's own that amplify: exposed, answering, and perhaps abused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import among
from kaname.model.address import to_text
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic import selections
from kaname.traffic.amplification import Service, services
from kaname.traffic.flows import error_bound

__all__ = ["Amplifiers"]

_REFLECTION = "T1498.002"

_DOC = AnalysisDoc(
    en=(
        "Joins reports on exposed services (open resolvers, Shadowserver) with flows: which "
        "of them answer, by how much more than they are asked (measured, not quoted), and "
        "which many peers use at once, as in an attack on others."
    ),
    ja=(
        "公開サービスの報告(オープンリゾルバー、Shadowserver)とフローを突き合わせ、"
        "実際に応答しているもの、要求に対する応答の増幅率(実測)、多数の相手に同時に使われ"
        "攻撃の踏み台になっているものを見つけます。"
    ),
    references=(
        "C. Rossow, Amplification Hell, NDSS 2014",
        "The Shadowserver Foundation: reports on accessible services",
    ),
    limitations_en=(
        "Every host in the table `exposure` counts as one's own: reports name only those.",
        "Where questions pass by another way, or sampling misses them, nothing is measured.",
        "Reports of the last 30 days are used; a service that was closed since stays until then.",
    ),
    limitations_ja=(
        "`exposure` 表のホストはすべて自組織のものとみなします(報告は自組織分のみのため)。",
        "要求が別経路を通る場合やサンプリングで欠けた場合、増幅率は測定できません。",
        "過去 30 日の報告を使うため、その間に閉じたサービスも残ります。",
    ),
)


class Amplifiers:
    """See `_DOC`. One finding for each service; over all sensors, since reports have none."""

    name: ClassVar[str] = "flow.amplifiers"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flows", "exposure")
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 30 * DAY
    across: ClassVar[bool] = True
    techniques: ClassVar[tuple[str, ...]] = (_REFLECTION,)
    labels: ClassVar[tuple[str, ...]] = ("amplifier_abused", "amplifier_answering")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "amplification",
            5.0,
            1.0,
            100_000.0,
            "",
            "octets out per octet in from which on a service amplifies",
            "増幅とみなす、受信 1 バイトあたりの送信バイト数",
        ),
        Parameter(
            "peers",
            20,
            2,
            1_000_000,
            "peers",
            "peers in ten minutes from which on a service is abused",
            "踏み台になっているとみなす 10 分間の相手数",
        ),
        Parameter(
            "least_octets",
            100_000,
            0,
            1_000_000_000_000,
            "octets",
            "octets sent in the day below which nothing is reported",
            "報告する 1 日の送信バイト数の下限",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about one day's traffic of exposed services."""
        tables = context.tables
        for service in services(tables["flows"], tables["exposure"], context.window):
            label = _label(context, service)
            if label:
                yield _draft(context, service, label)


def _label(context: Context, service: Service) -> str:
    least = float(context.params["amplification"])
    factor = service.amplification
    # answers without questions are more than any factor
    amplifies = factor is None or factor >= least
    if service.sent < context.number("least_octets") or not amplifies:
        return ""
    if service.busiest >= context.number("peers"):
        return "amplifier_abused"
    return "amplifier_answering" if factor is not None else ""


def _draft(context: Context, service: Service, label: str) -> Draft:
    host = to_text(service.hi, service.lo)
    abused = label == "amplifier_abused"
    window = context.window
    own = among("src", [(service.hi, service.lo)])
    where = selections.own(
        context, window.start, window.end, own, f"proto = 17 AND sport = {service.port}"
    )
    return Draft(
        label=label,
        subject=(host, service.port),
        first_seen=service.first,
        last_seen=service.last,
        severity=Severity.HIGH if abused else Severity.MEDIUM,
        confidence=_confidence(service, abused=abused),
        artifacts=(
            Artifact(ArtifactKind.IP, host, Role.MISCONFIGURED),
            Artifact(ArtifactKind.PORT, f"{service.port}/udp", Role.MISCONFIGURED),
        ),
        techniques=(_REFLECTION,) if abused else (),
        message=f"traffic.finding.{label}",
        values=_values(service, host),
        reasons=tuple(_reasons(context, service)),
        evidence=selections.flows(where),
    )


def _confidence(service: Service, *, abused: bool) -> float:
    measured = 0.95 if service.amplification is not None else 0.7
    many = service.busiest / (service.busiest + 5) if abused else 0.8
    return round(measured * many, 4)


def _values(service: Service, host: str) -> dict[str, Any]:
    factor = service.amplification
    return {
        "host": host,
        "service": f"{service.name} ({service.port}/udp)",
        "amplification": "–" if factor is None else f"{factor:,.1f}",
        "sent": service.sent,
        "received": service.received,
        "peers": service.peers,
        "busiest": service.busiest,
        "unasked": round(100 * service.unasked / max(1, service.sent), 1),
    }


def _reasons(context: Context, service: Service) -> Iterable[tuple[str, dict[str, Any]]]:
    limit, peers = context.params["amplification"], context.number("peers")
    factor = service.amplification
    if factor is None:
        yield "traffic.reason.no_questions", {"sent": service.sent}
    else:
        reported = service.reported or "–"
        values = {"factor": round(factor, 1), "limit": limit, "reported": reported}
        yield "traffic.reason.measured", values
    yield "traffic.reason.peers", {"busiest": service.busiest, "limit": peers}
    if service.sampled:
        bound = error_bound(service.seen, sampled=True)
        yield "traffic.reason.sampled", {"seen": service.seen, "bound": bound}

"""Traffic that is not as it was, by the votes of three detectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.model.address import to_text
from kaname.model.instant import DAY, HOUR
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic import selections
from kaname.traffic.anomalies.cells import Subject, cells
from kaname.traffic.anomalies.history import DAYS
from kaname.traffic.anomalies.votes import Case, Limits, cases, votes

__all__ = ["Anomalies"]

_LABELS = ("notice", "suspicious", "anomalous")  # by one, two, three votes
_SEVERITIES = (Severity.INFO, Severity.LOW, Severity.MEDIUM)

_DOC = AnalysisDoc(
    en=(
        "Finds hosts and services whose traffic is not as it was, without knowing attacks: "
        "flows that grow together (ASTUTE, in hashed parts of the traffic), mixtures of "
        "ports and sizes that change within a minute, and hosts far above their last "
        "fifteen days. Each detector has a vote: notice, suspicious, anomalous."
    ),
    ja=(
        "攻撃の知識によらず、普段と異なる通信のホストやサービスを見つけます。同時に増える"
        "フロー(ASTUTE、ハッシュ分割した通信ごと)、ポートやサイズの構成の急変、過去 15 日を"
        "大きく上回るホストの 3 検知器が投票し、注意・不審・異常の 3 段階で報告します。"
    ),
    references=(
        "F. Silveira et al., ASTUTE, SIGCOMM 2010",
        "R. Fontugne et al., Hashdoop, TRAC 2014; MAWILab, CoNEXT 2010",
    ),
    limitations_en=(
        "What is blamed must have half of the packets of the change; spread changes are not told.",
        "Without three earlier days the third detector is silent.",
        "Flow records longer than ten seconds count where they begin.",
    ),
    limitations_ja=(
        "変化の半分以上を占めるホスト・ポートがない場合は報告しません。",
        "過去 3 日分の通信がなければ 3 番目の検知器は働きません。",
        "10 秒を超えるフローレコードは開始時点に計上します。",
    ),
)


class Anomalies:
    """See `_DOC`. One finding for each host or service that is blamed."""

    name: ClassVar[str] = "flow.anomalies"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    period: ClassVar[int] = HOUR
    lookback: ClassVar[int] = DAYS * DAY
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = _LABELS
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "votes",
            2,
            1,
            3,
            "votes",
            "detectors that must agree before anything is said",
            "報告に必要な検知器の一致数",
        ),
        Parameter(
            "score",
            4.0,
            1.0,
            100.0,
            "standard errors",
            "how far the mean change of flows must lie from none",
            "フローの平均変化量が 0 から隔たる標準誤差の倍数",
        ),
        Parameter(
            "deviations",
            6.0,
            1.0,
            1000.0,
            "deviations",
            "how far above the median, in robust standard deviations",
            "中央値からの隔たり(頑健な標準偏差の倍数)",
        ),
        Parameter(
            "share",
            5.0,
            0.01,
            100.0,
            "%",
            "share of packets below which a change is not told",
            "報告する変化のパケット数の割合",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about one sensor's traffic in one hour."""
        table, window = context.tables["flows"], context.window
        limits = Limits(
            float(context.params["score"]),
            float(context.params["deviations"]),
            float(context.params["share"]) / 100,
        )
        found = cells(table, window)
        for case in cases(votes(table, window, found, limits)):
            if len(case.votes) >= context.number("votes"):
                yield _draft(context, case)


def _draft(context: Context, case: Case) -> Draft:
    number = len(case.votes) - 1
    text, kind = _spelled(case.subject)
    where = selections.own(context, case.first, case.last + 1, _condition(case.subject))
    return Draft(
        label=_LABELS[number],
        subject=(case.subject.side, text),
        first_seen=case.first,
        last_seen=case.last,
        severity=_SEVERITIES[number],
        confidence=round(0.3 * len(case.votes), 4),
        artifacts=(Artifact(kind, text, Role.UNKNOWN),),
        message=f"traffic.finding.{_LABELS[number]}",
        values={
            "subject": text,
            "votes": len(case.votes),
            "packets": max(vote.packets for vote in case.votes),
            "minutes": round((case.last - case.first + 1) / 60e6, 1),
        },
        reasons=(
            (f"traffic.reason.side_{case.subject.side}", {"subject": text}),
            *((f"traffic.reason.vote_{v.detector}", {**v.values, "packets": v.packets})
              for v in case.votes),
        ),
        evidence=selections.volumes(where),
    )  # fmt: skip


def _spelled(subject: Subject) -> tuple[str, ArtifactKind]:
    if subject.side in {"src", "dst"}:
        return to_text(subject.hi, subject.lo), ArtifactKind.IP
    protocol = {6: "tcp", 17: "udp"}.get(subject.hi, str(subject.hi))
    return f"{subject.lo}/{protocol}", ArtifactKind.PORT


def _condition(subject: Subject) -> str:
    if subject.side in {"src", "dst"}:
        return f"{subject.side}_hi = {subject.hi} AND {subject.side}_lo = {subject.lo}"
    return f"proto = {subject.hi} AND {subject.side} = {subject.lo}"

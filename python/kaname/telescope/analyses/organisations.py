"""What the addresses of registered organisations did at unused ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import among, during, flowtuples
from kaname.knowledge.organisation_records import AlertKind
from kaname.model.instant import DAY, format_us
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope.families import any_of
from kaname.telescope.kinds import DIRECT_FLOOD, REFLECTION, SCANNING_BLOCKS
from kaname.telescope.organisations.observing import nearby, observe, registered, size
from kaname.telescope.organisations.registry import Period, suppressed
from kaname.telescope.organisations.snapshot import ANALYSIS, PARAMETER, load
from kaname.telescope.organisations.verdicts import Verdict, verdicts
from kaname.telescope.picture import ADDRESSES

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["OrganisationHosts", "condition", "severity"]

_DOC = AnalysisDoc(
    en=(
        "Finds addresses that registered organisations use and that turn up at unused ones: "
        "they search among the unused addresses of their own organisation (internal) or of "
        "others (external), are attacked (victim), serve attackers (reflector), are set up "
        "wrongly (misconfig), or were probably forged (spoofed)."
    ),
    ja=(
        "登録済み組織の使用中アドレスが、未使用アドレスに現れたことを見つけます。"
        "自組織の未使用アドレスへの探索(internal)、他組織への探索(external)、"
        "攻撃被害(victim)、リフレクターとしての悪用(reflector)、設定ミス(misconfig)、"
        "詐称の疑い(spoofed)を区別します。"
    ),
    references=(
        (
            "D. Inoue et al., DAEDALUS: Novel Application of Large-Scale Darknet Monitoring for "
            "Practical Protection of Live Networks, RAID 2009"
        ),
        "D. Moore et al., Inferring Internet Denial-of-Service Activity, ACM TOCS 2006",
    ),
    limitations_en=(
        "It says nothing without a registry; `kaname telescope orgs add` makes one.",
        "Whether a scanning source is forged cannot be known from one packet.",
        "On a telescope of less than 256 addresses few destinations prove no wrong setting.",
    ),
    limitations_ja=(
        "組織の登録(`kaname telescope orgs add`)がなければ何も報告しません。",
        "1 パケットだけでは、送信元が詐称かどうかは分かりません。",
        "観測アドレスが 256 未満の場合、宛先の少なさから設定ミスとは判断しません。",
    ),
)
_ROLES = {
    AlertKind.VICTIM: Role.VICTIM,
    AlertKind.REFLECTOR: Role.REFLECTOR,
    AlertKind.MISCONFIG: Role.MISCONFIGURED,
}
_TECHNIQUES = {
    AlertKind.INTERNAL: (SCANNING_BLOCKS,),
    AlertKind.EXTERNAL: (SCANNING_BLOCKS,),
    AlertKind.VICTIM: (DIRECT_FLOOD,),
    AlertKind.REFLECTOR: (REFLECTION,),
}
_INFECTED = frozenset({"mirai", "bot_unnamed", "worm_scan"})


class OrganisationHosts:
    """See `_DOC`. One finding for each organisation, host and kind."""

    name: ClassVar[str] = ANALYSIS
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    across: ClassVar[bool] = True  # a host is one host, whichever sensor saw it
    techniques: ClassVar[tuple[str, ...]] = (SCANNING_BLOCKS, DIRECT_FLOOD, REFLECTION)
    labels: ClassVar[tuple[str, ...]] = tuple(kind.value for kind in AlertKind)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        ADDRESSES,
        Parameter(
            PARAMETER,
            "",
            None,
            None,
            "file",
            "snapshot of the registry of organisations; the nexus writes and names it",
            "組織の登録のスナップショット。nexus が書き出して指定する",
            file=True,
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the registered hosts of all sensors in one day."""
        registry = load(context.text(PARAMETER))
        if not registry:
            return
        window = context.window
        for period in registry.periods(window.start, window.end):
            rows = _between(context.tables["flowtuples"], period)
            hosts = registered(rows, period)
            if len(hosts):
                addresses = context.number("addresses") or size(rows)
                with nearby(rows, hosts) as near:
                    found = verdicts(rows, observe(near, period, hosts), addresses)
                whole = (period.start, period.end) == (window.start, window.end)
                yield from _drafts(found, period, () if whole else (period.start,))


def _between(rows: ir.Table, period: Period) -> ir.Table:
    """The rows of a period; of a window that is one period all of them."""
    import ibis

    edges = (format_us(instant).replace("Z", "+00:00") for instant in (period.start, period.end))
    start, end = (ibis.timestamp(edge) for edge in edges)
    return rows.filter((rows.ts >= start) & (rows.ts < end))


def _drafts(found: list[Verdict], period: Period, part: tuple[int, ...]) -> Iterable[Draft]:
    for verdict in found:
        one = period.organisations[verdict.place]
        if suppressed(one, verdict.host, verdict.ports, verdict.kind, verdict.last):
            continue
        host = str(verdict.host)
        yield Draft(
            label=verdict.kind.value,
            subject=(one.id, host, *part),
            first_seen=verdict.first,
            last_seen=verdict.last,
            severity=severity(verdict.kind, verdict.label),
            confidence=verdict.confidence,
            artifacts=(Artifact(ArtifactKind.IP, host, _ROLES.get(verdict.kind, Role.UNKNOWN)),),
            techniques=_TECHNIQUES.get(verdict.kind, ()),
            spoofable=True,
            message=f"telescope.organisation.{verdict.kind.value}",
            values={
                "organisation": one.name_en,
                "host": host,
                "packets": verdict.packets,
                "destinations": verdict.destinations,
                "services": ", ".join(verdict.services),
                "label": verdict.label,
            },
            reasons=verdict.reasons,
            evidence=flowtuples(condition(verdict, period.start, period.end)),
        )


def severity(kind: AlertKind, label: str) -> Severity:
    """How much an alert matters to whoever runs the host."""
    if kind in (AlertKind.INTERNAL, AlertKind.EXTERNAL):
        if label in _INFECTED or kind is AlertKind.INTERNAL:
            return Severity.HIGH
        return Severity.LOW if label == "unsure" else Severity.MEDIUM
    if kind is AlertKind.MISCONFIG:
        return Severity.LOW
    return Severity.INFO if kind is AlertKind.SPOOFED else Severity.MEDIUM


def condition(verdict: Verdict, start: int, end: int) -> str:
    """The SQL condition of the rows behind a verdict."""
    host = [(verdict.host.hi, verdict.host.lo)]
    sent = among("src", host)
    if verdict.kind is AlertKind.VICTIM:
        sent = f"({sent} OR ({among('vic', host)}))"
    return "\n  AND ".join((during(start, end), sent, any_of(verdict.families)))

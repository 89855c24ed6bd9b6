"""Stories across all kinds of data: what followed a mail, and what surrounds an attack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, among
from kaname.model.address import to_text
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role
from kaname.traffic import selections
from kaname.traffic.names.evidence import condition, updates
from kaname.traffic.names.reduction import any_rows
from kaname.traffic.stories.attacks import Exposed, Victim, exposed, victims
from kaname.traffic.stories.intrusions import LOOKBACK, Intrusion, intrusions
from kaname.traffic.stories.links import Link, evidence, severity
from kaname.traffic.stories.routing import Change, changes

__all__ = ["Stories"]

_REFLECTION = "T1498.002"
_SPEARPHISHING, _EXECUTION, _INTERPRETER = "T1566.002", "T1204.001", "T1059"
_COMMAND, _GENERATED = "T1071.001", "T1568.002"

_DOC = AnalysisDoc(
    en=(
        "Lays the kinds of data side by side. A link in a mail, the visit to it, a program "
        "that began on the machine, a regular contact, a burst of names that do not exist: "
        "one finding for each client, the graver the more links there are. Also exposed "
        "services that took part in attacks, and changes of routes to a victim."
    ),
    ja=(
        "複数種類のデータをつなぎ合わせます。メールのリンク、そのアクセス、端末で起動した"
        "プログラム、規則的な通信、存在しない名前の集中を 1 つのクライアントについて結び、"
        "つながりが多いほど重大とします。攻撃に加担した公開サービスと、被害アドレスの経路変更も"
        "報告します。"
    ),
    references=(
        "NECOMA, MATATABI: Multi-layer Threat Analysis Platform with Hadoop, BADGERS 2014",
        "E. Hutchins et al., Intelligence-Driven Computer Network Defense (kill chain), 2011",
        (
            "P. Vervier et al., Mind Your Blocks: On the Stealthiness of Malicious BGP Hijacks, "
            "NDSS 2015"
        ),
    ),
    limitations_en=(
        "A story begins and ends within one UTC day; feeds and exposure of the day before count.",
        (
            "Endpoint events are joined by address, by the host that another event shows with "
            "it, or by account; where none agrees the program stays out of the story."
        ),
        "Links through shorteners and shared hosting begin no story.",
        "The evidence holds the rows of the strongest link; the others are told as reasons.",
    ),
    limitations_ja=(
        "1 つの話は UTC の 1 日の中で完結するものだけです(フィードと公開情報は前日分も使います)。",
        (
            "エンドポイントの記録はアドレス、ホスト名、アカウントのいずれかで結び付けます。"
            "一致しなければ話に含まれません。"
        ),
        "短縮 URL や共有ホスティングへのリンクからは話を始めません。",
        "証拠は最も強いつながりの行です。他のつながりは理由として示します。",
    ),
)


class Stories:
    """See `_DOC`. One finding for each client and domain, service, or victim."""

    name: ClassVar[str] = "stories.intrusion"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = (
        "mail", "user_events", "dns", "endpoint", "flows", "feeds", "exposure", "routes",
    )  # fmt: skip
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = LOOKBACK
    across: ClassVar[bool] = True
    techniques: ClassVar[tuple[str, ...]] = (
        _SPEARPHISHING, _EXECUTION, _INTERPRETER, _COMMAND, _GENERATED, _REFLECTION,
    )  # fmt: skip
    labels: ClassVar[tuple[str, ...]] = ("intrusion", "exposed_attacker", "route_change")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "megabytes",
            1.0,
            0.001,
            1e9,
            "MB",
            "what an exposed service must have sent in amplified answers",
            "公開サービスが送った増幅応答の下限",
        ),
        Parameter(
            "packets",
            10_000,
            100,
            1_000_000_000_000,
            "packets",
            "amplified answers that make an address a victim",
            "被害アドレスとみなす増幅応答のパケット数",
        ),
        Parameter(
            "ignore",
            "",
            None,
            None,
            "suffixes",
            "further domains whose links begin no story, with blanks between",
            "リンクされても話を始めないドメインの追加(空白区切り)",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """The stories of one day, over all sensors."""
        for story in intrusions(context):
            yield _intrusion(story)
        yield from _attacks(context)


def _intrusion(story: Intrusion) -> Draft:
    visit, lure = story.visit, story.lure
    client = to_text(visit.hi, visit.lo)
    steps = len(story.links)
    return Draft(
        label="intrusion",
        subject=(client, visit.domain),
        first_seen=min(link.at for link in story.links),
        last_seen=max(link.last for link in story.links),
        severity=severity(story.links),
        confidence=round(0.99 * (1 - 0.5 ** (steps - 1)), 4),
        artifacts=(
            Artifact(ArtifactKind.IP, client, Role.VICTIM),
            Artifact(ArtifactKind.DOMAIN, visit.domain, Role.ATTACKER),
            *((Artifact(ArtifactKind.URL, visit.url, Role.ATTACKER),) if visit.exact else ()),
            *_controllers(story.controllers),
        ),
        techniques=tuple(dict.fromkeys(link.technique for link in story.links if link.technique)),
        message="traffic.finding.intrusion",
        values={
            "client": client,
            "user": visit.user or "–",
            "domain": visit.domain,
            "sender": lure.sender,
            "subject": lure.subject,
            "links": steps,
        },
        reasons=tuple(link.reason for link in story.links),
        evidence=evidence(story.links),
    )


def _controllers(names: Iterable[str]) -> Iterator[Artifact]:
    """What the client calls regularly: a control server, most likely."""
    for name in names:
        address = name.replace(".", "").isdigit() or ":" in name
        kind = ArtifactKind.IP if address else ArtifactKind.DOMAIN
        yield Artifact(kind, name, Role.ATTACKER)


def _attacks(context: Context) -> Iterator[Draft]:
    tables, window = context.tables, context.window
    least = 1e6 * float(context.params["megabytes"])
    for service in exposed(tables["exposure"], tables["flows"], window):
        if service.octets >= least:
            yield _exposed(context, service)
    if not any_rows(tables["routes"]):
        return
    for victim in victims(tables["flows"], window, context.number("packets")):
        address = (victim.hi, victim.lo)
        found = changes(tables["routes"], address, victim.first, victim.last)
        if found:
            yield _rerouted(context, victim, found)


def _exposed(context: Context, service: Exposed) -> Draft:
    address = to_text(service.hi, service.lo)
    own = among("src", [(service.hi, service.lo)])
    sent = condition(context.window, "", own, f"sport = {service.port}")
    links = (
        Link(
            "exposure",
            service.reported,
            service.reported,
            1,
            {"service": service.service, "port": service.port, "report": service.report},
            selections.exposures(condition(context.window, "", own, f"port = {service.port}")),
        ),
        Link(
            "answers",
            service.first,
            service.last,
            2,
            {
                "peers": service.peers,
                "megabytes": round(service.octets / 1e6, 1),
                "factor": service.factor,
            },
            selections.pairs(sent),
            _REFLECTION,
        ),
    )
    return Draft(
        label="exposed_attacker",
        subject=(address, service.port),
        first_seen=service.first,
        last_seen=service.last,
        severity=severity((*links, *links[: service.factor >= 5])),
        confidence=round(0.95 * min(1.0, 0.5 + service.factor / 40), 4),
        artifacts=(
            Artifact(ArtifactKind.IP, address, Role.REFLECTOR),
            Artifact(ArtifactKind.PORT, f"udp/{service.port}", Role.TARGET),
        ),
        techniques=(_REFLECTION,),
        message="traffic.finding.exposed_attacker",
        values={
            "address": address,
            "port": service.port,
            "service": service.service,
            "peers": service.peers,
            "megabytes": round(service.octets / 1e6, 1),
            "factor": service.factor,
        },
        reasons=tuple(link.reason for link in links),
        evidence=evidence(links),
    )


def _rerouted(context: Context, victim: Victim, found: list[Change]) -> Draft:
    address = to_text(victim.hi, victim.lo)
    attack = Link(
        "attack",
        victim.first,
        victim.last,
        1,
        {
            "reflectors": victim.reflectors,
            "packets": victim.packets,
            "ports": ", ".join(map(str, victim.ports[:5])),
        },
        selections.flows(
            condition(context.window, "", among("dst", [(victim.hi, victim.lo)]), "proto = 17")
        ),
        _REFLECTION,
    )
    links = (attack, *(_change(context, change) for change in found[:5]))
    return Draft(
        label="route_change",
        subject=(address,),
        first_seen=min(link.at for link in links),
        last_seen=max(link.last for link in links),
        severity=severity((*links, attack)),
        confidence=0.7,
        artifacts=(
            Artifact(ArtifactKind.IP, address, Role.VICTIM),
            *(Artifact(ArtifactKind.PREFIX, p, Role.VICTIM) for p in _prefixes(found)),
        ),
        techniques=(_REFLECTION,),
        spoofable=True,
        message="traffic.finding.route_change",
        values={
            "address": address,
            "n": len(found),
            "prefix": found[0].prefix,
            "reflectors": victim.reflectors,
        },
        reasons=tuple(link.reason for link in links),
        evidence=evidence(links),
    )


def _prefixes(found: Iterable[Change]) -> list[str]:
    return list(dict.fromkeys(change.prefix for change in found))


def _change(context: Context, change: Change) -> Link:
    name = "withdrawn" if change.op == "W" else "announced"
    values = {"prefix": change.prefix, "origin": change.origin or "–", "path": change.path or "–"}
    return Link(name, change.at, change.at, 3, values, _update(context, change))


def _update(context: Context, change: Change) -> Selection:
    return updates(
        condition(
            context.window,
            "",
            f"prefix_hi = {change.hi}",
            f"prefix_lo = {change.lo}",
            f"plen = {change.length}",
        )
    )

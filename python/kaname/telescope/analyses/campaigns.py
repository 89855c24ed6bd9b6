"""Groups of sources that begin, or act, together on one port."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, among, flowtuples
from kaname.model.address import to_text
from kaname.model.instant import DAY, SECOND
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope import campaigns
from kaname.telescope.families import FAMILIES
from kaname.telescope.kinds import BOTNET, SCANNING_BLOCKS
from kaname.telescope.picture import ADDRESSES, CROWD_SOURCES, REFLECTORS, Picture
from kaname.telescope.portrait import TIMES, Portrait, portrait
from kaname.telescope.prefixes import SENSORS
from kaname.telescope.reasons import Reason
from kaname.telescope.words import service

__all__ = ["Campaigns"]

_NAMED = 2000  # members that a finding names
SYNCHRONISED = 0.01  # probability by chance below which members act in one rhythm

_DOC = AnalysisDoc(
    en=(
        "Finds scan campaigns: many sources all over the Internet with the same kind of "
        "packets, which begin on one port during the day or act there in common bursts."
    ),
    ja=(
        "スキャンキャンペーンを見つけます。同じ特徴のパケットを送る多数の送信元が、"
        "1 つのポートで一斉に活動を始める、または同時に活動する現象です。"
    ),
    references=(
        "NICT, Dark-TRACER, IEEE Access 2022 (synchrony of sources as a sign of malware)",
        "Z. Durumeric et al., An Internet-Wide View of Internet-Wide Scanning, USENIX 2014",
    ),
    limitations_en=(
        "Growth of a group that is there all day is not seen; nor is one of few sources.",
        "Sources of one network are not taken for a campaign.",
        "A group that acts only by day in its time zone may look like one, on its first day.",
    ),
    limitations_ja=(
        "1 日を通して存在する集団の増加や、少数の送信元によるものは検出しません。",
        "同じネットワーク内の送信元だけの活動はキャンペーンとみなしません。",
        "特定の時間帯だけ活動する集団は、初日に限りキャンペーンと判断することがあります。",
    ),
)


class Campaigns:
    """See `_DOC`. One finding for each group; the day before tells what is not new."""

    name: ClassVar[str] = "telescope.campaigns"
    version: ClassVar[int] = 2
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = DAY
    techniques: ClassVar[tuple[str, ...]] = (SCANNING_BLOCKS, BOTNET)
    labels: ClassVar[tuple[str, ...]] = ("campaign",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        ADDRESSES,
        SENSORS,
        CROWD_SOURCES,
        REFLECTORS,
        Parameter(
            "members",
            15,
            5,
            1_000_000,
            "sources",
            "sources of one kind on one port that make a campaign",
            "キャンペーンとみなす、同じ特徴・同じポートの送信元数",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the campaigns that one sensor saw in one day."""
        picture = Picture.of(context)
        start = context.window.start // SECOND
        for campaign in campaigns.campaigns(picture.rest, start, context.number("members")):
            members = campaigns.members(picture.rest, campaign, start)
            seen = portrait(picture.rest, campaign, members, start)
            yield _draft(picture, (campaign, seen), members, context.number("members"))


def _draft(
    picture: Picture,
    found: tuple[campaigns.Campaign, Portrait],
    members: list[dict[str, Any]],
    least: int,
) -> Draft:
    campaign, seen = found
    family = FAMILIES[campaign.family].name
    asked = service(family, campaign.port)
    sources = [(m["src_hi"], m["src_lo"]) for m in members[:_NAMED]]
    kind = "burst" if campaign.synchronised else "onset"
    return Draft(
        label="campaign",
        subject=(family, campaign.port, campaign.opt, campaign.win),
        first_seen=campaign.first * SECOND,
        last_seen=campaign.last * SECOND,
        severity=Severity.HIGH,
        confidence=round(0.98 * len(members) / (len(members) + 3), 4),
        artifacts=(
            Artifact(ArtifactKind.PORT, asked, Role.TARGET),
            *(Artifact(ArtifactKind.IP, to_text(*s), Role.ATTACKER) for s in sources),
        ),
        techniques=(SCANNING_BLOCKS, BOTNET),
        message=f"telescope.campaign_{kind}",
        values={
            "n": len(members),
            "named": len(sources),
            "service": asked,
            "packets": campaign.packets,
            "hours": round((campaign.last - campaign.first) / 3600, 1),
            "family": family,
            "doubling": seen.doubling,
            "purity": seen.purity,
            "new": seen.new,
            "synchrony": seen.giant,
            "course": list(seen.hours),
            "shares": [round(m["packets"] / max(1, campaign.packets), 6) for m in members[:_NAMED]],
        },
        reasons=tuple(
            (f"telescope.reason.{key}", values)
            for key, values in (*_reasons(campaign, family, least), *_seen(seen))
        ),
        evidence=_evidence(picture, campaign, sources),
    )


def _reasons(campaign: campaigns.Campaign, family: str, least: int) -> list[Reason]:
    alike: dict[str, Any] = {"n": campaign.sources, "limit": least, "family": family}
    together: dict[str, Any] = {"bins": campaign.bins, "of": campaign.of}
    begun = {"late": round(100 * campaign.late, 1), "limit": round(100 * campaigns.LATE)}
    return [
        ("alike_sources", alike),
        ("together", together) if campaign.synchronised else ("begun", begun),
        ("rare", {"power": campaign.rare, "limit": campaigns.RARE}),
    ]


def _seen(seen: Portrait) -> list[Reason]:
    """What the portrait adds, where there is anything to say."""
    reasons: list[Reason] = [("purity", {"share": round(100 * seen.purity, 1)})]
    if seen.new >= 0:
        reasons.append(("new_sources", {"share": round(100 * seen.new, 1)}))
    if seen.by_chance < SYNCHRONISED:
        share = round(100 * seen.giant, 1)
        reasons.append(("synchrony", {"share": share, "chance": seen.by_chance, "times": TIMES}))
    if seen.doubling:
        reasons.append(("members_double", {"hours": seen.doubling}))
    return reasons


def _evidence(
    picture: Picture, campaign: campaigns.Campaign, sources: list[tuple[int, int]]
) -> Selection:
    condition = picture.condition(
        FAMILIES[campaign.family].sql, f"port = {campaign.port}", among("src", sources)
    )
    return flowtuples(condition, by_source=True)

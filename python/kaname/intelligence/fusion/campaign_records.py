"""A campaign as it is kept: its artifacts, what holds them together, and how it stands."""

from __future__ import annotations

import enum

import msgspec

from kaname.intelligence.fusion.links import Link, Node
from kaname.intelligence.fusion.partition import Partition
from kaname.intelligence.fusion.policy import Policy
from kaname.model.marking import Tlp, join
from kaname.model.records import ArtifactKind

__all__ = [
    "Campaign",
    "CampaignMember",
    "CampaignMerge",
    "CampaignState",
    "node_of",
    "visible",
]


class CampaignState(enum.StrEnum):
    """How a campaign stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    SPLIT = "split"  # a merge was undone; its parts are proposals of their own


class CampaignMember(msgspec.Struct, frozen=True):
    """An artifact of a campaign and what it mostly does."""

    kind: str
    value: str
    role: str


class CampaignMerge(msgspec.Struct, frozen=True, kw_only=True):
    """Two artifacts whose link joined two parts: what shows it, and how telling it is."""

    a: str
    b: str
    kind: str
    role_a: str
    role_b: str
    observations: int
    first: int
    last: int
    weight: float
    idf: float
    tlp: Tlp
    evidence: tuple[str, ...]
    assertion: str
    undone: bool = False


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as it stands."""

    id: str
    name: str
    state: CampaignState
    members: tuple[CampaignMember, ...]
    merges: tuple[CampaignMerge, ...]
    sources: tuple[str, ...]
    first_seen: int
    last_seen: int
    changed: int
    tlp: Tlp


def node_of(text: str) -> Node:
    """The artifact with that key (``kind:value``)."""
    kind, _, value = text.partition(":")
    return Node(ArtifactKind(kind), value)


def visible(campaign: Campaign, clearance: Tlp, least: int = Policy().least) -> Campaign | None:
    """The part of ``campaign`` that holds together by what ``clearance`` may see.

    Of several parts the largest; None when none has ``least`` artifacts. The sources are
    named only to who may see all of it.
    """
    if all(merge.tlp.visible_to(clearance) for merge in campaign.merges):
        return campaign
    shown = [merge for merge in campaign.merges if merge.tlp.visible_to(clearance)]
    partition = Partition()
    partition.join_all(_link(merge) for merge in shown)
    part = max(partition.parts().values(), key=lambda one: (len(one), one), default=[])
    if len(part) < least:
        return None
    keys = {str(node) for node in part}
    merges = tuple(merge for merge in shown if merge.a in keys)
    return msgspec.structs.replace(
        campaign,
        members=tuple(m for m in campaign.members if f"{m.kind}:{m.value}" in keys),
        merges=merges,
        sources=(),
        first_seen=min(merge.first for merge in merges),
        last_seen=max(merge.last for merge in merges),
        tlp=join(merge.tlp for merge in merges),
    )


def _link(merge: CampaignMerge) -> Link:
    return Link(
        a=node_of(merge.a),
        b=node_of(merge.b),
        kind=merge.kind,
        role_a=merge.role_a,
        role_b=merge.role_b,
    )

"""The book of campaigns: proposals, what analysts decided, and what was undone.

A campaign is kept as an entity; each merge, decision and undoing is an assertion, so that
any state of the book can be traced. Proposals of a later run find their campaign again by
the artifacts that they share with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from kaname.intelligence.fusion.campaign_records import (
    Campaign,
    CampaignMember,
    CampaignMerge,
    CampaignState,
    node_of,
    visible,
)
from kaname.intelligence.fusion.campaigns import Merge, Proposal
from kaname.intelligence.fusion.links import Node
from kaname.knowledge.assertions import Assertion, Assertions
from kaname.knowledge.entities import Entities, Entity
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.ids import stable_id
from kaname.model.instant import day_of, now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["Book", "Decision"]

Decision = Literal["confirm", "reject", "undo"]

_SOURCE = "fusion.campaigns"
_SAME = 0.5  # of a campaign's artifacts that a proposal must hold to be it


class Book:
    """All campaigns of a knowledge store."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._entities = knowledge.part(Entities)
        self._assertions = knowledge.part(Assertions)

    def apart(self) -> list[tuple[Node, Node]]:
        """The pairs that analysts separated, for `propose`."""
        return [
            (node_of(one.value["a"]), node_of(one.value["b"]))
            for one in self._assertions.every("undone")
        ]

    def renew(self, proposals: Sequence[Proposal], *, at: int | None = None) -> list[Campaign]:
        """Bring the book up to date with ``proposals``; what is new or changed.

        A campaign that is no longer proposed goes, unless an analyst confirmed it.
        """
        instant = now_us() if at is None else at
        stored = {one.id: one for one in self.campaigns()}
        named = _identify(proposals, stored)
        changed = []
        for key, proposal in named.items():
            fresh = self._kept(key, proposal, stored.get(key), instant)
            if fresh is not None:
                changed.append(fresh)
        self._entities.put([_entity(one) for one in changed])
        gone = [
            key
            for key, one in stored.items()
            if key not in named and one.state is CampaignState.PROPOSED
        ]
        self._say(gone, "withdrawn", instant)
        self._entities.drop(gone)
        return changed

    def campaigns(self, *, clearance: Tlp = Tlp.RED) -> list[Campaign]:
        """All campaigns as somebody with ``clearance`` sees them, the last seen first."""
        found = [
            visible(_campaign(one), clearance)
            for one in self._entities.every("campaign", clearance=clearance)
            if one.authority == _SOURCE
        ]
        seen = [one for one in found if one is not None]
        return sorted(seen, key=lambda one: (-one.last_seen, one.id))

    def campaign(self, key: str, *, clearance: Tlp = Tlp.RED) -> Campaign:
        """The campaign with that id, as somebody with ``clearance`` sees it.

        Raises:
            NotFoundError: there is none, or too little of it may be seen.
        """
        entity = self._entities.entity(key, clearance=clearance)
        found = visible(_campaign(entity), clearance) if entity.authority == _SOURCE else None
        if found is None:
            raise NotFoundError("knowledge.error.no_entity", id=key)
        return found

    def decide(
        self,
        key: str,
        decision: Decision,
        *,
        by: str,
        assertion: str = "",
        note: str = "",
        clearance: Tlp = Tlp.RED,
        at: int | None = None,
    ) -> Campaign:
        """Confirm or reject a campaign, or undo the merge that ``assertion`` states.

        What was undone stays so in later runs: the two artifacts never come into one
        campaign again, whatever else links them.

        Raises:
            NotFoundError: there is no such campaign or merge, or it may not be seen.
            ConflictError: the merge was undone already.
        """
        self.campaign(key, clearance=clearance)
        instant = now_us() if at is None else at
        stored = _campaign(self._entities.entity(key))
        if decision == "undo":
            return self._undo(stored, assertion, by, note, instant, clearance)
        state = CampaignState.CONFIRMED if decision == "confirm" else CampaignState.REJECTED
        self._record(stored, "state", state.value, by, note, instant)
        return self._put(msgspec.structs.replace(stored, state=state, changed=instant), clearance)

    def _undo(
        self, stored: Campaign, assertion: str, by: str, note: str, instant: int, clearance: Tlp
    ) -> Campaign:
        merge = next(
            (m for m in stored.merges if m.assertion == assertion and m.tlp.visible_to(clearance)),
            None,
        )
        if merge is None:
            raise NotFoundError("knowledge.error.no_assertion", id=assertion)
        if merge.undone:
            raise ConflictError("intelligence.error.undone", id=assertion)
        value = {"a": merge.a, "b": merge.b, "assertion": assertion}
        self._record(stored, "undone", value, by, note, instant)
        merges = tuple(
            msgspec.structs.replace(one, undone=one.undone or one is merge) for one in stored.merges
        )
        fresh = msgspec.structs.replace(
            stored, state=CampaignState.SPLIT, merges=merges, changed=instant
        )
        return self._put(fresh, clearance)

    def _put(self, campaign: Campaign, clearance: Tlp) -> Campaign:
        self._entities.put([_entity(campaign)])
        return visible(campaign, clearance) or campaign

    def _record(
        self, campaign: Campaign, predicate: str, value: Any, by: str, note: str, at: int
    ) -> None:
        said = Assertion(
            source=by,
            subject=campaign.id,
            predicate=predicate,
            value=value,
            at=at,
            tlp=campaign.tlp,
            note=note,
        )
        self._assertions.record([said])

    def _say(self, keys: Sequence[str], state: str, at: int) -> None:
        self._assertions.record(
            [
                Assertion(
                    source=_SOURCE, subject=key, predicate="state", value=state, at=at, tlp=Tlp.RED
                )
                for key in keys
            ]
        )

    def _kept(
        self, key: str, proposal: Proposal, before: Campaign | None, at: int
    ) -> Campaign | None:
        """The campaign that ``proposal`` is now; None when it is what it was."""
        known = {(m.a, m.b): m for m in before.merges} if before else {}
        stated = [
            known.get((str(merge.link.a), str(merge.link.b)))
            or _stated(merge, self._merge(key, merge, at))
            for merge in proposal.merges
        ]
        merges = tuple(
            _counted(one, merge) for one, merge in zip(stated, proposal.merges, strict=True)
        )
        fresh = Campaign(
            id=key,
            name=before.name if before else _name(proposal),
            state=before.state if before else CampaignState.PROPOSED,
            members=tuple(
                CampaignMember(member.node.kind.value, member.node.value, member.role)
                for member in proposal.members
            ),
            merges=merges,
            sources=proposal.sources,
            first_seen=proposal.first_seen,
            last_seen=proposal.last_seen,
            changed=before.changed if before else at,
            tlp=proposal.tlp,
        )
        return None if fresh == before else msgspec.structs.replace(fresh, changed=at)

    def _merge(self, key: str, merge: Merge, at: int) -> Assertion:
        link = merge.link
        said = Assertion(
            source=_SOURCE,
            subject=key,
            predicate="merge",
            value={
                "a": str(link.a),
                "b": str(link.b),
                "kind": link.kind,
                "roles": [link.role_a, link.role_b],
                "observations": link.observations,
                "weight": merge.weight,
                "idf": merge.rarity,
            },
            at=at,
            tlp=link.tlp,
            evidence=link.evidence,
        )
        self._assertions.record([said])
        return said


def _identify(proposals: Sequence[Proposal], stored: dict[str, Campaign]) -> dict[str, Proposal]:
    """Each proposal under the id of the campaign that it is, or under a new one."""
    living = {
        key: {node_of(f"{m.kind}:{m.value}") for m in one.members}
        for key, one in stored.items()
        if one.state is not CampaignState.SPLIT
    }
    pairs = sorted(
        (-len(proposal.nodes & nodes), key, proposal.id, number)
        for number, proposal in enumerate(proposals)
        for key, nodes in living.items()
        if len(proposal.nodes & nodes) >= _SAME * len(nodes)
    )
    named: dict[str, Proposal] = {}
    placed: set[int] = set()
    for _, key, _, number in pairs:
        if key not in named and number not in placed:
            named[key] = proposals[number]
            placed.add(number)
    for number, proposal in enumerate(proposals):
        if number not in placed:
            named[_unused(proposal, stored, named)] = proposal
    return named


def _unused(proposal: Proposal, stored: dict[str, Campaign], named: dict[str, Proposal]) -> str:
    if proposal.id not in stored and proposal.id not in named:
        return proposal.id
    return stable_id("campaign", proposal.id, [str(member.node) for member in proposal.members])


def _name(proposal: Proposal) -> str:
    return f"{day_of(proposal.first_seen)} {proposal.id.removeprefix('campaign-')[:6]}"


def _stated(merge: Merge, said: Assertion) -> CampaignMerge:
    link = merge.link
    return CampaignMerge(
        a=str(link.a),
        b=str(link.b),
        kind=link.kind,
        role_a=link.role_a,
        role_b=link.role_b,
        observations=link.observations,
        first=link.first,
        last=link.last,
        weight=merge.weight,
        idf=merge.rarity,
        tlp=link.tlp,
        evidence=link.evidence,
        assertion=said.id,
    )


def _counted(one: CampaignMerge, merge: Merge) -> CampaignMerge:
    """The same merge with what is known of its link by now."""
    link = merge.link
    return msgspec.structs.replace(
        one,
        observations=link.observations,
        first=link.first,
        last=link.last,
        weight=merge.weight,
        idf=merge.rarity,
        tlp=link.tlp,
        evidence=link.evidence,
    )


def _entity(campaign: Campaign) -> Entity:
    """The campaign as it is stored; it is as open as the first level that shows a part."""
    level = next((level for level in Tlp if visible(campaign, level) is not None), Tlp.RED)
    return Entity(
        id=campaign.id,
        type="campaign",
        name=campaign.name,
        authority=_SOURCE,
        changed=campaign.changed,
        tlp=level,
        properties=msgspec.to_builtins(campaign),
    )


def _campaign(entity: Entity) -> Campaign:
    return msgspec.convert(entity.properties, Campaign)

"""What the operator decided about sharing: groups, rules, who approves.

Kept in the knowledge store, so that console, commands and nexus act alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kaname.knowledge import Account, AccountRole
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind, Indicator, Pap

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["Group", "Policy", "Rule", "load", "save"]

_STATE = "intelligence.sharing"


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sharing group: its name, which observations carry, and the accounts in it."""

    name: str
    title: str = ""
    members: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is published without asking: every condition has to hold.

    It is held against the indicator as the audience gets it, never against what only
    others may see. ``evidence`` is how many items have to speak for it; 2 at least.
    """

    name: str
    min_score: int = 80
    kinds: tuple[ArtifactKind, ...] = ()
    max_tlp: Tlp = Tlp.GREEN
    evidence: int = 2

    def __post_init__(self) -> None:
        if not self.name or not 1 <= self.min_score <= 100 or self.evidence < 2:
            raise ValueError("min_score 1..100, evidence >= 2, name")

    def holds(self, indicator: Indicator, at: int) -> bool:
        """Whether ``indicator`` is published by this rule."""
        spoken = _items_for(indicator)
        return (
            indicator.score(at) >= self.min_score
            and (not self.kinds or indicator.artifact.kind in self.kinds)
            and indicator.tlp.visible_to(self.max_tlp)
            and spoken >= self.evidence
        )


def _items_for(indicator: Indicator) -> int:
    """How many items speak for it, at least: a term names 16 of its items at most."""
    speaking = [term for term in indicator.terms if term.value > 0]
    named = {key for term in speaking for key in term.evidence}
    return max([len(named), *(term.count for term in speaking)])


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``approver`` is the least role that may approve; with ``four_eyes`` two have to.

    Indicators that score ``review_from`` or more are put to review by themselves.
    """

    approver: AccountRole = AccountRole.ANALYST
    four_eyes: bool = False
    review_from: int = 60
    max_pap: Pap = Pap.GREEN  # of what goes into rules that act
    groups: tuple[Group, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def needed(self) -> int:
        """How many accounts have to approve."""
        return 2 if self.four_eyes else 1

    def groups_of(self, account: Account) -> frozenset[str]:
        """The sharing groups that ``account`` is in."""
        return frozenset(group.name for group in self.groups if account.name in group.members)


def load(knowledge: Knowledge) -> Policy:
    """The policy that holds; the default one until somebody sets another."""
    stored = knowledge.get_state(_STATE)
    return Policy() if stored is None else msgspec.convert(stored, Policy)


def save(knowledge: Knowledge, document: object, *, by: str) -> Policy:
    """Set the policy to ``document`` (JSON-ready) and write who did so.

    Raises:
        UsageError: a field is unknown or unfit.
    """
    try:
        policy = msgspec.convert(document, Policy)
    except msgspec.ValidationError as error:
        raise UsageError("intelligence.sharing.error.policy", reason=str(error)) from None
    plain = msgspec.to_builtins(policy)
    knowledge.set_state(_STATE, plain)
    knowledge.audit(by, "share.policy", "policy", plain)
    return policy

"""What may link artifacts to each other, and how strongly.

The weights of roles follow the part that an artifact plays in an attack: what is
delivered binds most, an address that merely connected binds less (it may be somebody's
infected camera), and a victim or a reference never binds two campaigns.
"""

from __future__ import annotations

import math

import msgspec

from kaname.model.instant import DAY

__all__ = ["ADVERSE_KINDS", "LEAF_ROLES", "ROLES", "STRUCTURE", "Policy", "role_weight"]

ROLES = {
    "payload": 1.0,
    "attachment": 1.0,
    "body": 1.0,
    "indicator": 0.9,
    "subject": 0.9,
    "process": 0.9,
    "dst": 0.8,
    "query": 0.8,
    "answer": 0.8,
    "at": 0.8,  # the host of a URL
    "src": 0.6,
    "from": 0.6,
    "attacker": 0.6,
    "listed": 0.5,
    "": 0.5,
    "host": 0.0,
    "victim": 0.0,
    "target": 0.0,
    "reflector": 0.0,
    "reference": 0.0,
    "context": 0.0,
    "benign": 0.0,
    "spoofed": 0.0,
    "misconfigured": 0.0,
}
_UNKNOWN = 0.3

LEAF_ROLES = frozenset({"src", "from", "attacker", "listed", ""})
"""Roles that are borrowed easily: such an artifact joins a campaign, but binds no two."""

ADVERSE_KINDS = frozenset({"download", "mail", "report", "listing", "sandbox", "phishing"})
"""Observations that are of an attack by themselves; others are of everyday traffic too."""

STRUCTURE = "structure"
"""The kind of a link that needs no observation: a URL names its host."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds; the defaults are those that the evaluation is run with."""

    gate: int = 20  # innocent neighbours; above, an artifact is everybody's
    crowd: int = 10_000  # neighbours of any kind; above, it is not even looked at
    weight: float = 0.25  # a link below it binds nothing
    share: float = 0.5  # of an artifact's traffic that must be with the campaign it joins
    dominance: float = 2 / 3  # of what draws it to campaigns, for an artifact to join one
    overlap: int = 3  # borrowed artifacts in common that make one campaign of two
    half_life: int = 180 * DAY  # of a link's weight after it was last seen
    least: int = 3  # artifacts of a proposal

    def rarity(self, documents: int, total: int) -> float:
        """How telling an artifact is that ``documents`` of ``total`` observations mention.

        The inverse document frequency ln(1 + N/df) on a scale of 0 to 1, so that one
        threshold serves a thousand observations and a thousand million.
        """
        if total <= 0:
            return 0.0
        return math.log1p(total / max(1, documents)) / math.log1p(total)


def role_weight(role: str) -> float:
    """How strongly a mention in ``role`` binds, 0 to 1."""
    return ROLES.get(role, _UNKNOWN)

"""All that is told of one artifact to one audience: indicator, explanation, evidence.

Whoever explains or exports goes through here, so that what is told was derived from the
same items as the score, by the same rules of who may see them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kaname.intelligence.records import Item
from kaname.intelligence.score.bundle import evidence_extension
from kaname.intelligence.score.context import Basis, Context
from kaname.intelligence.score.derivation import derived
from kaname.intelligence.score.evidence import prepared
from kaname.intelligence.score.explanation import Explanation, explain
from kaname.intelligence.score.weights import Weights
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, Indicator

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["Told", "told"]


@dataclass(frozen=True, slots=True)
class Told:
    """An indicator with what it was derived from."""

    indicator: Indicator
    items: list[Item]
    basis: Basis
    weights: Weights

    def explanation(self, at: int, language: str) -> Explanation:
        """Why the score at ``at`` is what it is, in ``language``."""
        return explain(self.indicator, self.items, self.basis, self.weights, at, language)

    def evidence(self, at: int, key: Ed25519PrivateKey | None = None) -> dict[str, Any]:
        """What travels with it; see `kaname.intelligence.score.bundle`."""
        return evidence_extension(
            self.indicator, self.items, self.basis, self.weights, at=at, key=key
        )


def told(
    artifact: Artifact,
    items: Iterable[Item],
    context: Context,
    now: int,
    clearance: Tlp,
    groups: frozenset[str] = frozenset(),
) -> Told | None:
    """As `kaname.intelligence.score.derive`, with what it was derived from."""
    seen = prepared(items, clearance, groups, now, context.finding)
    basis = context.basis(artifact, seen, clearance, groups)
    indicator = derived(artifact, seen, basis, context.weights, now)
    return None if indicator is None else Told(indicator, seen, basis, context.weights)

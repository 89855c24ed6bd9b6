"""An audience, and the indicators that it gets: derived from what it may see, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from kaname.intelligence.records import Item
from kaname.intelligence.score import Context, derive
from kaname.knowledge import Account, IndicatorQuery
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Indicator

if TYPE_CHECKING:
    from kaname.intelligence.sharing.policy import Policy
    from kaname.knowledge import Knowledge

__all__ = ["Audience", "Evidence", "audience_of", "indicators_for"]

_BATCH = 1000
Key = tuple[ArtifactKind, str]


class Audience(NamedTuple):
    """Who is handed something: up to which marking, and in which sharing groups."""

    clearance: Tlp
    groups: frozenset[str] = frozenset()


class Evidence(Protocol):
    """The store of observations, as far as audiences need it."""

    def items(self, kind: ArtifactKind, value: str, /, *, clearance: Tlp) -> Iterable[Item]:
        """The evidence about an artifact that ``clearance`` may see."""
        ...


class Knowing(Protocol):
    """What scores are derived with beside the evidence."""

    def of(self, keys: Sequence[Key], /) -> Context:
        """The context for these artifacts."""
        ...


class Fusion(Protocol):
    """The facade, as far as audiences need it."""

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge store."""
        ...

    @property
    def store(self) -> Evidence:
        """The store of observations."""
        ...

    @property
    def knowing(self) -> Knowing:
        """What scores are derived with."""
        ...


def audience_of(account: Account, policy: Policy) -> Audience:
    """What ``account`` may be handed."""
    return Audience(account.clearance, policy.groups_of(account))


def indicators_for(fusion: Fusion, audience: Audience, now: int) -> Iterator[Indicator]:
    """All indicators as ``audience`` gets them, in the order of their artifacts.

    Every one is derived here and now from the items that it may see. What is derived for
    everybody of its clearance says which artifacts there are; the highest clearance sees
    those that only sharing groups know of, and is asked for them only if it is in any.
    """
    keys = sorted(_keys(fusion.knowledge, audience))
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        context = fusion.knowing.of(part)
        for kind, value in part:
            items = fusion.store.items(kind, value, clearance=audience.clearance)
            made = derive(
                Artifact(kind, value), items, context, now, audience.clearance, audience.groups
            )
            if made is not None:
                yield msgspec.structs.replace(made, updated=_last_seen(made))


def _last_seen(indicator: Indicator) -> int:
    """The instant of the last of its evidence: the same however often it is derived."""
    return max(
        (term.observed for term in indicator.terms if term.count), default=indicator.valid_from
    )


def _keys(knowledge: Knowledge, audience: Audience) -> set[Key]:
    levels = {audience.clearance} | ({Tlp.RED} if audience.groups else set())
    return {
        (one.artifact.kind, one.artifact.value)
        for level in levels
        for one in knowledge.every_indicator(IndicatorQuery(clearance=level))
    }

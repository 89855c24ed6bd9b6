"""What scores are derived with beside the evidence: lists, grades of sources, copying, ties."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.intelligence.rederiving import Key
from kaname.intelligence.score import Context, Copying, Listed, Match, Weights
from kaname.intelligence.score.weights import in_use
from kaname.knowledge.feeds import Feeds
from kaname.model.errors import NotFoundError

if TYPE_CHECKING:
    from kaname.intelligence.fusion.proposing import Proposing
    from kaname.intelligence.lists import Library, Lists
    from kaname.intelligence.records import Observation
    from kaname.intelligence.store import FusionStore
    from kaname.knowledge import Knowledge
    from kaname.model.records import ArtifactKind, Finding

__all__ = ["Knowing"]


class Knowing:
    """Gives contexts; what it learns of sources is learned again when a process starts."""

    def __init__(
        self,
        data: Path,
        store: FusionStore,
        knowledge: Knowledge,
        library: Library,
        campaigns: Proposing,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._library = library
        self._campaigns = campaigns
        self.weights: Weights = in_use(data)

    @functools.cached_property
    def copying(self) -> Copying:
        """Who copies whom, from all that was ever listed."""
        import numpy as np

        copying = Copying()
        hearsay = frozenset(self.weights.second_hand)
        mentions = self._store.mentions()
        codes = [code for code, word in enumerate(mentions.words) if word in hearsay]
        listed = np.unique(mentions.artifact[np.isin(mentions.kind, codes)])
        for number in listed:
            kind, value = self._store.name(int(number))
            for item in self._store.items(kind, value):
                if item.kind in hearsay:
                    copying.add(item.source, f"{kind}:{value}", item.at, item.tlp, item.groups)
        return copying

    def learn(self, observations: Iterable[Observation]) -> None:
        """Note which sources list what."""
        hearsay = frozenset(self.weights.second_hand)
        for one in observations:
            if one.kind in hearsay:
                for mention in one.mentions:
                    key = f"{mention.kind}:{mention.value}"
                    self.copying.add(one.source, key, one.at, one.tlp, one.groups)

    def of(self, keys: Sequence[Key]) -> Context:
        """The context for these artifacts: their matches are looked up at once."""
        lists = self._library.current
        found = dict(zip(keys, _matches(lists, keys), strict=True))
        return Context(
            weights=self.weights,
            grades=self._grades(),
            copying=self.copying,
            matches=lambda kind, value: found.get((kind, value), ()),
            lists=tuple(Listed(one.match.list, one.match.version) for one in lists.infos),
            ties=self._campaigns.ties,
            finding=functools.cache(self._finding),
        )

    def _grades(self) -> dict[str, str]:
        return {feed.source: feed.reliability for feed in self._knowledge.part(Feeds).feeds()}

    def _finding(self, key: str) -> Finding | None:
        try:
            return self._knowledge.finding(key)
        except NotFoundError:
            return None


def _matches(lists: Lists, keys: Sequence[Key]) -> Iterator[tuple[Match, ...]]:
    kinds: list[ArtifactKind] = [kind for kind, _ in keys]
    for found in lists.match_many(kinds, [value for _, value in keys]):
        yield tuple(
            Match(
                list=one.list,
                name=one.name,
                category=one.category,
                weight=one.weight,
                version=one.version,
            )
            for one in found
        )

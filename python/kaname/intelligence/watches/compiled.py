"""Watches as a matcher, and as tables for what is not matched but looked up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kaname._native import MatcherBuilder
from kaname.intelligence.lists.kinds import EVERY_KIND, SUBJECTS, TEXT, mask
from kaname.intelligence.records import Observation
from kaname.intelligence.watches.definition import key_of
from kaname.intelligence.watches.own import SORTS
from kaname.intelligence.watches.texts import words_of
from kaname.knowledge.watch_records import Watch, WatchKind
from kaname.model.records import ArtifactKind, Indicator

__all__ = ["CompiledWatches", "Met"]

_HOSTS = (ArtifactKind.IP, ArtifactKind.PREFIX, ArtifactKind.URL)
_MASKS = {
    WatchKind.IP: mask(_HOSTS),
    WatchKind.PREFIX: mask(_HOSTS),
    WatchKind.DOMAIN: mask((ArtifactKind.DOMAIN, ArtifactKind.URL, ArtifactKind.MAIL)),
    WatchKind.HASH: mask((ArtifactKind.HASH, ArtifactKind.CERTIFICATE)),
    WatchKind.MAIL: mask((ArtifactKind.MAIL,)),
    WatchKind.URL: mask((ArtifactKind.URL,)),
    WatchKind.KEYWORD: EVERY_KIND,
    WatchKind.REGEX: EVERY_KIND,
}


class Met(NamedTuple):
    """A watch, the artifact that it met, and by what."""

    watch: Watch
    observation: Observation
    subject: str
    entry: str


class CompiledWatches:
    """Watches as of one version; it never changes."""

    def __init__(self, watches: Sequence[Watch], version: int) -> None:
        self.version = version
        builder = MatcherBuilder()
        self._matched = [watch for watch in watches if watch.kind in SORTS]
        for watch in self._matched:
            builder.rule(_MASKS[watch.kind])
            builder.add(SORTS[watch.kind], [watch.value])
        self._matcher, _ = builder.build()
        self._looked_up: dict[WatchKind, dict[str, list[Watch]]] = defaultdict(dict)
        for watch in watches:
            if watch.kind not in SORTS:
                self._looked_up[watch.kind].setdefault(watch.value, []).append(watch)

    def meet(self, observations: Sequence[Observation]) -> Iterator[Met]:
        """What these observations meet."""
        yield from self._values(observations)
        for observation in observations:
            yield from self._words(observation)
            yield from self._relations(observation)
            yield from self._techniques(observation)

    def _values(self, observations: Sequence[Observation]) -> Iterator[Met]:
        if not self._matched:
            return
        mentions = [(o, m) for o in observations for m in o.mentions]
        values = [m.value for _, m in mentions]
        subjects = bytes([SUBJECTS[m.kind] for _, m in mentions])
        numbers, sets = self._matcher.find_many(values, subjects)
        for number, (observation, mention) in zip(numbers, mentions, strict=True):
            for rule in sets[number]:
                watch = self._matched[rule]
                yield Met(watch, observation, key_of(mention.kind, mention.value), watch.value)

    def _words(self, observation: Observation) -> Iterator[Met]:
        words = words_of(observation)
        if not words or not self._matched:
            return
        first = observation.mentions[0] if observation.mentions else None
        subject = key_of(first.kind, first.value) if first else f"observation:{observation.id}"
        for rule, entry in self._matcher.find(words, TEXT):
            yield Met(self._matched[rule], observation, subject, entry)

    def _relations(self, observation: Observation) -> Iterator[Met]:
        watched = self._looked_up[WatchKind.RELATION]
        if not watched:
            return
        keys = [key_of(m.kind, m.value) for m in observation.mentions]
        for key in keys:
            for watch in watched.get(key, ()):
                yield from (Met(watch, observation, other, key) for other in keys if other != key)

    def _techniques(self, observation: Observation) -> Iterator[Met]:
        watched = self._looked_up[WatchKind.TECHNIQUE]
        named = observation.body.get("techniques", ())
        if not watched or not isinstance(named, list | tuple):
            return
        for name in (str(one) for one in named):
            for watch in self._of_technique(name):
                for mention in observation.mentions[:1]:
                    yield Met(watch, observation, key_of(mention.kind, mention.value), name)

    def _of_technique(self, name: str) -> Iterator[Watch]:
        """Watches of a technique, and of the one that it is a part of."""
        watched = self._looked_up[WatchKind.TECHNIQUE]
        for each in {name, name.partition(".")[0]}:
            yield from watched.get(each, ())

    def judge(self, indicator: Indicator, score: float) -> Iterator[tuple[Watch, str]]:
        """(watch, entry) of what an indicator with that score meets."""
        for points, watches in self._looked_up[WatchKind.SCORE].items():
            if score >= int(points):
                yield from ((watch, f"{score:g}") for watch in watches)
        for name in indicator.techniques:
            yield from ((watch, name) for watch in self._of_technique(name))

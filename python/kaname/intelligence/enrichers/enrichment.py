"""Asking enrichers: each artifact once while an answer stands, each source within its budget."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from kaname.intelligence.enrichers.frame import Enricher
from kaname.intelligence.enrichers.techniques import TechniqueNotes
from kaname.intelligence.fusion.links import Node
from kaname.intelligence.records import Observation
from kaname.knowledge.assertions import Assertion, Assertions, subject_of
from kaname.knowledge.entities import Entities
from kaname.model.instant import day_of, now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["Enrichment"]

_MOST_REMEMBERED = 200_000


class Enrichment:
    """An observer of observations that enriches what they mention.

    What was said stands for the enricher's ``ttl`` and is not asked again, also after a
    restart: it is an assertion. An artifact that a budget left out is asked for when it
    comes again. What is said carries the marking of the observation that brought it up.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        enrichers: Sequence[Enricher],
        *,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self._assertions = knowledge.part(Assertions)
        self._techniques = TechniqueNotes(knowledge.part(Entities))
        self._enrichers = list(enrichers)
        self._clock = clock
        self._asked: dict[tuple[str, Node, Tlp], int] = {}
        self._spent: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def see(self, observations: Sequence[Observation]) -> int:
        """Enrich what ``observations`` mention; how many assertions are new."""
        with self._lock:
            marked = _marked(observations)
            said = [note for one in observations for note in self._techniques.notes(one)]
            for enricher in self._enrichers:
                said += self._ask(enricher, marked)
            return len(self._assertions.record(said))

    def about(self, node: Node, *, clearance: Tlp = Tlp.RED) -> list[Assertion]:
        """What enrichers say of an artifact."""
        said = self._assertions.about(subject_of(*node), clearance=clearance)
        return [one for one in said if one.source.startswith("enricher.")]

    def _ask(self, enricher: Enricher, marked: dict[Node, Tlp]) -> list[Assertion]:
        now = self._clock()
        wanted = [
            (node, tlp)
            for node, tlp in marked.items()
            if node.kind in enricher.kinds and self._is_due(enricher, node, tlp, now)
        ]
        standing = self._standing(enricher, wanted, now)
        said = []
        for node, tlp in wanted:
            if (subject_of(*node), tlp) in standing:
                continue
            if not self._affords(enricher, now):
                break
            value = enricher.enrich(node.kind, node.value)
            self._remember(enricher, node, tlp, now)
            if value is not None:
                said.append(
                    Assertion(
                        source=enricher.source,
                        subject=subject_of(*node),
                        predicate=enricher.predicate,
                        value=value,
                        at=now,
                        tlp=tlp,
                    )
                )
        return said

    def _is_due(self, enricher: Enricher, node: Node, tlp: Tlp, now: int) -> bool:
        asked = self._asked.get((enricher.source, node, tlp))
        return asked is None or now - asked >= enricher.ttl

    def _standing(
        self, enricher: Enricher, wanted: Iterable[tuple[Node, Tlp]], now: int
    ) -> set[tuple[str, Tlp]]:
        """What was said before this process began, and holds."""
        subjects = [subject_of(*node) for node, _ in wanted]
        found = self._assertions.standing(enricher.predicate, subjects=subjects)
        return {
            (one.subject, one.tlp)
            for said in found.values()
            for one in said
            if one.source == enricher.source and now - one.at < enricher.ttl
        }

    def _affords(self, enricher: Enricher, now: int) -> bool:
        if enricher.budget is None:
            return True
        key = (enricher.source, day_of(now))
        if self._spent[key] >= enricher.budget:
            return False
        self._spent[key] += 1
        return True

    def _remember(self, enricher: Enricher, node: Node, tlp: Tlp, now: int) -> None:
        if len(self._asked) >= _MOST_REMEMBERED:
            self._asked.clear()
        self._asked[enricher.source, node, tlp] = now


def _marked(observations: Iterable[Observation]) -> dict[Node, Tlp]:
    """The artifacts with the most open marking under which they were mentioned."""
    found: dict[Node, Tlp] = {}
    for one in observations:
        for mention in one.mentions:
            node = Node(mention.kind, mention.value)
            before = found.get(node, one.tlp)
            found[node] = min(before, one.tlp, key=lambda level: level.rank)
    return found

"""What a score knows beside the observations of one artifact, and what of it who may see.

Non-interference: whatever is handed to an audience is a function of what it may see. So
each thing here carries its own marking and is dropped above it, and what is learned from
many observations (which sources copy) is learned once for each clearance.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from kaname.intelligence.records import Item
from kaname.intelligence.score.copying import Copying
from kaname.intelligence.score.weights import Weights, shipped
from kaname.model.ids import digest
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Finding, Pap

__all__ = ["Basis", "Context", "Listed", "Match", "Tie", "is_visible"]


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """What an artifact has to do with something that is known to be hostile.

    ``kind``: campaign (member of one), contact (talked to by a known payload), hosts (a
    known hostile URL lies on it), resolves (a name that leads to a known attacker), actor,
    malware. ``strength`` is 0 to 1. The marking is the join over all evidence used to find
    it, including that of the other end. ``evidence`` holds at most 16 ids, the best first.
    """

    kind: str
    id: str
    name: str
    strength: float
    observed: int
    evidence: tuple[str, ...]
    count: int
    digest: str
    tlp: Tlp
    groups: tuple[str, ...] = ()
    pap: Pap = Pap.CLEAR


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a suppression list that an artifact meets; lists have markings too.

    ``weight`` is how many logits it speaks against it (`kaname.intelligence.lists`).
    """

    list: str
    name: str
    category: str
    weight: float = 1.0
    version: str = ""
    tlp: Tlp = Tlp.CLEAR
    groups: tuple[str, ...] = ()


class Listed(msgspec.Struct, frozen=True):
    """A list that artifacts are checked against."""

    list: str
    version: str
    tlp: Tlp = Tlp.CLEAR
    groups: tuple[str, ...] = ()


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """All that a score of one artifact is made of beside its items, for one audience.

    ``grades`` are reliabilities by source, ``clusters`` the sources that copy each other.
    """

    grades: dict[str, str] = {}
    clusters: tuple[tuple[str, ...], ...] = ()
    matches: tuple[Match, ...] = ()
    ties: tuple[Tie, ...] = ()
    lists: int = 0
    lists_version: str = ""


def is_visible(tlp: Tlp, groups: Collection[str], clearance: Tlp, own: frozenset[str]) -> bool:
    """Whether an audience of ``clearance`` and the sharing groups ``own`` may see it."""
    return tlp.visible_to(clearance) and (not groups or not own.isdisjoint(groups))


def _nothing(*_: object) -> tuple[()]:
    return ()


def _no_finding(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Context:
    """Where the basis of a score comes from.

    ``matches`` and ``ties`` answer for (kind, value); ``finding`` for an id.
    """

    weights: Weights = field(default_factory=shipped)
    grades: dict[str, str] = field(default_factory=dict)
    copying: Copying = field(default_factory=Copying)
    matches: Callable[[ArtifactKind, str], Iterable[Match]] = _nothing
    lists: tuple[Listed, ...] = ()
    ties: Callable[[ArtifactKind, str], Iterable[Tie]] = _nothing
    finding: Callable[[str], Finding | None] = _no_finding
    _checked: dict[tuple[Tlp, frozenset[str]], tuple[int, str]] = field(default_factory=dict)

    def basis(
        self, artifact: Artifact, items: Sequence[Item], clearance: Tlp, groups: frozenset[str]
    ) -> Basis:
        """What an audience may know of ``artifact`` beside ``items``, which it may see."""
        sources = {item.source for item in items}
        lists, version = self._lists(clearance, groups)
        return Basis(
            grades={s: self.grades[s] for s in sorted(sources) if s in self.grades},
            clusters=self.copying.clusters(sources, clearance),
            matches=tuple(
                sorted(
                    (
                        match
                        for match in self.matches(artifact.kind, artifact.value)
                        if is_visible(match.tlp, match.groups, clearance, groups)
                    ),
                    key=lambda match: (match.category, match.list, match.version),
                )
            ),
            ties=tuple(
                sorted(
                    (
                        tie
                        for tie in self.ties(artifact.kind, artifact.value)
                        if is_visible(tie.tlp, tie.groups, clearance, groups)
                    ),
                    key=lambda tie: (tie.kind, -tie.strength, tie.id, tie.digest),
                )
            ),
            lists=lists,
            lists_version=version,
        )

    def _lists(self, clearance: Tlp, groups: frozenset[str]) -> tuple[int, str]:
        """(how many lists the audience may know of, a digest of their versions)."""
        key = (clearance, groups)
        if key not in self._checked:
            seen = [
                (one.list, one.version)
                for one in sorted(self.lists, key=lambda one: (one.list, one.version))
                if is_visible(one.tlp, one.groups, clearance, groups)
            ]
            self._checked[key] = (len(seen), digest(*seen)[:12] if seen else "")
        return self._checked[key]

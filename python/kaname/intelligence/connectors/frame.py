"""What every connector is: a manifest, and a way from a source's bytes to observations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec

from kaname.intelligence.records import Observation
from kaname.model.errors import KanameError
from kaname.model.marking import Tlp
from kaname.model.messages import text

if TYPE_CHECKING:
    from kaname.intelligence.connectors.fetch import Reach
    from kaname.knowledge.feeds import Feed

__all__ = ["MOST_REASONS", "Connector", "Delivery", "Manifest", "Rejection"]

MOST_REASONS = 100
"""Rejections of one delivery that are described; the rest is only counted."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a connector brings, before an operator says otherwise.

    ``reliability`` is the Admiralty scale, A (completely reliable) to F (cannot be judged);
    ``every`` is how often it makes sense to ask, in microseconds. ``en`` and ``ja`` say in
    a line what it is for.
    """

    kind: str
    en: str
    ja: str
    reliability: str = "C"
    licence: str = ""
    tlp: Tlp = Tlp.GREEN
    every: int = 0
    remote: bool = False  # it fetches from a URL
    options: tuple[str, ...] = ()


class Rejection(msgspec.Struct, frozen=True):
    """What could not be used: where it is (a line, a JSON pointer), and why (a message)."""

    place: int | str
    key: str
    values: dict[str, Any] = {}

    def reason(self, language: str) -> str:
        """The reason in words."""
        return text(self.key, language, **self.values)

    @classmethod
    def of(cls, place: int | str, error: KanameError) -> Rejection:
        """The rejection that ``error`` explains."""
        return cls(place, error.key, error.values)


class Delivery(msgspec.Struct, kw_only=True):
    """A part of what a source brought; ``cursor`` is what the next poll goes on from.

    ``rejected`` counts what could not be used, ``reasons`` describe the first of them.
    ``retracted`` are ids of observations that the source took back.
    """

    observations: list[Observation] = msgspec.field(default_factory=list)
    rejected: int = 0
    reasons: list[Rejection] = msgspec.field(default_factory=list)
    retracted: list[str] = msgspec.field(default_factory=list)
    cursor: dict[str, Any] = msgspec.field(default_factory=dict)

    def reject(self, rejection: Rejection) -> None:
        """Count what could not be used."""
        self.rejected += 1
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append(rejection)


@runtime_checkable
class Connector(Protocol):
    """Reads one kind of source."""

    manifest: Manifest

    def poll(self, feed: Feed, reach: Reach, now: int) -> Iterator[Delivery]:
        """What is new at the source of ``feed``, in parts; nothing when nothing changed.

        Raises:
            KanameError: the source cannot be read; what came before stays.
        """
        ...

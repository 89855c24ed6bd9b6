"""What is kept of a report: where it came from, what was found in it, what analysts said.

Places are characters of the report's text. States are open, accepted or declined; what
was decided is kept as data, so that models can be trained from it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

__all__ = [
    "Choice",
    "EntityClaim",
    "Found",
    "Reading",
    "RelationClaim",
    "Report",
    "ReportDecision",
    "State",
    "TechniqueClaim",
    "What",
]

State = Literal["open", "accepted", "declined"]
Choice = Literal["accepted", "declined"]
What = Literal["artifact", "entity", "technique", "relation"]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact in a text.

    ``role``: indicator (it belongs to what is reported), reference (a link to another
    publication), context (a private address, a path of the system).
    """

    kind: ArtifactKind
    value: str
    start: int
    end: int
    shown: str
    role: str
    port: int | None = None
    state: State = "open"


class EntityClaim(msgspec.Struct, frozen=True, kw_only=True):
    """An actor, malware or tool that a text names; ``by``: dictionary, pattern or model.

    ``id`` is that of the known entity, or empty when nobody knows the name.
    """

    id: str
    type: str
    name: str
    start: int
    end: int
    by: str
    state: State = "open"


class TechniqueClaim(msgspec.Struct, frozen=True, kw_only=True):
    """An ATT&CK technique that a sentence (its number in the text) speaks of, and why.

    Reasons are ``id:T1059``, ``word:横展開`` or what a model gives.
    """

    id: str
    score: float
    sentence: int
    reasons: tuple[str, ...]
    start: int = 0
    end: int = 0
    name: str = ""
    state: State = "open"


class RelationClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Two things that a sentence relates by a verb: ``a`` ``how`` ``b``; ``cue`` is the verb.

    Things are written as ``type:name``; ``start`` and ``end`` are those of the sentence.
    """

    a: str
    how: str
    b: str
    cue: str
    start: int
    end: int
    state: State = "open"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a text."""

    artifacts: tuple[Found, ...] = ()
    entities: tuple[EntityClaim, ...] = ()
    techniques: tuple[TechniqueClaim, ...] = ()
    relations: tuple[RelationClaim, ...] = ()

    def decided(self, what: What, index: int, choice: Choice) -> Reading:
        """The reading in which one thing was accepted or declined.

        Raises:
            UsageError: there is no such thing.
        """
        name = {"entity": "entities"}.get(what, f"{what}s")
        items = list(getattr(self, name))
        if not 0 <= index < len(items):
            raise UsageError("knowledge.error.report_place", what=what, index=index)
        items[index] = msgspec.structs.replace(items[index], state=choice)
        return msgspec.structs.replace(self, **{name: tuple(items)})


class ReportDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What an analyst said of one thing that was found."""

    what: What
    index: int
    choice: Choice
    by: str
    at: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was taken in; ``observation`` is the id of what was made of it."""

    id: str
    title: str
    name: str
    language: str
    received: int
    tlp: Tlp
    source: str
    text: str
    reading: Reading
    state: State = "open"
    observation: str = ""
    decisions: tuple[ReportDecision, ...] = ()

"""What analysts say of artifacts: kept as assertions, and evidence like any other.

The assertion keeps who said it and the note. What becomes evidence, and may leave in a
bundle, names the analyst by a pseudonym: that two differ must be seen, not who they are.
"""

from __future__ import annotations

import enum

from kaname.intelligence.records import Mention, Observation
from kaname.knowledge import Knowledge
from kaname.knowledge.assertions import Assertion, Assertions, subject_of
from kaname.model.ids import digest, stable_id
from kaname.model.marking import Tlp
from kaname.model.records import Artifact

__all__ = ["Opinion", "said", "statement"]

PREDICATE = "verdict"


class Opinion(enum.StrEnum):
    """What an analyst thinks of an artifact."""

    MALICIOUS = "malicious"
    BENIGN = "benign"
    UNSURE = "unsure"


def statement(
    artifact: Artifact, opinion: Opinion, *, analyst: str, at: int, tlp: Tlp, note: str = ""
) -> tuple[Assertion, Observation]:
    """(what is kept, what counts as evidence) of a verdict."""
    subject = subject_of(artifact.kind.value, artifact.value)
    kept = Assertion(
        source=analyst, subject=subject, predicate=PREDICATE, value=opinion.value,
        at=at, tlp=tlp, note=note,
    )  # fmt: skip
    evidence = Observation(
        id=stable_id("verdict", kept.id),
        source=f"analyst-{digest('analyst', analyst)[:8]}",
        kind=PREDICATE,
        at=at,
        received=at,
        mentions=(Mention(artifact.kind, artifact.value, "subject"),),
        tlp=tlp,
        behaviours=(opinion.value,),
    )
    return kept, evidence


def said(knowledge: Knowledge, artifact: Artifact, clearance: Tlp) -> list[Assertion]:
    """All verdicts on ``artifact`` that ``clearance`` may see, the oldest first."""
    subject = subject_of(artifact.kind.value, artifact.value)
    return knowledge.part(Assertions).about(subject, predicate=PREDICATE, clearance=clearance)

"""ATT&CK techniques that the behaviour of an artifact shows.

Only what is plain from the behaviour itself, and only techniques that the loaded
catalogue knows: a scan is T1595 whoever does it, but why somebody scans is not said here.
"""

from __future__ import annotations

from kaname.intelligence.records import Observation
from kaname.knowledge.assertions import Assertion, subject_of
from kaname.knowledge.entities import Entities
from kaname.model.errors import NotFoundError
from kaname.model.marking import Tlp

__all__ = ["BEHAVIOURS", "TechniqueNotes"]

BEHAVIOURS = {
    "scan": "T1595",  # Active Scanning
    "phishing": "T1566",  # Phishing
    "payload": "T1105",  # Ingress Tool Transfer
    "c2": "T1071",  # Application Layer Protocol
    "beacon": "T1071",
    "bruteforce": "T1110",  # Brute Force
    "exfiltration": "T1041",  # Exfiltration Over C2 Channel
}
_ACTIVE = frozenset({"src", "dst", "payload", "from", "body", "attachment", "attacker", "answer"})


class TechniqueNotes:
    """Says of artifacts which techniques their observed behaviour is."""

    source = "enricher.attack"

    def __init__(self, entities: Entities) -> None:
        self._entities = entities
        self._known: dict[str, bool] = {}

    def notes(self, one: Observation) -> list[Assertion]:
        """An assertion for each artifact that acts in ``one`` and each technique."""
        techniques = sorted({BEHAVIOURS[b] for b in one.behaviours if b in BEHAVIOURS})
        return [
            self._note(one, subject_of(mention.kind, mention.value), technique)
            for technique in techniques
            if self._knows(technique)
            for mention in one.mentions
            if mention.role in _ACTIVE
        ]

    def _note(self, one: Observation, subject: str, technique: str) -> Assertion:
        # Without instant and evidence in its id, the same is said once of each marking.
        return Assertion(
            source=self.source,
            subject=subject,
            predicate="technique",
            value=technique,
            at=one.at,
            tlp=one.tlp,
            evidence=(one.id,),
            id=f"{self.source}.{technique}.{one.tlp.rank}.{_short(subject)}",
        )

    def _knows(self, technique: str) -> bool:
        if technique not in self._known:
            try:
                self._entities.entity(technique, clearance=Tlp.CLEAR)
                self._known[technique] = True
            except NotFoundError:
                return False  # the catalogue may be loaded later
        return self._known[technique]


def _short(subject: str) -> str:
    from kaname.model.ids import digest

    return digest(subject)[:24]

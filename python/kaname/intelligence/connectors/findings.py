"""Findings of analyses as observations: an analysis is a source like any other."""

from __future__ import annotations

import msgspec

from kaname.intelligence.records import Mention, Observation
from kaname.model.artifact import canonical
from kaname.model.ids import digest
from kaname.model.records import Finding, Role

__all__ = ["observation_id", "observations_of"]

_SPOOFED = "spoofed"


def observation_id(finding: Finding) -> str:
    """The id of the observation that says what ``finding`` says now.

    It begins with the finding's id, and changes with what the finding says: what was
    observed stays as it was, and what replaced it is another observation. The rows behind
    it have no part in it: ids are handed out, and could be tried with every address.
    """
    said = msgspec.to_builtins(finding)
    for name in ("created", "status", "changed", "evidence"):
        said.pop(name, None)
    return f"{finding.id}.{digest(said)[:8]}"


def observations_of(finding: Finding) -> list[Observation]:
    """What ``finding`` observes; nothing when none of its artifacts has a canonical form.

    A source address that may be forged is mentioned as such, and never as an attacker.
    """
    mentions = []
    for artifact in finding.artifacts:
        value = canonical(artifact.kind, artifact.value)
        forged = finding.spoofable and artifact.role is Role.ATTACKER
        if value is not None:
            role = _SPOOFED if forged else artifact.role.value
            mentions.append(Mention(artifact.kind, value, role))
    if not mentions:
        return []
    return [
        Observation(
            id=observation_id(finding),
            source=finding.analysis,
            kind="finding",
            at=finding.last_seen,
            received=finding.created,
            mentions=tuple(dict.fromkeys(mentions)),
            tlp=finding.tlp,
            weight=finding.confidence,
            behaviours=(finding.label,),
            finding=finding.id,
            body={
                "label": finding.label,
                "severity": finding.severity.value,
                "techniques": list(finding.techniques),
                "sensor": finding.sensor,
            },
        )
    ]

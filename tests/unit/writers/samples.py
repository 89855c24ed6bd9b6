"""Indicators and findings to write."""

from __future__ import annotations

from typing import Any

from kaname.model.instant import DAY, HOUR
from kaname.model.marking import Tlp
from kaname.model.records import (
    Artifact,
    ArtifactKind,
    Evidence,
    Finding,
    Indicator,
    Role,
    Severity,
    Term,
)

DAY_0 = 20_000 * DAY  # 2024-10-04T00:00:00Z


def finding(number: int = 1, **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "id": f"finding-{number:024x}",
        "analysis": "sample.scan",
        "version": 2,
        "params": {"hosts": 50, "a": 1},
        "window_start": DAY_0 - DAY,
        "window_end": DAY_0,
        "first_seen": DAY_0 - 2 * HOUR,
        "last_seen": DAY_0 - HOUR,
        "sensor": "north",
        "label": "scan",
        "severity": Severity.HIGH,
        "confidence": 0.9,
        "spoofable": False,
        "artifacts": (Artifact(ArtifactKind.IP, "198.51.100.7", Role.ATTACKER),),
        "message": "sample.scan",
        "values": {"ip": "198.51.100.7", "packets": 1234},
        "reasons": (("sample.reason", {"found": 99, "least": 50}),),
        "evidence": Evidence(
            "SELECT 1 AS one", ("flowtuples",), 1, "ab" * 32, ("one",), ({"one": 1},)
        ),
        "tlp": Tlp.GREEN,
        "created": DAY_0,
    }
    return Finding(**values | changes)


def indicator(
    kind: ArtifactKind = ArtifactKind.IP, value: str = "198.51.100.7", **changes: Any
) -> Indicator:
    role = changes.pop("role", Role.ATTACKER)
    values: dict[str, Any] = {
        "id": f"indicator-{kind}-{value}",
        "artifact": Artifact(kind, value, role),
        "label": "scan",
        "model": "score-1",
        "bias": -2.0,
        # Three logits when it was observed; after two of four days, delta 1, half of it.
        "terms": (
            Term(
                name="writers.text.identity",
                values={"n": 3},
                value=3.0,
                observed=DAY_0 - 2 * DAY,
                tau=4 * DAY,
                evidence=("obs-1", "obs-2"),
                count=3,
                digest="cd" * 32,
            ),
        ),
        "threshold": 50,
        "findings": (finding().id,),
        "valid_from": DAY_0 - 2 * HOUR,
        "valid_until": DAY_0 + 7 * DAY,
        "updated": DAY_0 - HOUR + 123_456,
        "tlp": Tlp.GREEN,
        "techniques": ("T1595.001",),
    }
    return Indicator(**values | changes)

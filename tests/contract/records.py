"""Findings and indicators to put into stores."""

from __future__ import annotations

from typing import Any

from kaname.knowledge import View
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

HOUR = 3_600_000_000
EVIDENCE = Evidence(
    query="SELECT ts, src_lo FROM flowtuples ORDER BY ts",
    tables=("flowtuples",),
    rows=2,
    digest="0" * 64,
    columns=("ts", "src_lo"),
    sample=({"ts": 1, "src_lo": 2},),
)


def ip(value: str, role: Role = Role.ATTACKER) -> Artifact:
    return Artifact(ArtifactKind.IP, value, role)


def finding(number: int, **changes: Any) -> Finding:
    """Finding ``number`` of the window [0, 1 h) of "darknet.sources", unlike any other."""
    values: dict[str, Any] = {
        "id": f"finding-{number:024x}",
        "analysis": "darknet.sources",
        "version": 1,
        "params": {"hosts": 50},
        "window_start": 0,
        "window_end": HOUR,
        "first_seen": number,
        "last_seen": number,
        "sensor": "north",
        "label": "scan",
        "severity": Severity.LOW,
        "confidence": 0.5,
        "spoofable": False,
        "artifacts": (ip(f"198.51.{number // 250 % 256}.{number % 250}"),),
        "message": "telescope.scan",
        "values": {"packets": number},
        "evidence": EVIDENCE,
        "tlp": Tlp.GREEN,
        "created": 1_000,
    }
    return Finding(**values | changes)


def indicator(number: int, **changes: Any) -> Indicator:
    """Indicator ``number``: one term of 2 logits that does not decay (88), valid for a day."""
    values: dict[str, Any] = {
        "id": f"indicator-{number:024x}",
        "artifact": ip(f"203.0.113.{number}"),
        "label": "scan",
        "model": "score-1",
        "bias": 0.0,
        "terms": (Term(name="scan", value=2.0, observed=0),),
        "threshold": 50,
        "valid_from": 0,
        "valid_until": 24 * HOUR,
        "updated": 0,
        "tlp": Tlp.GREEN,
        "findings": (f"finding-{number:024x}",),
    }
    return Indicator(**values | changes)


def views(*indicators: Indicator) -> list[View]:
    """Each as everybody sees it who may see all of it."""
    return [View.of(one) for one in indicators]

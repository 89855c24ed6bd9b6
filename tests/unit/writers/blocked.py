"""Indicators for rules: each scores 75 at any instant, by hand: 100 / (1 + e**-ln 3)."""

from __future__ import annotations

import math
from typing import Any

from kaname.model.instant import DAY, HOUR
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Indicator, Role
from kaname.model.score import Term

DAY_0 = 20_000 * DAY  # 2024-10-04T00:00:00Z, 1,728,000,000 s


def standing(kind: ArtifactKind, value: str, **changes: Any) -> Indicator:
    role = changes.pop("role", Role.ATTACKER)
    term = Term(
        name="intelligence.term.cluster", value=math.log(3), observed=0, evidence=("obs-1",)
    )
    values: dict[str, Any] = {
        "id": f"indicator-{kind.value}",
        "artifact": Artifact(kind, value, role),
        "label": "scan",
        "model": "score-1",
        "bias": 0.0,
        "terms": (term,),
        "threshold": 50.0,
        "valid_from": DAY_0 - 2 * HOUR,
        "valid_until": DAY_0 + 7 * DAY,
        "updated": DAY_0 - HOUR,
        "tlp": Tlp.GREEN,
        "techniques": ("T1595.001",),
    }
    return Indicator(**values | changes)


def ip(value: str = "198.51.100.7", **changes: Any) -> Indicator:
    return standing(ArtifactKind.IP, value, **changes)


def domain(value: str = "c2.evil.example", **changes: Any) -> Indicator:
    return standing(ArtifactKind.DOMAIN, value, **changes)


def url(value: str, **changes: Any) -> Indicator:
    return standing(ArtifactKind.URL, value, **changes)

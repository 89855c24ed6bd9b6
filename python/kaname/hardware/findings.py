"""Findings that are about one design or one device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kaname.hardware.routes.shapes import FindingOut

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.model.marking import Tlp

__all__ = ["findings_about"]

_MOST = 100
_PAGE = 1000


def findings_about(
    knowledge: Knowledge, clearance: Tlp, analyses: Iterable[str], **values: str
) -> list[FindingOut]:
    """The latest findings of ``analyses`` whose values are ``values``."""
    from kaname.knowledge import FindingQuery

    found = []
    for analysis in analyses:
        query = FindingQuery(analysis=analysis, limit=_PAGE, clearance=clearance)
        for one in knowledge.findings(query).items:
            if all(one.values.get(name) == value for name, value in values.items()):
                title = {language: one.title(language) for language in ("en", "ja")}
                found.append(
                    FindingOut(
                        id=one.id,
                        analysis=one.analysis,
                        label=one.label,
                        severity=one.severity.value,
                        confidence=one.confidence,
                        last_seen=one.last_seen,
                        title=title,
                    )
                )
    found.sort(key=lambda one: (-one.last_seen, one.id))
    return found[:_MOST]

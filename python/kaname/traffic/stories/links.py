"""The links of a story: what was seen, in which table, when, and how it tells itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kaname.analysis.selection import Selection
from kaname.model.instant import format_us
from kaname.model.records import Severity

__all__ = ["Link", "evidence", "severity"]


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a story.

    ``name`` is the end of its message key, ``values`` fill it; ``rows`` of ``selection``
    stand behind it. ``weight`` orders links by how much they prove.
    """

    name: str
    at: int
    last: int
    weight: int
    values: Mapping[str, Any]
    selection: Selection
    technique: str = ""

    @property
    def reason(self) -> tuple[str, dict[str, Any]]:
        """The link as a reason of the finding, with its table and its time."""
        told = {"at": format_us(self.at), "table": self.selection.table, **self.values}
        return f"traffic.reason.story_{self.name}", told


def evidence(links: Sequence[Link]) -> Selection:
    """The rows behind the strongest link."""
    return max(links, key=lambda link: (link.weight, -link.at, link.name)).selection


def severity(links: Sequence[Link]) -> Severity:
    """Two links are a hint, three call for a look, from five on somebody must act at once."""
    order = list(Severity)
    return order[max(1, min(len(links) - 1, Severity.CRITICAL.rank))]

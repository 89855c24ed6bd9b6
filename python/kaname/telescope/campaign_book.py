"""The campaigns that the stores know: findings folded into a board, and alerts beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kaname.model.errors import NotFoundError
from kaname.model.messages import LANGUAGES
from kaname.telescope.board import ANALYSES, Campaign, Similar, board, similar

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.model.marking import Tlp
    from kaname.model.records import Finding

__all__ = ["DETECTORS", "Alert", "Detail", "alerts", "campaign", "campaigns", "observed_until"]

DETECTORS = ("telescope.changefinder", "telescope.glasso", "telescope.nmf", "telescope.ntd")
"""Named detectors, whose alerts are shown beside campaigns and make none."""


class Alert(msgspec.Struct, frozen=True):
    """An alert of a named detector."""

    finding: str
    analysis: str
    title: dict[str, str]
    start: int
    end: int


class Detail(msgspec.Struct, frozen=True):
    """A campaign with why it is one, and what was like it before."""

    campaign: Campaign
    similar: tuple[Similar, ...]
    because: tuple[dict[str, str], ...]


def observed_until(lake: Lake) -> int:
    """The instant up to which a telescope was observed (microseconds); 0 without any."""
    tables = ("flowtuples", "port_counts")
    return max((f.max_ts + 1 for name in tables for f in lake.files(name) if f.rows), default=0)


def campaigns(knowledge: Knowledge, lake: Lake, clearance: Tlp) -> list[Campaign]:
    """All campaigns that ``clearance`` allows to see, those that act first."""
    from kaname.knowledge.queries import FindingQuery

    found = [
        finding
        for name in ANALYSES
        for finding in knowledge.every_finding(FindingQuery(analysis=name, clearance=clearance))
    ]
    return board(found, observed_until(lake))


def campaign(knowledge: Knowledge, lake: Lake, clearance: Tlp, *, key: str) -> Detail:
    """The campaign ``key``.

    Raises:
        NotFoundError: there is none, or none that ``clearance`` allows to see.
    """
    known = campaigns(knowledge, lake, clearance)
    own = next((one for one in known if one.id == key), None)
    if own is None:
        raise NotFoundError("telescope.error.no_campaign", id=key)
    finding = knowledge.finding(own.finding, clearance=clearance)
    lines = zip(*(finding.because(language) for language in LANGUAGES), strict=True)
    because = tuple(dict(zip(LANGUAGES, line, strict=True)) for line in lines)
    return Detail(own, tuple(similar(own, known)), because)


def alerts(knowledge: Knowledge, clearance: Tlp, *, since: int, most: int = 500) -> list[Alert]:
    """Alerts of `DETECTORS` since ``since``, by time; the newest where there are many."""
    from kaname.knowledge.queries import FindingQuery

    found = [
        finding
        for name in DETECTORS
        for finding in knowledge.findings(
            FindingQuery(analysis=name, since=since, limit=most, clearance=clearance)
        ).items
    ]
    ordered = sorted(found, key=lambda finding: (finding.first_seen, finding.id))
    return [Alert(f.id, f.analysis, _titles(f), f.first_seen, f.last_seen) for f in ordered[-most:]]


def _titles(finding: Finding) -> dict[str, str]:
    return {language: finding.title(language) for language in LANGUAGES}

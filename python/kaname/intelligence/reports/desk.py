"""Taking reports in and deciding on them, for the API and the command line alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from kaname.intelligence.reports.document import read
from kaname.intelligence.reports.names import Names
from kaname.intelligence.reports.reading import analyse, observation, report_of
from kaname.knowledge.entities import Entities
from kaname.knowledge.report_records import Report, ReportDecision
from kaname.knowledge.reports import Reports
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.intelligence.records import Observation
    from kaname.knowledge import Knowledge

__all__ = ["Desk"]


class _Fusion(Protocol):
    """What takes observations: the facade of intelligence."""

    def absorb(self, observations: Sequence[Observation]) -> object: ...
    def retract(self, ids: Sequence[str]) -> object: ...


class Desk:
    """Where reports are taken in and decided on."""

    def __init__(self, knowledge: Knowledge, fusion: _Fusion) -> None:
        self._knowledge = knowledge
        self._reports = knowledge.part(Reports)
        self._fusion = fusion

    def take(self, data: bytes, name: str, *, tlp: Tlp, source: str) -> tuple[Report, bool]:
        """Read a report and keep it; False when the same bytes are there already.

        Raises:
            InputError: it cannot be read.
        """
        document = read(data, name)
        reading = analyse(document, Names.of(self._knowledge.part(Entities)))
        report = report_of(document, data, reading, received=now_us(), tlp=tlp, source=source)
        said = observation(report)
        report = msgspec.structs.replace(report, observation=said.id)
        if not self._reports.keep(report):
            return self._reports.report(report.id), False
        self._fusion.absorb([said])
        return report, True

    def decide(
        self, key: str, decisions: Sequence[ReportDecision], *, clearance: Tlp = Tlp.RED
    ) -> Report:
        """Keep what an analyst said; what the report says as evidence follows it."""
        report = self._reports.decide(key, decisions, clearance=clearance)
        said = observation(report)
        if said.id != report.observation:
            if report.observation:
                self._fusion.retract([report.observation])
            self._fusion.absorb([said])
            self._reports.observed(key, said.id)
        return msgspec.structs.replace(report, observation=said.id)

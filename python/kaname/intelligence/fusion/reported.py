"""Which reports name which techniques and entities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from kaname.knowledge.report_records import EntityClaim, Report, TechniqueClaim
from kaname.knowledge.reports import Reports
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["Mentioned", "Reported", "reported"]

_C = TypeVar("_C", TechniqueClaim, EntityClaim)
_PAGE = 1000


class Mentioned(msgspec.Struct, frozen=True):
    """A report, and where in its text it names a thing first."""

    id: str
    title: str
    start: int
    end: int


class Reported(msgspec.Struct, frozen=True):
    """Reports by technique and by entity; what an analyst declined is not among them."""

    techniques: dict[str, list[Mentioned]]
    entities: dict[str, list[Mentioned]]


def reported(knowledge: Knowledge, *, clearance: Tlp, since: int = 0) -> Reported:
    """What the reports that ``clearance`` may see name, those received from ``since`` on."""
    techniques: dict[str, list[Mentioned]] = defaultdict(list)
    entities: dict[str, list[Mentioned]] = defaultdict(list)
    for report in _reports(knowledge.part(Reports), clearance):
        if report.received < since:
            continue
        for technique in _first(report.reading.techniques):
            techniques[technique.id].append(_mentioned(report, technique))
        for entity in _first(report.reading.entities):
            entities[entity.id].append(_mentioned(report, entity))
    return Reported(dict(techniques), dict(entities))


def _first(claims: Sequence[_C]) -> Iterator[_C]:
    """The first claim of each thing that is known and was not declined."""
    standing = [one for one in claims if one.id and one.state != "declined"]
    yield from {one.id: one for one in reversed(standing)}.values()


def _mentioned(report: Report, claim: TechniqueClaim | EntityClaim) -> Mentioned:
    return Mentioned(report.id, report.title, claim.start, claim.end)


def _reports(store: Reports, clearance: Tlp) -> Iterator[Report]:
    cursor: str | None = None
    while True:
        page = store.reports(limit=_PAGE, cursor=cursor, clearance=clearance)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return

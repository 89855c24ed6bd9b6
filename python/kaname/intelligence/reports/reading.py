"""What is in a document, and the observation that is made of it."""

from __future__ import annotations

import bisect
import hashlib

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.reports.document import Document
from kaname.intelligence.reports.entities import entities
from kaname.intelligence.reports.extraction import extract
from kaname.intelligence.reports.names import Names
from kaname.intelligence.reports.relations import relations
from kaname.intelligence.reports.techniques import techniques
from kaname.knowledge.report_records import Reading, Report
from kaname.model.ids import stable_id
from kaname.model.marking import Tlp

__all__ = ["analyse", "observation", "report_of"]

_ALONE, _ACCEPTED = 0.4, 0.9
"""How sure a report is before an analyst has looked, and of what one has accepted."""


def analyse(document: Document, names: Names | None = None) -> Reading:
    """Artifacts, entities, techniques and relations of a document."""
    artifacts = extract(document.text)
    taken = [(one.start, one.end) for one in artifacts]
    named = [
        one
        for one in entities(document.sentences, names or Names())
        if not _inside(one.start, taken)
    ]
    return Reading(
        artifacts=tuple(artifacts),
        entities=tuple(named),
        techniques=tuple(techniques(document.sentences, document.language)),
        relations=tuple(relations(document.sentences, document.language, named, artifacts)),
    )


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    """Whether a name is only a part of a URL, a path or a domain; spans begin in order."""
    at = bisect.bisect_right(spans, (place, 1 << 60))
    return any(start <= place < end for start, end in spans[max(0, at - 3) : at])


def report_of(
    document: Document, data: bytes, reading: Reading, *, received: int, tlp: Tlp, source: str
) -> Report:
    """The record of a report; the same bytes give the same id."""
    return Report(
        id=stable_id("report", hashlib.sha256(data).hexdigest()),
        title=document.title,
        name=document.name,
        language=document.language,
        received=received,
        tlp=tlp,
        source=source,
        text=document.text,
        reading=reading,
    )


def observation(report: Report) -> Observation:
    """What a report says, as one observation: evidence, and not enough for an indicator.

    Declined artifacts are left out. Artifacts that are reported have the role "listed",
    links "reference", others "context". Once something was accepted, only that is listed,
    and the observation weighs more. Its id changes with what it says.
    """
    accepted = any(one.state == "accepted" for one in report.reading.artifacts)
    mentions: dict[Mention, None] = {}
    for one in report.reading.artifacts:
        if one.state == "declined":
            continue
        role = "listed" if one.role == "indicator" else one.role
        if one.state == "accepted":
            role = "listed"
        elif accepted and role == "listed":
            role = "context"
        mentions[Mention(one.kind, one.value, role)] = None
    said = tuple(mentions)
    techniques_ = sorted({one.id for one in report.reading.techniques if one.state == "accepted"})
    entities_ = sorted({one.name for one in report.reading.entities if one.state != "declined"})
    keys = [(one.kind.value, one.value, one.role) for one in said]
    return Observation(
        id=stable_id("obs", "report", report.id, keys, techniques_, entities_, accepted),
        source=report.source,
        kind="report",
        at=report.received,
        received=report.received,
        mentions=said,
        tlp=report.tlp,
        weight=_ACCEPTED if accepted else _ALONE,
        body={
            "report": report.id,
            "title": report.title,
            "techniques": techniques_,
            "entities": entities_,
        },
    )

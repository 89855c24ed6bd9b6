"""A report of a period, from a lake and a knowledge store to the bytes of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from kaname.model.instant import MINUTE
from kaname.model.marking import Tlp, join
from kaname.model.messages import text
from kaname.telescope.reports.chapters import chapters
from kaname.telescope.reports.counting import Progress, count, has_source_days
from kaname.telescope.reports.period import Period
from kaname.telescope.reports.queries import Survey
from kaname.telescope.reports.subject import Subject
from kaname.telescope.reports.told import gather, survey_sources
from kaname.writers.report.document import Document, Query
from kaname.writers.report.writing import FORMS, write

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.lake.networks import Networks
    from kaname.writers.shield import Shield

__all__ = ["FORMS", "Stores", "make", "write"]

_WORDS = {
    "contents": "telescope.report.contents",
    "queries": "telescope.report.queries",
    "queries_text": "telescope.report.queries_text",
    "fact": "telescope.report.fact",
    "value": "telescope.report.value",
    "change": "telescope.report.change",
    "cut": "telescope.report.cut",
}
_ABOUT = {
    "whole": "telescope.report.query.whole",
    "over_time": "telescope.report.query.over_time",
    "services": "telescope.report.query.services",
    "services_before": "telescope.report.query.services_before",
    "services_over_time": "telescope.report.query.services_over_time",
    "types": "telescope.report.query.types",
    "families": "telescope.report.query.families",
    "sensors": "telescope.report.query.sensors",
    "extents": "telescope.report.query.extents",
    "labels": "telescope.report.query.labels",
    "sources": "telescope.report.query.sources",
    "campaigns": "telescope.report.query.campaigns",
    "dos": "telescope.report.query.dos",
    "reflections": "telescope.report.query.reflections",
}
_OF_SOURCES = "telescope.report.query.labelled"


class Stores(msgspec.Struct, frozen=True):
    """Where a report comes from."""

    lake: Lake
    knowledge: Knowledge
    networks: Networks | None
    shield: Shield


def make(
    stores: Stores,
    period: Period,
    language: Literal["en", "ja"],
    *,
    sensor: str = "",
    without_survey: bool = False,
    clearance: Tlp = Tlp.RED,
    progress: Progress | None = None,
) -> Document:
    """The report of ``period``, of one sensor or of all.

    Everything is counted with and without survey scans, or only ``without_survey``.

    Raises:
        LimitError: the lake is too big to be counted in the time that a query may take.
    """
    in_days = has_source_days(stores.lake, period.start, period.end, clearance)
    named = () if in_days else survey_sources(stores.knowledge, period, sensor, clearance)
    counted = count(
        stores.lake,
        period,
        Survey(in_days, named),
        stores.networks,
        sensor=sensor,
        without_survey=without_survey,
        clearance=clearance,
        progress=progress,
    )
    first = len(counted.queries) + 1
    said = gather(
        stores.knowledge,
        period,
        stores.shield,
        sensor,
        clearance,
        first=first,
        observed=max((one.last + MINUTE for one in counted.extents.values()), default=period.end),
    )
    networks = stores.networks
    subject = Subject(
        period=period,
        language=language,
        counted=counted,
        said=said,
        survey=not without_survey,
        names=networks.name if networks else _nobody,
        attributions=tuple(
            " ".join(filter(None, (one.text, one.link)))
            for one in (networks.attributions if networks else ())
        ),
    )
    queries = [*counted.queries.values(), *said.queries.values()]
    marking = join([counted.tlp, said.tlp])
    return Document(
        title=text(_TITLES[period.kind], language, name=period.name),
        subtitle=text(
            "telescope.report.subtitle_without" if without_survey else "telescope.report.subtitle",
            language,
        ),
        language=language,
        tlp=marking.value,
        facts=_facts(subject, sensor),
        chapters=chapters(subject),
        queries=tuple(_told(stores.shield, one, language) for one in queries),
        words=_words(language),
    )


_TITLES = {"day": "telescope.report.title_day", "month": "telescope.report.title_month"}


def _nobody(_asn: int) -> str:
    return ""


def _words(language: str) -> dict[str, str]:
    words = {name: text(key, language) for name, key in _WORDS.items()}
    # Filled by the renderer, with the name and the number of each fact.
    words["before"] = text("telescope.report.before", language, name="{name}", value="{value}")
    return words


def _told(shield: Shield, query: Query, language: str) -> Query:
    about = text(_ABOUT.get(query.about, _OF_SOURCES), language)
    return msgspec.structs.replace(query, about=about, sql=shield.text(query.sql))


def _facts(subject: Subject, sensor: str) -> tuple[tuple[str, str], ...]:
    say, period = subject.say, subject.period
    sensors = sensor or ", ".join(sorted(subject.counted.sensors)) or "–"
    return (
        (say("telescope.report.period"), f"{period.name} (UTC)"),
        (say("telescope.report.compared"), f"{period.before_name} (UTC)"),
        (say("telescope.report.sensor"), sensors),
        (say("telescope.report.made_by"), f"kaname {_version()}"),
    )


def _version() -> str:
    from importlib.metadata import version

    return version("kaname")

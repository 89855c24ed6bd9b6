"""The chapters of a report, in order."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

from kaname.telescope.reports import finding_chapters as findings
from kaname.telescope.reports import traffic_chapters as traffic
from kaname.telescope.reports.subject import Subject
from kaname.writers.report.document import Block, Chapter

__all__ = ["chapters"]

_CHAPTERS: tuple[tuple[str, str, Callable[[Subject], Iterable[Block]]], ...] = (
    ("overview", "telescope.report.overview", traffic.overview),
    ("series", "telescope.report.series", traffic.series),
    ("tcp", "telescope.report.tcp", functools.partial(traffic.services, ptype="tcp_syn")),
    ("udp", "telescope.report.udp", functools.partial(traffic.services, ptype="udp")),
    ("origins", "telescope.report.origins", traffic.origins),
    ("labels", "telescope.report.labels", findings.labels),
    ("tools", "telescope.report.tools", traffic.tools),
    ("campaigns", "telescope.report.campaigns", findings.campaigns),
    ("dos", "telescope.report.dos", findings.dos),
    ("alerts", "telescope.report.alerts", findings.alerts),
    ("sensors", "telescope.report.sensors", findings.sensors),
    ("method", "telescope.report.method", findings.method),
)


def chapters(subject: Subject) -> tuple[Chapter, ...]:
    """All chapters of the report on ``subject``."""
    return tuple(
        Chapter(key, subject.say(title), tuple(make(subject))) for key, title, make in _CHAPTERS
    )

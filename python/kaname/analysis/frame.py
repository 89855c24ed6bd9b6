"""The frame of analyses: what one is given, what it gives back, how it is found.

An analysis is a pure function of the rows of one window. It sees tables as Ibis
expressions, never files, and never which engine evaluates them; it reads no clock, draws
no random numbers and keeps nothing between windows. That is why running it once over a
year of data and running it whenever a file arrives give the same findings.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from kaname.analysis.parameter import Parameter, Value, settle
from kaname.analysis.selection import Selection
from kaname.model.errors import NotFoundError
from kaname.model.records import Artifact, Severity

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = [
    "ALL",
    "Analysis",
    "AnalysisDoc",
    "Context",
    "Draft",
    "Parameter",
    "Selection",
    "Window",
    "analyses",
    "analysis",
    "describe",
    "is_across",
    "is_on_demand",
    "settle",
]


@dataclass(frozen=True, slots=True)
class AnalysisDoc:
    """What the manual's page on an analysis says; the pages are generated from it."""

    en: str
    ja: str
    references: tuple[str, ...]
    limitations_en: tuple[str, ...]
    limitations_ja: tuple[str, ...]


ALL = "all"
"""Stands for the sensor where an analysis looks across sensors."""


@dataclass(frozen=True, slots=True)
class Window:
    """A range of time [start, end) that is evaluated as a whole; microseconds, UTC."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Context:
    """What an analysis is given: the rows of one sensor (or `ALL` of them) in one window.

    ``tables`` hold rows with ``window.start - lookback <= ts < window.end``; ``params``
    has a value for every parameter of the analysis.
    """

    tables: Mapping[str, ir.Table]
    window: Window
    sensor: str
    params: Mapping[str, Value]

    def number(self, name: str) -> int:
        """The whole-numbered parameter ``name``."""
        return int(self.params[name])

    def text(self, name: str) -> str:
        """The text parameter ``name``."""
        return str(self.params[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A finding as the analysis states it; the runner adds id, evidence and marking.

    ``subject`` says what the finding is about, and with the label makes its id: two
    drafts of one window differ in label or subject. ``evidence`` selects the rows behind
    it. For the rest see `kaname.model.records.Finding`.
    """

    label: str
    subject: tuple[str | int, ...]
    first_seen: int
    last_seen: int
    severity: Severity
    confidence: float
    artifacts: tuple[Artifact, ...]
    message: str
    values: dict[str, Any]
    evidence: Selection
    reasons: tuple[tuple[str, dict[str, Any]], ...] = ()
    techniques: tuple[str, ...] = ()
    spoofable: bool = False


@runtime_checkable
class Analysis(Protocol):
    """One question. Announced by an entry point of the group ``kaname.analyses``.

    Windows are ``period`` microseconds long and aligned to the epoch. ``version`` grows
    when the same rows would give other findings. An analysis that has ``across = True``
    is given the rows of all sensors at once, since its question joins what they saw. One
    that has ``on_demand = True`` is run when it is asked for, and all the time only where
    the settings name it.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    doc: ClassVar[AnalysisDoc]
    tables: ClassVar[tuple[str, ...]]
    period: ClassVar[int]
    lookback: ClassVar[int]
    parameters: ClassVar[tuple[Parameter, ...]]
    techniques: ClassVar[tuple[str, ...]]
    labels: ClassVar[tuple[str, ...]]

    def run(self, context: Context) -> Iterable[Draft]:
        """What there is to say about the window, in an order that depends on rows only."""
        ...


def is_across(each: Analysis) -> bool:
    """Whether an analysis looks at the rows of all sensors together."""
    return bool(getattr(each, "across", False))


def is_on_demand(each: Analysis) -> bool:
    """Whether an analysis waits to be asked for, or to be named in the settings."""
    return bool(getattr(each, "on_demand", False))


@functools.cache
def analyses() -> dict[str, Analysis]:
    """All known analyses by name."""
    found = (_made(point.load()) for point in entry_points(group="kaname.analyses"))
    return {a.name: a for a in sorted(found, key=lambda a: a.name)}


def _made(loaded: Any) -> Analysis:
    made: Analysis = loaded() if isinstance(loaded, type) else loaded
    return made


def analysis(name: str) -> Analysis:
    """The analysis called ``name``.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return analyses()[name]
    except KeyError:
        raise NotFoundError(
            "analysis.error.no_analysis", name=name, known=", ".join(analyses()) or "–"
        ) from None


@dataclass(frozen=True, slots=True)
class _Words:
    """Picks the language of double texts."""

    language: str

    def of(self, thing: AnalysisDoc | Parameter) -> str:
        return thing.ja if self.language == "ja" else thing.en


def describe(each: Analysis, language: str) -> dict[str, Any]:
    """Everything an analysis says of itself, in one language, ready for JSON."""
    words = _Words(language)
    japanese = language == "ja"
    return {
        "name": each.name,
        "version": each.version,
        "text": words.of(each.doc),
        "tables": list(each.tables),
        "period": each.period,
        "on_demand": is_on_demand(each),
        "lookback": each.lookback,
        "labels": list(each.labels),
        "techniques": list(each.techniques),
        "parameters": [
            {
                "name": p.name,
                "default": p.default,
                "low": p.low,
                "high": p.high,
                "unit": p.unit,
                "choices": list(p.choices),
                "text": words.of(p),
            }
            for p in each.parameters
        ],
        "limitations": list(each.doc.limitations_ja if japanese else each.doc.limitations_en),
        "references": list(each.doc.references),
    }

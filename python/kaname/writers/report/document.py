"""What a report says, apart from how it looks: chapters of facts, tables, charts and words.

Each part names the queries that its numbers come from; these stand in the appendix. The
texts are in the language of the report already, numbers are not yet written.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "Block",
    "Chapter",
    "Chart",
    "Column",
    "Document",
    "Fact",
    "Facts",
    "Figure",
    "Graph",
    "Grid",
    "Mark",
    "Query",
    "Series",
    "Spot",
    "Text",
    "Trace",
    "Value",
    "cell_text",
]

Value = str | int | float | None
Kind = Literal["text", "code", "count", "share", "change", "ratio"]


class Column(msgspec.Struct, frozen=True):
    """A column: what its numbers are decides how they are written.

    ``share`` and ``change`` are fractions of 1, written as percent; ``ratio`` is a number
    with decimals, ``code`` a word that no language changes.
    """

    title: str
    kind: Kind = "text"


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A paragraph."""

    text: str
    quiet: bool = False


class Fact(msgspec.Struct, frozen=True):
    """One number with its name, and the same of the period before."""

    name: str
    value: Value
    kind: Kind = "count"
    before: Value = None
    queries: tuple[str, ...] = ()


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """Numbers that stand beside each other; ``before`` is the name of the period before."""

    facts: tuple[Fact, ...]
    before: str = ""


class Grid(msgspec.Struct, frozen=True, tag="grid"):
    """A table; ``empty`` is said where it has no rows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    queries: tuple[str, ...] = ()
    empty: str = ""


class Series(msgspec.Struct, frozen=True):
    """One line, one set of bars, or one row of a map; as many values as there are labels."""

    name: str
    values: tuple[float, ...]


class Chart(msgspec.Struct, frozen=True, tag="chart"):
    """A picture of ``series`` over ``labels``.

    ``lines`` run over time; ``bars`` lie, one group a label; ``map`` shows each series as
    a row of cells, the darker the more.
    """

    title: str
    form: Literal["lines", "bars", "map"]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    queries: tuple[str, ...] = ()


class Spot(msgspec.Struct, frozen=True):
    """A node of a graph: its words, the column it stands in, and how much it matters.

    ``weight`` is 0 to 1; ``odd`` nodes are what the picture is about.
    """

    name: str
    kind: str
    column: int
    weight: float
    odd: bool = False


class Graph(msgspec.Struct, frozen=True, tag="graph"):
    """A picture of ``spots`` and the arrows between them (from, to: places in ``spots``)."""

    title: str
    spots: tuple[Spot, ...]
    arrows: tuple[tuple[int, int], ...]
    told: str = ""  # for those who hear it read
    queries: tuple[str, ...] = ()


class Mark(msgspec.Struct, frozen=True):
    """A stretch of a trace that is pointed out, by steps; the name stands above it."""

    first: float
    last: float
    name: str = ""


class Trace(msgspec.Struct, frozen=True, tag="trace"):
    """A picture of something measured: lowest, mean and highest value of every step.

    A step in which nothing was measured is None. ``labels`` stand below their steps.
    """

    title: str
    low: tuple[float | None, ...]
    mean: tuple[float | None, ...]
    high: tuple[float | None, ...]
    labels: tuple[tuple[int, str], ...]
    marks: tuple[Mark, ...] = ()
    unit: str = ""
    told: str = ""
    queries: tuple[str, ...] = ()


Figure = Chart | Graph | Trace
Block = Text | Facts | Grid | Chart | Graph | Trace


class Chapter(msgspec.Struct, frozen=True):
    """A numbered part of a report."""

    key: str
    title: str
    blocks: tuple[Block, ...]


class Query(msgspec.Struct, frozen=True):
    """Where numbers come from: SQL over the lake, or a command over the knowledge store."""

    key: str  # Q1, Q2 ...
    about: str
    sql: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report. ``tlp`` is the strictest marking of anything in it."""

    title: str
    subtitle: str
    language: Literal["en", "ja"]
    tlp: str
    facts: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]
    queries: tuple[Query, ...]
    words: dict[str, str]  # what the renderers themselves have to say


def cell_text(value: Value, kind: Kind) -> str:
    """A value as it is read: counts in groups of three, shares in percent."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if kind == "share":
        return f"{100 * value:.1f} %"
    if kind == "change":
        return f"{100 * value:+.1f} %"
    if kind == "ratio":
        return f"{value:,.2f}"
    return f"{value:,.0f}"

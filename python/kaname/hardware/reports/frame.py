"""What both reports have in common: words, findings, marking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Literal

from kaname.hardware.routes.shapes import Circuit, FindingOut
from kaname.model.instant import format_us
from kaname.model.messages import text
from kaname.writers.report.document import (
    Block,
    Chapter,
    Column,
    Document,
    Graph,
    Grid,
    Query,
    Spot,
)

__all__ = ["Language", "Say", "assembled", "findings", "graph"]

Language = Literal["en", "ja"]
_SPOTS = 60  # of a picture
_WORDS = {
    "contents": "hardware.report.contents",
    "queries": "hardware.report.queries",
    "queries_text": "hardware.report.queries_text",
    "fact": "hardware.report.fact",
    "value": "hardware.report.value",
    "change": "hardware.report.change",
    "cut": "hardware.report.cut",
}


class Say:
    """Texts in the language of the report."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """The message ``key``."""
        return text(key, self.language, **values)

    def of(self, both: dict[str, str]) -> str:
        """One of two texts."""
        return both[self.language]


def assembled(
    say: Say,
    titles: tuple[str, str],
    tlp: str,
    facts: Sequence[tuple[str, str]],
    chapters: Iterable[tuple[str, str, Iterable[Block]]],
    queries: Sequence[Query],
) -> Document:
    """A whole report; chapters are (key, title, blocks), those without blocks left out."""
    words = {name: say(key) for name, key in _WORDS.items()}
    words["before"] = "{name}: {value}"
    whole = ((key, title, tuple(blocks)) for key, title, blocks in chapters)
    return Document(
        title=titles[0],
        subtitle=titles[1],
        language=say.language,
        tlp=tlp,
        facts=(*facts, (say("hardware.report.made_by"), f"kaname {version('kaname')}")),
        chapters=tuple(Chapter(key, title, blocks) for key, title, blocks in whole if blocks),
        queries=tuple(queries),
        words=words,
    )


def findings(say: Say, found: Sequence[FindingOut], query: str) -> Grid:
    """What analyses say, the latest first."""
    columns = (
        Column(say("hardware.report.time"), "code"),
        Column(say("hardware.report.finding")),
        Column(say("hardware.report.severity"), "code"),
        Column(say("hardware.report.confidence"), "share"),
    )
    rows = tuple(
        (format_us(one.last_seen)[:19], say.of(one.title), one.severity, one.confidence)
        for one in found
    )
    title, empty = say("hardware.report.findings"), say("hardware.report.no_findings")
    return Grid(title, columns, rows, (query,), empty)


def graph(say: Say, title: str, circuit: Circuit, query: str) -> Graph:
    """A sub-circuit as a picture; of a large one the part with the surest cells."""
    nodes = sorted(circuit.nodes, key=lambda node: (-node.probability, node.id))[:_SPOTS]
    nodes.sort(key=lambda node: (node.depth, node.id))
    place = {node.id: at for at, node in enumerate(nodes)}
    arrows = tuple(
        (place[start], place[end]) for start, end in circuit.edges if {start, end} <= place.keys()
    )
    spots = tuple(
        Spot(node.name, node.cell or node.name, node.depth, node.probability, node.flagged)
        for node in nodes
    )
    flagged = sum(node.flagged for node in nodes)
    told = say("hardware.report.circuit_told", cells=len(nodes), flagged=flagged)
    return Graph(title, spots, arrows, told, (query,))

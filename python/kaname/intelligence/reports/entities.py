"""Actors, malware and tools that sentences name.

Three ways, each better than the next where they meet: the dictionary of known names, a
model (`kaname.intelligence.entities.tagger`, when it is there), and the patterns by which
texts introduce new names.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from kaname.intelligence.reports.document import Sentence
from kaname.intelligence.reports.names import Names
from kaname.intelligence.reports.patterns import introduced
from kaname.knowledge.report_records import EntityClaim

__all__ = ["Tagger", "entities"]

Tagger = Callable[[Sequence[Sentence], str], Iterable[EntityClaim]]
"""A model: sentences and their language to claims, with places in the text."""


def entities(
    sentences: Sequence[Sentence], language: str, names: Names, tagger: Tagger | None = None
) -> list[EntityClaim]:
    """What is named, in the order of places; of two that overlap, the better way's stays."""
    taken: list[EntityClaim] = []
    ways = (
        _from_dictionary(sentences, names),
        _from_model(sentences, language, tagger),
        _from_patterns(sentences),
    )
    for way in ways:
        held = sorted((one.start, one.end) for one in taken)
        taken += _apart(way, held)
    return sorted(taken, key=lambda one: (one.start, one.end))


def _apart(claims: Iterable[EntityClaim], held: Sequence[tuple[int, int]]) -> Iterator[EntityClaim]:
    """Those that overlap neither what was taken nor each other."""
    covered: set[int] = set()
    for start, end in held:
        covered.update(range(start, end))
    for one in claims:
        places = range(one.start, one.end)
        if covered.isdisjoint(places):
            covered.update(places)
            yield one


def _from_dictionary(sentences: Sequence[Sentence], names: Names) -> Iterator[EntityClaim]:
    for sentence in sentences:
        for hit in names.find(sentence.text):
            yield EntityClaim(
                id=hit.known.id,
                type=hit.known.type,
                name=hit.known.name,
                start=sentence.start + hit.start,
                end=sentence.start + hit.end,
                by="dictionary",
            )


def _from_model(
    sentences: Sequence[Sentence], language: str, tagger: Tagger | None
) -> Iterable[EntityClaim]:
    model = tagger or _installed()
    return model(sentences, language) if model else ()


@functools.cache
def _installed() -> Tagger | None:
    """The model that comes with the product, when it does."""
    package = "kaname.intelligence.entities"
    if find_spec(package) is None or find_spec(f"{package}.tagger") is None:
        return None
    return cast("Tagger | None", getattr(import_module(f"{package}.tagger"), "tag", None))


def _from_patterns(sentences: Sequence[Sentence]) -> Iterator[EntityClaim]:
    """New names where they are introduced, then wherever they stand again."""
    met: dict[str, str] = {}
    for sentence in sentences:
        for kind, name, start, end in introduced(sentence.text):
            met.setdefault(name, kind)
            yield _new(kind, name, sentence.start + start, sentence.start + end)
    again = Names(("", kind, name, name) for name, kind in met.items() if _is_coined(name))
    for sentence in sentences if len(again) else ():
        for hit in again.find(sentence.text):
            start, end = sentence.start + hit.start, sentence.start + hit.end
            yield _new(hit.known.type, hit.known.name, start, end)


def _is_coined(name: str) -> bool:
    """Whether a name is no everyday word: a capital or a digit within, or letters of both."""
    return len(name) > 3 and any(c.isupper() or c.isdigit() for c in name[1:]) and " " not in name


def _new(kind: str, name: str, start: int, end: int) -> EntityClaim:
    return EntityClaim(id="", type=kind, name=name, start=start, end=end, by="pattern")

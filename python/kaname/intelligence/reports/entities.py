"""Actors, malware and tools that sentences name.

Two ways, the first better than the second where they meet: the dictionary of known names,
and the patterns by which texts introduce new ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kaname.intelligence.reports.document import Sentence
from kaname.intelligence.reports.names import Names
from kaname.intelligence.reports.patterns import introduced
from kaname.knowledge.report_records import EntityClaim

__all__ = ["entities"]


def entities(sentences: Sequence[Sentence], names: Names) -> list[EntityClaim]:
    """What is named, in the order of places; of two that overlap, the better way's stays."""
    taken: list[EntityClaim] = []
    for way in (_from_dictionary(sentences, names), _from_patterns(sentences)):
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

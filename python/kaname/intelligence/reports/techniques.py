"""ATT&CK techniques that sentences speak of.

Ids that are written out win (score 1). Then words: ``technique_words.json`` holds, for
each technique, words and phrases of Japanese and English reports that speak for it, with a
score; a claim names the word that it is made of. The claims of the learned mapper
(`kaname.intelligence.attack`) are joined with these.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files

import msgspec

from kaname.intelligence.reports.document import Sentence
from kaname.intelligence.reports.extraction import technique_ids
from kaname.knowledge.report_records import TechniqueClaim

__all__ = ["technique_name", "techniques"]


class _Entry(msgspec.Struct, frozen=True):
    """Names and words of a technique; ``score`` is how much a word says."""

    name: str
    en: tuple[str, ...] = ()
    ja: tuple[str, ...] = ()
    score: float = 0.6


def techniques(sentences: Sequence[Sentence], language: str) -> list[TechniqueClaim]:
    """Claims by sentence; of one technique in one sentence, one with all its reasons."""
    best: dict[tuple[int, str], TechniqueClaim] = {}
    claims = [*_explicit(sentences), *_worded(sentences), *_learned(sentences, language)]
    for claim in claims:
        key = (claim.sentence, claim.id)
        known = best.get(key)
        best[key] = claim if known is None else _joined(known, claim)
    return [best[key] for key in sorted(best)]


def technique_name(key: str) -> str:
    """The English name of a technique of the table; the id when it is not in it."""
    entry = _table().get(key)
    return entry.name if entry else key


def _joined(one: TechniqueClaim, other: TechniqueClaim) -> TechniqueClaim:
    reasons = tuple(dict.fromkeys((*one.reasons, *other.reasons)))
    return msgspec.structs.replace(one, score=max(one.score, other.score), reasons=reasons)


def _claim(sentence: Sentence, number: int, key: str, score: float, reason: str) -> TechniqueClaim:
    return TechniqueClaim(
        id=key,
        name=technique_name(key),
        score=score,
        sentence=number,
        start=sentence.start,
        end=sentence.end,
        reasons=(reason,),
    )


def _explicit(sentences: Sequence[Sentence]) -> Iterator[TechniqueClaim]:
    for number, sentence in enumerate(sentences):
        for key, _, _ in technique_ids(sentence.text):
            yield _claim(sentence, number, key, 1.0, f"id:{key}")


def _worded(sentences: Sequence[Sentence]) -> Iterator[TechniqueClaim]:
    expression, meanings = _words()
    for number, sentence in enumerate(sentences):
        for match in expression.finditer(sentence.text):
            word = match.group().lower()
            for key in meanings.get(word, ()):
                yield _claim(sentence, number, key, _table()[key].score, f"word:{match.group()}")


def _learned(sentences: Sequence[Sentence], language: str) -> Iterator[TechniqueClaim]:
    from kaname.intelligence.attack import techniques as learned  # brings numpy

    for claim in learned([one.text for one in sentences], language):
        sentence = sentences[claim.sentence]
        yield TechniqueClaim(
            id=claim.id,
            name=technique_name(claim.id),
            score=claim.score,
            sentence=claim.sentence,
            start=sentence.start,
            end=sentence.end,
            reasons=claim.reasons,
        )


@functools.cache
def _table() -> dict[str, _Entry]:
    data = files("kaname.intelligence.reports").joinpath("technique_words.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, _Entry])


@functools.cache
def _words() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    """One expression of all words, the longest first, and what each stands for."""
    meanings: dict[str, list[str]] = {}
    for key, entry in _table().items():
        for word in (*entry.en, *entry.ja):
            meanings.setdefault(word.lower(), []).append(key)
    words = sorted(meanings, key=len, reverse=True)
    parts = (
        rf"(?<![A-Za-z0-9]){re.escape(w)}(?![A-Za-z0-9])" if w.isascii() else re.escape(w)
        for w in words
    )
    return re.compile("|".join(parts), re.IGNORECASE), meanings

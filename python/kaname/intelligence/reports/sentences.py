"""Sentences with their places, and the language of a text by the share of its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["language_of", "spans"]

_JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
_BLOCK = re.compile(r"\n[ \t]*\n+|\n(?=[ \t]*(?:[-*+|=#>]|\d+[.)]) )|\n(?=\||[=#]+ )")
_ENGLISH = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z\"'(\[\u201c])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|Inc|Corp|Ltd|Co|Mr|Mrs|Ms|Dr|No|Fig|Sec|U\.S|U\.K"
    r"|approx)|\b[A-Z])\.$"
)
_IDEOGRAPHIC = re.compile(r"(?<=[。！？!?])[」』）)]*\s*|\n+")
_LONGEST = 4000


def language_of(text: str) -> str:
    """``ja`` when a tenth of the letters is kana or kanji: terms and names stay Latin."""
    sample = text[:20_000]
    japanese, latin = len(_JAPANESE.findall(sample)), len(_LATIN.findall(sample))
    return "ja" if japanese * 9 > latin else "en"


def spans(text: str, language: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence, without blanks around it. None is empty."""
    for start, end in _pieces(text, 0, len(text), _BLOCK):
        rule = _IDEOGRAPHIC if language == "ja" else _ENGLISH
        opened = start
        for cut, after in _cuts(text, start, end, rule):
            if language == "en" and _ABBREVIATED.search(text, max(opened, cut - 8), cut):
                continue
            yield from _trimmed(text, opened, cut)
            opened = after
        yield from _trimmed(text, opened, end)


def _pieces(text: str, start: int, end: int, rule: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for cut, after in _cuts(text, start, end, rule):
        yield start, cut
        start = after
    yield start, end


def _cuts(text: str, start: int, end: int, rule: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for match in rule.finditer(text, start, end):
        if match.start() > start or match.end() > match.start():
            yield match.start(), match.end()


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    while end - start > _LONGEST:  # a list without an end: cut it, lose nothing
        yield start, start + _LONGEST
        start += _LONGEST
    if start < end:
        yield start, end

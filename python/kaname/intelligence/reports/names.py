"""The dictionary of names: what actors, malware and tools are called, and by whom.

A text is cut into words at every change of script and sign; up to six words are put
together as `kaname.knowledge.entities.fold` would spell them and looked up, the longest
first. That is one look at a table a word, however many names there are.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import NamedTuple

from kaname.knowledge.entities import Entities, Entity, fold

__all__ = ["Hit", "Names"]

_WORD = re.compile(r"[A-Za-z0-9\u00c0-\u024f]+|[\u30a1-\u30fa\u30fc]+|[\u4e00-\u9fff\u3005]+")
_JOINT = re.compile(r"[ \-_.・･'\u2019]{0,2}$")
_MOST_WORDS = 6
_TYPES = ("actor", "malware", "tool", "campaign")
_CONTEXT = re.compile(
    r"ransomware|\bgroup\b|\bgang\b|\bapt\b|malware|trojan|backdoor|botnet|\bactors?\b|operators?\b"
    r"|stealer|\brat\b|loader|wiper|implant|\bc2\b|affiliate|ランサム|グループ|マルウェア"
    r"|攻撃者|バックドア"
    r"|ウイルス|ボット|犯行|リークサイト|攻撃組織",
    re.IGNORECASE,
)
_NEAR = 48  # characters on either side: six words or so


class Known(NamedTuple):
    """A name in the dictionary."""

    id: str
    type: str
    name: str
    shown: str
    common: bool


class Hit(NamedTuple):
    """A name in a text."""

    known: Known
    start: int
    end: int


class Names:
    """Names by their folded spelling."""

    def __init__(self, names: Iterable[tuple[str, str, str, str]] = ()) -> None:
        """``names`` are (id, type, name of the entity, name as it is written)."""
        self._table: dict[str, Known] = {}
        for key, kind, name, shown in names:
            folded = fold(shown)
            if len(folded) >= 2:
                known = Known(key, kind, name, shown, _is_common(shown, folded, kind))
                self._table.setdefault(folded, known)

    @classmethod
    def of(cls, entities: Entities) -> Names:
        """The names that a store knows."""
        known = [one for kind in _TYPES for one in entities.every(kind)]
        return cls(_named(known))

    def __len__(self) -> int:
        return len(self._table)

    def find(self, text: str) -> Iterator[Hit]:
        """Names in a text, the longest at each place; none lies within another."""
        plain, places = _folded(text)
        words = [(m.start(), m.end()) for m in _WORD.finditer(plain)]
        at = 0
        while at < len(words):
            hit = self._at(plain, words, at)
            if hit is None:
                at += 1
                continue
            known, used, start, end = hit
            yield Hit(known, places[start], places[end - 1] + 1)
            at += used

    def _at(
        self, plain: str, words: list[tuple[int, int]], at: int
    ) -> tuple[Known, int, int, int] | None:
        best = None
        start = words[at][0]
        for used in range(1, _MOST_WORDS + 1):
            if at + used > len(words):
                break
            if used > 1 and not _JOINT.match(
                plain[words[at + used - 2][1] : words[at + used - 1][0]]
            ):
                break
            end = words[at + used - 1][1]
            known = self._table.get(fold(plain[start:end]))
            if known is not None and _means(known, plain, start, end):
                best = (known, used, start, end)
        return best


def _means(known: Known, text: str, start: int, end: int) -> bool:
    """Whether a name is meant where its letters stand."""
    shown = text[start:end]
    if shown.islower() and not known.shown.islower() and not any(map(str.isdigit, shown)):
        return len(shown) >= 9 and not known.common
    if not known.common:
        return True
    if shown.isascii() and shown != known.shown and shown != known.shown.upper():
        return False
    if known.shown.islower() and len(shown) <= 3:
        return False  # "at", "net": a word of any sentence
    if text[max(0, start - 7) : start] == "Google ":
        return False  # Google Play
    near = text[max(0, start - _NEAR) : start] + " " + text[end : end + _NEAR]
    return _CONTEXT.search(near) is not None


def _is_common(shown: str, folded: str, kind: str) -> bool:
    """Everyday words, and short ones that any text may hold."""
    short = len(folded) <= 3 or (kind == "tool" and len(folded) <= 5 and shown.isalpha())
    return short or folded in _common()


@functools.cache
def _common() -> frozenset[str]:
    text = files("kaname.intelligence.fusion").joinpath("common_words.txt").read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return frozenset(fold(line) for line in lines if line and not line.startswith("#"))


def _named(entities: Iterable[Entity]) -> Iterator[tuple[str, str, str, str]]:
    """Each entity's own name before the names that others give."""
    known = list(entities)
    for one in known:
        yield one.id, one.type, one.name, one.name
    for one in known:
        for name in one.names:
            yield one.id, one.type, one.name, name.name


def _folded(text: str) -> tuple[str, list[int]]:
    """NFKC of each character, and where each of its letters came from."""
    if text.isascii():
        return text, list(range(len(text)))
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        plain = unicodedata.normalize("NFKC", letter)
        letters.append(plain)
        places.extend([place] * len(plain))
    return "".join(letters), places

"""The words of the pattern language (STIX 2.1, 9.2 and the grammar of 9.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kaname.model.errors import UsageError

__all__ = ["LONGEST", "PatternError", "Token", "tokens"]

LONGEST = 1 << 20  # characters of a pattern
_LONGEST_NUMBER = 100
_FORM = re.compile(
    r"""
    (?P<space>[ \t\r\n\f\v\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+
        | //[^\r\n]* | /\*.*?\*/)
  | (?P<binary>b'[A-Za-z0-9+/]*={0,2}')
  | (?P<hex>h'(?:[A-Fa-f0-9]{2})*')
  | (?P<time>t'\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z')
  | (?P<string>'(?:[^'\\]|\\['\\])*')
  | (?P<float>[+-]?\d*\.\d+)
  | (?P<int>[+-]?(?:0|[1-9]\d*)(?![\d.]))
  | (?P<word>[A-Za-z_][A-Za-z0-9_-]*)
  | (?P<mark>==|!=|<>|<=|>=|[=<>\[\]().,:*])
    """,
    re.VERBOSE | re.DOTALL,
)


class PatternError(UsageError):
    """A text that is no pattern; ``values["at"]`` is the character that does not fit."""


class Token(NamedTuple):
    """A word: what it is, its text, and where it begins."""

    kind: str
    text: str
    at: int


def tokens(pattern: str) -> Iterator[Token]:
    """The words of ``pattern``; the last is of kind "end".

    Raises:
        PatternError: there is something that is no word.
    """
    if len(pattern) > LONGEST:
        raise PatternError("intelligence.pattern.long", at=LONGEST, most=LONGEST)
    at = 0
    while at < len(pattern):
        match = _FORM.match(pattern, at)
        if match is None:
            raise PatternError("intelligence.pattern.word", at=at, found=pattern[at : at + 20])
        kind = match.lastgroup or ""
        if kind in {"int", "float"} and match.end() - at > _LONGEST_NUMBER:
            raise PatternError("intelligence.pattern.literal", at=at, found=match[0][:40])
        if kind != "space":
            yield Token(kind, match[0], at)
        at = match.end()
    yield Token("end", "", at)

"""A parser of STIX patterns by recursive descent (grammar: STIX 2.1, 9.9).

FOLLOWEDBY binds weakest, then OR, then AND, between observations as between comparisons.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from kaname.intelligence.stix.patterns.tokens import PatternError, Token, tokens
from kaname.intelligence.stix.patterns.tree import (
    Comparison,
    Comparisons,
    Condition,
    Exists,
    Expression,
    Instant,
    Joined,
    Literal,
    Observation,
    Path,
    Qualified,
)
from kaname.intelligence.stix.times import instant

__all__ = ["parse"]

_DEEPEST = 64
_ESCAPED = re.compile(r"\\(['\\])")
_KEYWORDS = frozenset(
    {"AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS"}
    | {"LAST", "IN", "START", "STOP", "SECONDS", "true", "false", "WITHIN", "REPEATS", "TIMES"}
)
_TEXTUAL = frozenset({"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})
_EQUALITY = {"=": "=", "==": "=", "!=": "!=", "<>": "!="}
_ORDER = frozenset({"<", ">", "<=", ">="})
_LITERALS = frozenset({"int", "float", "string", "binary", "hex", "time"})


def parse(pattern: str) -> Expression:
    """What ``pattern`` says.

    Raises:
        PatternError: it is no pattern.
    """
    parser = _Parser(list(tokens(pattern)))
    found = parser.expressions()
    parser.expect("end", "")
    return found


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._place = 0
        self._depth = 0

    @property
    def _now(self) -> Token:
        return self._words[self._place]

    def _is(self, text: str) -> bool:
        return self._now.text == text and self._now.kind in {"word", "mark"}

    def _take(self) -> Token:
        found = self._now
        self._place += 1
        return found

    def _skip(self, text: str) -> bool:
        if self._is(text):
            self._place += 1
            return True
        return False

    def expect(self, kind: str, text: str) -> Token:
        """The next word, which has to be this one."""
        if self._now.kind != kind or (text and self._now.text != text):
            raise self._wrong(text or kind)
        return self._take()

    def _wrong(self, wanted: str) -> PatternError:
        found = self._now.text or "the end"
        return PatternError(
            "intelligence.pattern.expected", at=self._now.at, wanted=wanted, found=found[:40]
        )

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PatternError("intelligence.pattern.deep", at=self._now.at, most=_DEEPEST)

    def expressions(self) -> Expression:
        """Observations joined by FOLLOWEDBY, of OR, of AND."""
        return self._joined("FOLLOWEDBY", lambda: self._joined("OR", self._conjunction))

    def _conjunction(self) -> Expression:
        return self._joined("AND", self._observation)

    def _joined(self, joint: str, part: Callable[[], Expression]) -> Expression:
        parts = [part()]
        while self._skip(joint):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(joint, tuple(parts))

    def _observation(self) -> Expression:
        self._deeper()
        found: Expression
        if self._skip("("):
            found = self.expressions()
            self.expect("mark", ")")
        else:
            self.expect("mark", "[")
            found = Observation(self._conditions())
            self.expect("mark", "]")
        self._depth -= 1
        while (qualified := self._qualifier(found)) is not None:
            found = qualified
        return found

    def _qualifier(self, part: Expression) -> Expression | None:
        if self._skip("WITHIN"):
            seconds = self._positive("float", "int")
            self.expect("word", "SECONDS")
            return Qualified(part, "WITHIN", seconds)
        if self._skip("REPEATS"):
            times = self._positive("int")
            self.expect("word", "TIMES")
            return Qualified(part, "REPEATS", times)
        if self._skip("START"):
            first = self._time()
            self.expect("word", "STOP")
            return Qualified(part, "START", first, self._time())
        return None

    def _positive(self, *kinds: str) -> float:
        if self._now.kind not in kinds or self._now.text.startswith("-"):
            raise self._wrong("a number above 0")
        text = self._take().text
        return float(text) if "." in text else int(text)

    def _time(self) -> int:
        word = self.expect("time", "")
        found = instant(word.text[2:-1])
        if found is None:
            raise PatternError("intelligence.pattern.literal", at=word.at, found=word.text[:40])
        return found

    def _conditions(self) -> Condition:
        return self._compared("OR", lambda: self._compared("AND", self._condition))

    def _compared(self, joint: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._skip(joint):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Comparisons(joint, tuple(parts))

    def _condition(self) -> Condition:
        if self._skip("("):
            self._deeper()
            found = self._conditions()
            self._depth -= 1
            self.expect("mark", ")")
            return found
        negated = self._skip("NOT")
        if self._skip("EXISTS"):
            return Exists(self._path(), negated)
        if negated:
            raise self._wrong("EXISTS")
        return self._comparison()

    def _comparison(self) -> Comparison:
        path = self._path()
        negated = self._skip("NOT")
        word = self._take()
        if word.text in _EQUALITY and word.kind == "mark":
            return Comparison(path, _EQUALITY[word.text], (self._literal(),), negated)
        if word.text in _ORDER and word.kind == "mark":
            return Comparison(path, word.text, (self._literal(ordered=True),), negated)
        if word.text in _TEXTUAL and word.kind == "word":
            return Comparison(path, word.text, (_string(self.expect("string", "")),), negated)
        if word.text == "IN" and word.kind == "word":
            return Comparison(path, "IN", self._set(), negated)
        self._place -= 1
        raise self._wrong("= != < > <= >= IN LIKE MATCHES ISSUBSET ISSUPERSET")

    def _set(self) -> tuple[Literal, ...]:
        self.expect("mark", "(")
        found: list[Literal] = []
        while not self._is(")"):
            if found:
                self.expect("mark", ",")
            found.append(self._literal())
        self.expect("mark", ")")
        return tuple(found)

    def _literal(self, *, ordered: bool = False) -> Literal:
        word = self._take()
        if word.kind == "word" and word.text in {"true", "false"} and not ordered:
            return word.text == "true"
        if word.kind not in _LITERALS:
            self._place -= 1
            raise self._wrong("a value")
        try:
            return _value(word)
        except (ValueError, binascii.Error):
            pass
        raise PatternError("intelligence.pattern.literal", at=word.at, found=word.text[:40])

    def _path(self) -> Path:
        kind = self._name()
        self.expect("mark", ":")
        steps: list[str | int | None] = [self._step()]
        while True:
            if self._skip("."):
                steps.append(self._step())
            elif self._skip("["):
                steps.append(self._position())
                self.expect("mark", "]")
            else:
                return Path(kind, tuple(steps))

    def _name(self) -> str:
        if self._now.kind != "word" or self._now.text in _KEYWORDS:
            raise self._wrong("a type")
        return self._take().text

    def _step(self) -> str:
        if self._now.kind == "string":
            return _string(self._take())
        if self._now.kind == "word" and "-" in self._now.text:
            raise self._wrong("a property")
        return self._name()

    def _position(self) -> int | None:
        return None if self._skip("*") else int(self.expect("int", "").text)


def _string(word: Token) -> str:
    return _ESCAPED.sub(r"\1", word.text[1:-1])


def _value(word: Token) -> Literal:
    """The value of a literal.

    Raises:
        ValueError: it has none (a thirteenth month, half a byte).
    """
    if word.kind == "int":
        return int(word.text)
    if word.kind == "float":
        return float(word.text)
    if word.kind == "string":
        return _string(word)
    inside = word.text[2:-1]
    if word.kind == "hex":
        return bytes.fromhex(inside)
    if word.kind == "binary":
        return base64.b64decode(inside, validate=True)
    found = instant(inside)
    if found is None:
        raise ValueError(inside)
    return Instant(found)

"""Why an object was not taken in: a place (JSON pointer), a reason, and its numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

from kaname.model.messages import text

__all__ = ["Flaw", "flaw_of"]

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|(\[\.\.\.\])")
_MISSING = re.compile(r"missing required field `(.+)`")
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")


class Flaw(NamedTuple):
    """What is wrong; ``pointer`` (RFC 6901) is relative to the object."""

    pointer: str
    reason: str
    values: dict[str, str]

    def render(self, language: str) -> str:
        """The reason in words."""
        return text(f"intelligence.stix.flaw.{self.reason}", language, **self.values)


def flaw_of(message: str) -> Flaw:
    """What a typed decoder complained about."""
    match = _PLACE.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    pointer = _pointer(path)
    missing = _MISSING.search(what)
    if missing:
        return Flaw(pointer, "missing", {"name": missing[1]})
    if "length >= 1" in what:
        return Flaw(pointer, "empty", {})
    if "matching regex" in what:
        return Flaw(pointer, "form", {})
    expected = _EXPECTED.search(what)
    if expected:
        return Flaw(pointer, "type", {"expected": expected[1], "found": expected[2]})
    return Flaw(pointer, "value", {"found": what})


def _pointer(path: str) -> str:
    steps = []
    for name, number, unknown in _STEP.findall(path):
        step = "-" if unknown else name or number
        steps.append("/" + step.replace("~", "~0").replace("/", "~1"))
    return "".join(steps)

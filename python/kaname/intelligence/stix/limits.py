"""What no object may be, whatever it says: too large, too deep, or two things at once.

Everything here looks at bytes first. Only where a count leaves a doubt is an object
decoded, so that the usual one costs a few passes of `bytes.count`.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from kaname.intelligence.stix.reasons import Flaw

__all__ = ["MOST_BYTES", "MOST_DEPTH", "check_raw", "name_flaw"]

MOST_BYTES = 8 << 20  # of one object
MOST_DEPTH = 64

_BREAK_BEFORE_COLON = re.compile(rb'"[ \t\r\n]+:')
_NAME = re.compile(r"[a-z][a-z0-9_]{2,249}|id")


def check_raw(raw: bytes) -> Flaw | None:
    """What the bytes alone tell against an object."""
    if len(raw) > MOST_BYTES:
        return Flaw("", "large", {"most": str(MOST_BYTES >> 20)})
    if raw.count(b"{") + raw.count(b"[") > MOST_DEPTH and _depth(raw) > MOST_DEPTH:
        return Flaw("", "deep", {})
    if b"\\u" in raw:
        return _escape_flaw(raw)
    return None


def name_flaw(raw: bytes, thing: dict[str, Any]) -> Flaw | None:
    """A name that comes twice in one object, or one that no property may have (2.1, 3.1)."""
    if not all(map(_is_name, thing)):
        name = next(name for name in thing if not _is_name(name))
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        return Flaw(pointer, "name", {"name": name[:250]})
    if raw.count(b'":') == _names(thing) and _BREAK_BEFORE_COLON.search(raw) is None:
        return None
    twice: list[str] = []
    json.loads(raw, object_pairs_hook=lambda pairs: _seen(pairs, twice))
    return Flaw("", "twice", {"name": twice[0]}) if twice else None


@lru_cache(maxsize=4096)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _names(thing: Any) -> int:
    """How many names of properties there are, at all depths."""
    if type(thing) is dict:
        return len(thing) + sum(
            [_names(value) for value in thing.values() if type(value) in _NESTED]
        )
    return sum([_names(value) for value in thing if type(value) in _NESTED])


_NESTED = (dict, list)


def _seen(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice.append(next(name for name in names if names.count(name) > 1))
    return found


def _depth(raw: bytes) -> int:
    """How deep the brackets of ``raw`` go; those in texts do not count."""
    deepest = depth = 0
    for token in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[{\]}]', raw, re.DOTALL):
        mark = token[0]
        if mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in b"]}":
            depth -= 1
    return deepest


def _escape_flaw(raw: bytes) -> Flaw | None:
    """NUL, which no store takes, and halves of characters (RFC 8259, 8.2)."""
    try:
        plain = json.dumps(json.loads(raw), ensure_ascii=False)
        plain.encode()
    except UnicodeEncodeError:
        return Flaw("", "surrogate", {})
    except (ValueError, RecursionError):
        return None  # what is wrong is said by whoever reads it whole
    return Flaw("", "nul", {}) if "\\u0000" in plain.replace("\\\\", "") else None

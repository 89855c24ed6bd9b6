"""LIKE and MATCHES in linear time: by RE2, which no expression can make explode.

RE2 knows neither look-around nor back references; an expression with those matches
nothing here, as one that is no expression at all.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

__all__ = ["like", "regular"]


def like(value: Any, pattern: str) -> bool:
    """Whether ``value`` is like ``pattern``: ``%`` is any text, ``_`` any character."""
    if not isinstance(value, str):
        return False
    parts = ["(?s:.*)" if c == "%" else "(?s:.)" if c == "_" else re.escape(c) for c in pattern]
    return _search(value, "^(?:" + "".join(parts) + ")$")


def regular(value: Any, pattern: str) -> bool:
    """Whether the regular expression ``pattern`` is found in ``value``, both in NFC."""
    if not isinstance(value, str):
        return False
    return _search(unicodedata.normalize("NFC", value), unicodedata.normalize("NFC", pattern))


def _search(value: str, expression: str) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        found = pc.match_substring_regex(pa.scalar(value), "(?s)" + expression)
    except (pa.ArrowInvalid, UnicodeEncodeError):
        return False
    return bool(found.as_py())

"""How an artifact is spelt in the columns that look-ups use.

Both engines must hold the same text: PostgreSQL takes no NUL, and its indexes take no
entry beyond about 2,700 bytes, so long values are looked up by their digest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, or_, true

from kaname.model.address import from_text, prefix
from kaname.model.errors import UsageError
from kaname.model.records import Artifact, ArtifactKind

if TYPE_CHECKING:
    from kaname.knowledge.schema import ArtifactRow, IndicatorRow

__all__ = ["artifact_columns", "clean", "matches"]

_LONGEST_KEY = 400


def clean(text: str) -> str:
    """``text`` without what one of the engines refuses; U+FFFD stands for it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _key(value: str) -> str:
    if len(value) <= _LONGEST_KEY:
        return value
    return "sha256:" + hashlib.sha256(value.encode()).hexdigest()


def artifact_columns(artifact: Artifact) -> dict[str, Any]:
    """The columns ``kind, value, key, hi, lo`` of a row about ``artifact``."""
    value = clean(artifact.value)
    hi: int | None = None
    lo: int | None = None
    if artifact.kind is ArtifactKind.IP:
        hi, lo = _words(value)
    return {"kind": artifact.kind.value, "value": value, "key": _key(value), "hi": hi, "lo": lo}


def _words(value: str) -> tuple[int, int] | tuple[None, None]:
    try:
        return from_text(value)
    except UsageError:
        return None, None  # kept and found by its text


def matches(row: type[ArtifactRow | IndicatorRow], text: str) -> ColumnElement[bool]:
    """The condition that ``row`` is about ``text``: the same value, or inside the prefix."""
    value = clean(text.strip())
    same = row.key == _key(value)
    if "/" not in value:
        return or_(same, row.key == _key(value.lower()))
    try:
        return or_(same, _inside(row, value))
    except UsageError:
        return same  # a URL, or a prefix with host bits


def _inside(row: type[ArtifactRow | IndicatorRow], text: str) -> ColumnElement[bool]:
    wanted = prefix(text)
    first, last = wanted.first, wanted.last
    if wanted.length == 0:
        return row.hi.is_not(None)
    low = row.lo.between(first.lo, last.lo) if wanted.length > 64 else true()
    return and_(row.hi.between(first.hi, last.hi), low)

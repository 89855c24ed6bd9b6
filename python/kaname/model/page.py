"""Pages of a list that is made anew for each question: so many items from a place on.

Lists that grow are paged by key instead (ADR 4).
"""

from __future__ import annotations

from typing import NamedTuple, Self

from kaname.model.errors import UsageError

__all__ = ["Page"]

_MOST_DIGITS = 11


class Page(NamedTuple):
    """So many items from the ``offset``-th on."""

    limit: int = 50
    offset: int = 0

    @classmethod
    def after(cls, cursor: str | None, limit: int) -> Self:
        """The page that ``cursor`` names.

        Raises:
            UsageError: it is none that was given out.
        """
        if cursor is None:
            return cls(limit)
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _MOST_DIGITS):
            raise UsageError("model.error.cursor", found=cursor)
        return cls(limit, int(cursor))

    def following(self, total: int) -> str | None:
        """The cursor of the page after."""
        end = self.offset + self.limit
        return str(end) if end < total else None

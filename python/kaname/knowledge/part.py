"""What all parts of the store share: the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaname.knowledge.database import Database

__all__ = ["StorePart"]


class StorePart:
    """A part of `Knowledge`; each concern is one part in one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

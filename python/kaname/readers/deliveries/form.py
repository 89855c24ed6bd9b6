"""What a kind of sensor delivers: the tables, and what their columns may hold.

Text does not travel in rows. A label is a number: its place in the list that the form has
for the column (`labels`), or in the list that the delivery's header has for it (`words`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Bounds", "Form"]

Bounds = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Form:
    """One kind of delivery.

    ``name`` stands in the first bytes of a delivery, in its media type and in the names of
    files in the spool. ``kind`` is what rows are told to be, ``reader`` whom the lake names
    as their reader, ``door`` the path of the API below ``/api/v1/`` with a blank for the
    sensor. ``bounds`` hold for columns of any table, ``own_bounds`` for those of one; times
    are checked always.
    """

    name: str
    kind: str
    reader: str
    version: int
    door: str
    tables: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    bounds: Bounds = field(default_factory=dict)
    own_bounds: Mapping[str, Bounds] = field(default_factory=dict)

    @property
    def magic(self) -> bytes:
        """How a delivery begins, once it is unpacked."""
        return f"kaname {self.name} 1\n".encode()

    @property
    def media_type(self) -> str:
        """What a delivery is called on its way."""
        return f"application/vnd.kaname.{self.name}"

    @property
    def suffix(self) -> str:
        """How the names of files in the spool end."""
        return f".{self.name}"

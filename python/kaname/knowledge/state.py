"""The part of the store that holds small internal state, JSON by key."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from kaname.knowledge.part import StorePart
from kaname.knowledge.schema import StateRow
from kaname.knowledge.spelling import clean

__all__ = ["State", "read_state", "write_state"]


class State(StorePart):
    """Key to JSON value; keys begin with the name of the package that owns them."""

    def get_state(self, key: str) -> Any:
        """The value of ``key``; None when it was never set."""
        with self._database.read() as connection:
            return read_state(connection, key)

    def set_state(self, key: str, value: Any) -> None:
        """Set ``key`` to ``value``, which is anything that JSON can say."""
        with self._database.write(f"state:{key}") as connection:
            write_state(connection, key, value)


def read_state(connection: Connection, key: str) -> Any:
    """As `State.get_state`, inside a transaction."""
    found = connection.execute(select(StateRow.value).where(StateRow.key == key)).scalar()
    return None if found is None else msgspec.json.decode(found)


def write_state(connection: Connection, key: str, value: Any) -> None:
    """As `State.set_state`, inside a transaction."""
    document = clean(msgspec.json.encode(value).decode())
    changed = connection.execute(update(StateRow).where(StateRow.key == key).values(value=document))
    if changed.rowcount == 0:
        connection.execute(insert(StateRow), {"key": key, "value": document})

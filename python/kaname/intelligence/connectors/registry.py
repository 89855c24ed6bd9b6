"""The connectors that are installed."""

from __future__ import annotations

import functools
from importlib.metadata import entry_points

from kaname.intelligence.connectors.frame import Connector
from kaname.model.errors import NotFoundError

__all__ = ["connector", "connectors"]


@functools.cache
def connectors() -> dict[str, Connector]:
    """All connectors by kind; loading imports their modules."""
    found = {point.name: point for point in entry_points(group="kaname.connectors")}
    return {name: found[name].load()() for name in sorted(found)}


def connector(kind: str) -> Connector:
    """The connector of ``kind``.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return connectors()[kind]
    except KeyError:
        known = ", ".join(connectors())
        raise NotFoundError("intelligence.error.connector", kind=kind, known=known) from None

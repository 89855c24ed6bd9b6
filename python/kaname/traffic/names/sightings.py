"""Where registered domains are seen: asked for, linked in mail, visited, listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.analysis.frame import Window
from kaname.readers.domains import registered
from kaname.traffic.names.reduction import gathered, micros, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["TABLES", "Sighting", "sightings"]

# Most telling first: evidence is taken from the first table that has seen a domain.
TABLES = ("mail", "user_events", "dns", "feeds")


@dataclass(frozen=True, slots=True)
class Sighting:
    """Rows of one table that name a domain: how many, and when (us)."""

    rows: int
    first: int
    last: int

    def and_(self, other: Sighting | None) -> Sighting:
        """Both together."""
        if other is None:
            return self
        return Sighting(
            self.rows + other.rows, min(self.first, other.first), max(self.last, other.last)
        )


def sightings(tables: Mapping[str, ir.Table], window: Window) -> dict[str, dict[str, Sighting]]:
    """Registered domain -> table -> sighting, in ``window``."""
    found: dict[str, dict[str, Sighting]] = defaultdict(dict)
    for table in TABLES:
        for named in _named(table, within(tables[table], window)):
            for row in gathered(_counted(named), "domain"):
                domain = registered(row["domain"])
                if domain is not None:
                    one = Sighting(row["rows"], row["first"], row["last"])
                    found[domain][table] = one.and_(found[domain].get(table))
    return found


def _named(table: str, rows: ir.Table) -> list[ir.Table]:
    """Rows (ts, domain) for each way in which ``table`` names domains."""
    if table != "mail":
        return [rows.select("ts", domain=rows.regdom)]
    linked = rows.select("ts", domain=rows.url_regdoms.unnest())
    return [linked, rows.select("ts", domain=rows.from_dom)]


def _counted(named: ir.Table) -> ir.Table:
    some = named.filter(named.domain.notnull(), named.domain != "")
    return some.group_by("domain").aggregate(
        rows=some.count(), first=micros(some.ts).min(), last=micros(some.ts).max()
    )

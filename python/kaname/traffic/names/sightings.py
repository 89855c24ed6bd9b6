"""Where registered domains are seen: asked for, linked in mail, visited, listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.analysis.frame import Window
from kaname.readers.domains import registered
from kaname.traffic.names.reduction import gathered, micros, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["TABLES", "Sighting", "hosts_with", "sightings"]

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


def hosts_with(tables: Mapping[str, ir.Table], window: Window, inside: Iterable[str]) -> list[str]:
    """Hosts that exist, were visited or are linked in mail and hold one of ``inside``.

    ``inside`` are domains; a host holds one when its labels stand in it with more after
    them: ``bank.example`` in ``www.bank.example.login.top``.
    """
    names = "|".join(name.replace(".", "[.]") for name in sorted(inside))
    if not names:
        return []
    dns, acts, mail = (within(tables[name], window) for name in ("dns", "user_events", "mail"))
    held = f"(^|[.])({names})[.][a-z0-9-]+[.]"  # a suffix alone after it is a country's own
    asked = dns.filter(dns.rcode == 0, dns.qname.re_search(held)).select(text=dns.qname)
    gone = acts.filter(acts.domain.re_search(held)).select(text=acts.domain)
    urls = mail.select(text=mail.urls.unnest())
    linked = urls.filter(urls.text.re_search(f"://([^/?#]*[.])?({names})[.][a-z0-9-]+[.]"))
    found = (
        row["text"] for each in (asked, gone, linked) for row in gathered(each.distinct(), "text")
    )
    return sorted({_host(text) for text in found})


def _host(text: str) -> str:
    """The host of a URL, or the name itself."""
    return text.partition("://")[2].partition("/")[0].partition(":")[0].lower() or text


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

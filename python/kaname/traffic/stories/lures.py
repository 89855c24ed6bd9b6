"""Mail that brings a link, and the clients that went there afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kaname.analysis.frame import Window
from kaname.traffic.names.reduction import gathered, micros, within
from kaname.traffic.names.suffixes import Suffixes

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Lure", "Visit", "lures", "mailed_urls", "visits"]

_KNOWN = 3  # clients that used a domain before any mail named it: not one of the mail's making


@dataclass(frozen=True, slots=True)
class Lure:
    """A domain that messages of the window link to."""

    domain: str
    first: int
    messages: int
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A client that asked for the domain of a lure after the first message with it.

    ``table`` is where it was seen; ``exact``: the very URL of a message.
    """

    hi: int
    lo: int
    user: str
    domain: str
    table: str
    first: int
    last: int
    times: int
    url: str
    exact: bool

    @property
    def client(self) -> tuple[int, int]:
        """The address."""
        return self.hi, self.lo

    def merged(self, other: Visit | None) -> Visit:
        """This and another visit of the client there: the better known, from the earlier on."""
        if other is None:
            return self
        best = min(self, other, key=lambda v: (v.table != "user_events", not v.exact, v.first))
        return replace(
            best,
            user=self.user or other.user,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
            times=best.times if self.table != other.table else self.times + other.times,
        )


def lures(mail: ir.Table, window: Window, ordinary: Suffixes) -> dict[str, Lure]:
    """Domains that mail of the window links to, by name; ``ordinary`` ones are left out."""
    rows = within(mail, window)
    linked = rows.select(
        "from_addr", "subject", domain=rows.url_regdoms.unnest(), at=micros(rows.ts)
    )
    counted = linked.group_by("domain").aggregate(
        first=linked["at"].min(),
        messages=linked.count(),
        sender=linked.from_addr.min(),
        subject=linked.subject.min(),
    )
    return {
        row["domain"]: Lure(**row)
        for row in gathered(counted, "domain")
        if row["domain"] and not ordinary.cover(row["domain"])
    }


def visits(
    acts: ir.Table, dns: ir.Table, window: Window, found: dict[str, Lure], urls: set[str]
) -> list[Visit]:
    """The first visits of clients to lures, by domain and client.

    A domain is left out that clients of the site went to before any mail named it. What
    the proxy saw is told before what DNS saw; ``urls`` are those of the messages.
    """
    names = sorted(found)
    gone = [_visit(row, "user_events", urls) for row in _acts(within(acts, window), names)]
    asked = [_visit(row, "dns", urls) for row in _questions(within(dns, window), names)]
    best: dict[tuple[str, int, int], Visit] = {}
    early: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for visit in (*gone, *asked):
        if visit.first < found[visit.domain].first:
            early[visit.domain].add((visit.hi, visit.lo))
            continue
        key = (visit.domain, visit.hi, visit.lo)
        best[key] = visit.merged(best.get(key))
    return [
        visit
        for (domain, hi, lo), visit in sorted(best.items())
        if len(early[domain]) < _KNOWN and (hi, lo) not in early[domain]
    ]


def mailed_urls(mail: ir.Table, window: Window, domains: Iterable[str]) -> set[str]:
    """URLs of messages that name one of ``domains``."""
    rows = within(mail, window)
    urls = rows.select(url=rows.urls.unnest()).distinct()
    wanted = tuple(domains)
    return {
        row["url"]
        for row in gathered(urls, "url")
        if row["url"] and any(domain in row["url"] for domain in wanted)
    }


def _acts(rows: ir.Table, names: list[str]) -> list[dict[str, Any]]:
    some = rows.filter(rows.regdom.isin(names))
    counted = some.group_by("src_hi", "src_lo", "regdom", "user", "url").aggregate(
        first=micros(some.ts).min(), last=micros(some.ts).max(), times=some.count()
    )
    return gathered(counted, "regdom", "src_hi", "src_lo", "first", "url", "user")


def _questions(rows: ir.Table, names: list[str]) -> list[dict[str, Any]]:
    some = rows.filter(rows.regdom.isin(names))
    counted = some.group_by("src_hi", "src_lo", "regdom").aggregate(
        first=micros(some.ts).min(), last=micros(some.ts).max(), times=some.count()
    )
    return gathered(counted, "regdom", "src_hi", "src_lo")


def _visit(row: dict[str, Any], table: str, urls: set[str]) -> Visit:
    url = row.get("url") or ""
    return Visit(
        row["src_hi"],
        row["src_lo"],
        row.get("user") or "",
        row["regdom"],
        table,
        row["first"],
        row["last"],
        row["times"],
        url,
        url in urls,
    )

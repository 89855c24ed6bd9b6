"""Names that a client asked for and that do not exist: what the DGA analysis begins with.

One candidate is one registered domain (below a provider of dynamic names: one host). It
counts for a client that got NXDOMAIN for it, unless some name of the same domain exists in
the same window: a domain nobody has registered has no names. Only questions for addresses
count, since mail servers ask for the mail exchangers of whatever spam names.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.analysis.frame import Window
from kaname.traffic.names.reduction import gathered, micros, within
from kaname.traffic.names.suffixes import DYNAMIC, Suffixes

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Client", "Failure", "clients"]

_NOERROR, _NXDOMAIN = 0, 3
_ADDRESSES = (1, 28, 65)  # A, AAAA, HTTPS


@dataclass(frozen=True, slots=True)
class Failure:
    """A domain that does not exist: how often it was asked for, and when (us)."""

    domain: str
    asks: int
    first: int
    last: int

    @property
    def label(self) -> str:
        """The label that somebody, or something, chose."""
        return self.domain.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Client:
    """A client and its failures, by domain."""

    hi: int
    lo: int
    failures: tuple[Failure, ...]


def clients(dns: ir.Table, window: Window, ignored: Suffixes) -> list[Client]:
    """All clients with failures in ``window``, by address."""
    found: dict[tuple[int, int], list[Failure]] = defaultdict(list)
    for row in gathered(_failures(within(dns, window)), "src_hi", "src_lo", "domain"):
        if not ignored.cover(row["domain"]):
            failure = Failure(row["domain"], row["asks"], row["first"], row["last"])
            found[row["src_hi"], row["src_lo"]].append(failure)
    return [Client(hi, lo, tuple(failures)) for (hi, lo), failures in found.items()]


def _failures(rows: ir.Table) -> ir.Table:
    """Domains that failed by client; servers that ask for others are no clients."""
    named = rows.filter(rows.regdom.notnull()).mutate(
        domain=rows.regdom.isin(DYNAMIC).ifelse(rows.qname, rows.regdom)
    )
    existing = named.filter(named.rcode == _NOERROR).select("domain").distinct()
    servers = rows.select(hi="dst_hi", lo="dst_lo").filter(rows.dst_lo != 0).distinct()
    failed = named.filter(named.rcode == _NXDOMAIN, named.qtype.isin(_ADDRESSES))
    failed = failed.anti_join(existing, "domain")
    failed = failed.anti_join(servers, [failed.src_hi == servers.hi, failed.src_lo == servers.lo])
    return failed.group_by("src_hi", "src_lo", "domain").aggregate(
        asks=failed.count(),
        first=micros(failed.ts).min(),
        last=micros(failed.ts).max(),
    )

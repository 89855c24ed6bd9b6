"""What one client sends below one domain: how many names, how much they can carry.

A name that asks for something is short and is asked again; a name that carries something
is new every time. The bits of a sub-name are its length times the entropy of its
characters; summed over distinct names they bound what was sent.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from kaname.analysis.frame import Window
from kaname.traffic.names.reduction import gathered, micros, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["CARRYING", "Channel", "bits", "channels"]

# Types whose answers hold free data, or that nobody asks for by hand: NULL, MX, TXT, CNAME,
# SRV, KEY, PRIVATE (iodine). RFC 1035, 2535, 2782.
CARRYING = (5, 10, 15, 16, 25, 33, 65399)
_READ = 2000  # names of a channel that are looked at, in order


@dataclass(frozen=True, slots=True)
class Channel:
    """The questions of one client below one domain.

    ``bits`` are of the names that were looked at, scaled to all; ``length`` is the mean of
    a sub-name in characters; ``askers`` counts clients with as many names there.
    """

    hi: int
    lo: int
    domain: str
    questions: int
    names: int
    carrying: int
    octets_in: int
    first: int
    last: int
    bits: float
    length: float
    entropy: float
    numeric: float
    askers: int
    clients: int

    @property
    def fresh(self) -> float:
        """Share of questions whose name was new."""
        return self.names / self.questions

    @property
    def odd(self) -> float:
        """Share of questions for types that carry data."""
        return self.carrying / self.questions

    @property
    def rate(self) -> float:
        """Bits a second from the client, over the time it was active."""
        return self.bits / max(1.0, (self.last - self.first) / 1e6)


def channels(dns: ir.Table, window: Window, least: int) -> list[Channel]:
    """Pairs of client and domain with at least ``least`` names in ``window``."""
    rows = within(dns, window)
    rows = rows.filter(rows.regdom.notnull(), rows.qname != rows.regdom)
    pairs = _pairs(rows, least)
    found = gathered(pairs, "src_hi", "src_lo", "domain")
    askers = Counter(row["domain"] for row in found)
    clients = rows.select("src_hi", "src_lo").distinct().count().to_pyarrow().as_py()
    names = _names(rows, pairs)
    return [_channel(row, names, askers, clients) for row in found]


def _pairs(rows: ir.Table, least: int) -> ir.Table:
    grouped = rows.group_by("src_hi", "src_lo", domain=rows.regdom).aggregate(
        questions=rows.count(),
        names=rows.qname.nunique(),
        carrying=rows.qtype.isin(CARRYING).cast("int64").sum(),
        octets_in=rows.res_len.fill_null(0).cast("int64").sum(),
        first=micros(rows.ts).min(),
        last=micros(rows.ts).max(),
    )
    return grouped.filter(grouped.names >= least)


def _names(rows: ir.Table, pairs: ir.Table) -> dict[tuple[int, int, str], list[str]]:
    """The first names of each pair, in order."""
    keys = pairs.select(hi="src_hi", lo="src_lo", domain="domain")
    distinct = rows.semi_join(
        keys, [rows.src_hi == keys.hi, rows.src_lo == keys.lo, rows.regdom == keys.domain]
    )
    distinct = distinct.select("src_hi", "src_lo", domain="regdom", qname="qname").distinct()
    order = ibis.window(group_by=["src_hi", "src_lo", "domain"], order_by="qname")
    numbered = distinct.mutate(place=ibis.row_number().over(order))
    found: dict[tuple[int, int, str], list[str]] = defaultdict(list)
    some = numbered.filter(numbered.place < _READ)
    for row in gathered(some, "src_hi", "src_lo", "domain", "qname"):
        key = (row["src_hi"], row["src_lo"], row["domain"])
        found[key].append(row["qname"][: -len(row["domain"]) - 1])
    return found


def _channel(
    row: dict[str, Any],
    names: dict[tuple[int, int, str], list[str]],
    askers: Counter[str],
    clients: int,
) -> Channel:
    key = (row["src_hi"], row["src_lo"], row["domain"])
    subs = names[key]
    carried = [bits(sub) for sub in subs]
    characters = max(1, sum(map(len, subs)))
    return Channel(
        hi=key[0],
        lo=key[1],
        domain=key[2],
        questions=row["questions"],
        names=row["names"],
        carrying=row["carrying"],
        octets_in=row["octets_in"],
        first=row["first"],
        last=row["last"],
        bits=sum(carried) * row["names"] / len(subs),
        length=characters / len(subs),
        entropy=sum(carried) / characters,
        numeric=_share(_is_numeric(sub) for sub in subs),
        askers=askers[row["domain"]],
        clients=clients,
    )


def bits(text: str) -> float:
    """Length times Shannon entropy of the characters; dots do not count."""
    plain = text.replace(".", "")
    total = len(plain)
    return -sum(n * math.log2(n / total) for n in Counter(plain).values())


def _is_numeric(sub: str) -> bool:
    """Whether ``sub`` is an address turned round, as blocklists are asked."""
    labels = sub.split(".")
    parts = sum(label.isdigit() or len(label) == 1 for label in labels)
    return parts >= 4 and 3 * parts >= 2 * len(labels)


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return sum(found) / len(found)

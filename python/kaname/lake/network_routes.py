"""Origins of prefixes from the BGP routes that the lake holds."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kaname.lake.network_sources import MOST_ASN, Row
from kaname.lake.networks import Source
from kaname.lake.records import Limits
from kaname.model.address import IPv4_LOW, to_text

if TYPE_CHECKING:
    from kaname.lake import Lake
    from kaname.lake.network_build import Tables

__all__ = ["add_routes"]

_SQL = (
    "SELECT prefix_hi, prefix_lo, plen, arg_max(origin_as, ts) AS origin FROM routes "
    "WHERE op IN ('A', 'R') AND origin_as IS NOT NULL GROUP BY ALL "
    "ORDER BY prefix_hi, prefix_lo, plen"
)


def add_routes(lake: Lake, tables: Tables) -> None:
    """The prefixes that the lake's BGP tables and updates announce, by their latest origin.

    A prefix is listed with its own length, IPv4 of 32 and IPv6 of 128.
    """
    found = lake.query(_SQL, limits=Limits(rows=4_000_000, seconds=120.0)).rows()
    newest = lake.query("SELECT max(ts) FROM routes").rows()
    version = next((str(one[0]) for one in newest if one[0] is not None), "")
    tables.add(_rows(found), Source(name="routes of the lake", version=version))


def _rows(found: Iterable[Sequence[int]]) -> Iterator[Row | None]:
    for hi, lo, length, origin in found:
        try:
            network = ipaddress.ip_network(f"{to_text(hi, lo)}/{length}", strict=False)
        except ValueError:
            yield None
            continue
        four = network.version == 4
        first = int(network.network_address) | (IPv4_LOW if four else 0)
        bits = network.prefixlen + (96 if four else 0)
        known = 0 < origin <= MOST_ASN
        yield Row(first, first + network.num_addresses - 1, "", origin, "", bits) if known else None

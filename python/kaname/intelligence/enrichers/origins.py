"""The origin AS and the country of an address, from tables that the operator has.

Three forms are read: a CSV with ``prefix,asn[,name[,country]]``, the statistics that the
regional registries publish daily (``registry|cc|type|start|value|date|status``, RIR
statistics exchange format), and the lake's table ``routes``.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.intelligence.enrichers.ranges import Range, Ranges, number
from kaname.model.address import IPv4_LOW, to_text
from kaname.model.errors import UsageError
from kaname.model.instant import DAY
from kaname.model.records import ArtifactKind

if TYPE_CHECKING:
    from kaname.lake import Lake
    from kaname.lake.networks import Networks

__all__ = [
    "NetworkEnricher",
    "Origin",
    "OriginEnricher",
    "delegated",
    "from_routes",
    "prefixes",
    "read",
]

_DELEGATED = {"allocated", "assigned"}


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an address belongs; what is not known is left out."""

    prefix: str
    asn: str = ""
    name: str = ""
    country: str = ""
    registry: str = ""


class OriginEnricher:
    """Says of an address which network announces it, or to whom it was delegated."""

    kinds = frozenset({ArtifactKind.IP})
    predicate = "origin"
    ttl = 7 * DAY
    budget: int | None = None

    def __init__(self, ranges: Ranges[Origin], source: str) -> None:
        self._ranges = ranges
        self.source = f"enricher.{source}"

    def enrich(self, _kind: ArtifactKind, value: str, /) -> Any:
        """The origin as an object."""
        found = self._ranges.find(value)
        return None if found is None else msgspec.to_builtins(found)


class NetworkEnricher:
    """The same, from the compiled tables that the whole of kaname asks."""

    kinds = frozenset({ArtifactKind.IP})
    predicate = "origin"
    ttl = 7 * DAY
    budget: int | None = None
    source = "enricher.networks"

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    def enrich(self, _kind: ArtifactKind, value: str, /) -> Any:
        """The origin as an object; None where nothing is known of the address."""
        try:
            found = self._networks.origin(value)
        except UsageError:
            return None
        if not found.prefix:
            return None
        asn = f"AS{found.asn}" if found.asn else ""
        return msgspec.to_builtins(Origin(found.prefix, asn, found.name, found.country))


def prefixes(lines: Iterable[str]) -> Iterator[Range[Origin]]:
    """The ranges of a CSV ``prefix,asn[,name[,country]]``; other lines are passed over."""
    for row in csv.reader(line for line in lines if not line.startswith("#")):
        cells = [cell.strip() for cell in row] + [""] * 3
        network = _network(cells[0])
        asn = _asn(cells[1])
        if network is not None and asn:
            yield _range(network, Origin(str(network), asn, cells[2], cells[3].upper()))


def delegated(lines: Iterable[str]) -> Iterator[Range[Origin]]:
    """The ranges of a registry's statistics; a block of IPv4 need not be a prefix."""
    for line in lines:
        fields = line.strip().split("|")
        if len(fields) < 7 or fields[6] not in _DELEGATED:
            continue
        registry, country, kind, start, size = fields[:5]
        if not size.isdecimal():
            continue
        made = _block(kind, start, int(size))
        if made is not None:
            first, last = made
            origin = Origin(f"{start}/{size}" if kind == "ipv6" else f"{start}+{size}")
            yield Range(
                first, last, msgspec.structs.replace(origin, country=country, registry=registry)
            )


def from_routes(lake: Lake, *, most: int = 2_000_000) -> Iterator[Range[Origin]]:
    """The ranges that the lake's BGP tables and updates announce, by their origin AS."""
    from kaname.lake.records import Limits

    sql = (
        "SELECT prefix_hi, prefix_lo, plen, arg_max(origin_as, ts) AS origin FROM routes "
        "WHERE op IN ('A', 'R') AND origin_as IS NOT NULL GROUP BY ALL"
    )
    for hi, lo, length, origin in lake.query(sql, limits=Limits(rows=most)).rows():
        network = _network(f"{to_text(hi, lo)}/{length}")
        if network is not None:
            yield _range(network, Origin(str(network), f"AS{origin}"))


def read(path: Path) -> Ranges[Origin]:
    """The table in the file ``path``, of either form."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            first = lines.readline()
            lines.seek(0)
            reader = delegated if first.count("|") >= 5 else prefixes
            ranges = Ranges(reader(lines))
    except OSError as error:
        raise UsageError("intelligence.error.file", path=path, reason=error.strerror) from error
    if not len(ranges):
        raise UsageError("intelligence.error.table", path=path)
    return ranges


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _asn(text: str) -> str:
    digits = text.upper().removeprefix("AS")
    return f"AS{int(digits)}" if digits.isdecimal() and int(digits) < 1 << 32 else ""


def _range(network: ipaddress.IPv4Network | ipaddress.IPv6Network, origin: Origin) -> Range[Origin]:
    first = number(str(network.network_address))
    return Range(first, first + network.num_addresses - 1, origin)


def _block(kind: str, start: str, size: int) -> tuple[int, int] | None:
    """First and last of a delegated block: IPv4 counts addresses, IPv6 names a length."""
    try:
        first = number(start)
    except UsageError:
        return None
    if kind == "ipv4" and first >> 32 == IPv4_LOW >> 32 and 0 < size <= 1 << 32:
        return first, first + size - 1
    if kind == "ipv6" and 0 < size <= 128:
        return first, first + (1 << (128 - size)) - 1
    return None

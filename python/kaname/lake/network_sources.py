"""Tables of countries and origins of addresses, in the forms that they are published in.

Five forms are told apart by their first line, whatever the file is called:

- CSV ``first,last,country`` and ``first,last,asn,name``, addresses as text or as numbers
  (the npm packages of ip-location-db);
- CSV ``prefix,asn[,name[,country]]``;
- the statistics of the regional registries, ``registry|cc|type|start|value|date|status``
  (RIR statistics exchange format);
- prefixes with their origin, ``address<TAB>length<TAB>asn`` (CAIDA's pfx2as).

A line that says nothing (damaged, a comment, a reserved AS) is passed over and counted.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kaname.model.address import IPv4_LOW

__all__ = ["Row", "reader_of"]

MOST_ASN = (1 << 31) - 1  # above it all numbers are private or reserved (RFC 6996, IANA)
_DELEGATED = {"allocated", "assigned"}
_UNKNOWN = {"ZZ", "XX", ""}


class Row(NamedTuple):
    """The addresses ``first`` to ``last`` and what is said of them; "" and 0: nothing.

    ``length`` (of 128) is that of an announced prefix, 0 where a row is a mere range.
    """

    first: int
    last: int
    country: str = ""
    asn: int = 0
    name: str = ""
    length: int = 0


Reader = Callable[[Iterable[str]], Iterator[Row | None]]


def reader_of(line: str) -> Reader | None:
    """What reads a file that begins with ``line``; None when it is in none of the forms."""
    if line.count("|") >= 5:
        return _delegated
    if line.count("\t") >= 2:
        return _announced
    cells = next(csv.reader([line]), [])
    if len(cells) >= 2 and "/" in cells[0] and _asn(cells[1]):
        return _prefixes
    if len(cells) >= 3 and None not in (_number(cells[0]), _number(cells[1])):
        return _origins if cells[2].strip().isdecimal() else _countries
    return None


def _countries(lines: Iterable[str]) -> Iterator[Row | None]:
    for cells in csv.reader(lines):
        span = _span(cells, 3)
        country = _country(cells[2]) if span else ""
        yield Row(*span, country) if span and country else None


def _origins(lines: Iterable[str]) -> Iterator[Row | None]:
    for cells in csv.reader(lines):
        span = _span(cells, 3)
        asn = _asn(cells[2]) if span else 0
        name = cells[3].strip() if len(cells) > 3 else ""
        yield Row(*span, "", asn, name) if span and asn else None


def _prefixes(lines: Iterable[str]) -> Iterator[Row | None]:
    for cells in csv.reader(lines):
        padded = [cell.strip() for cell in cells] + [""] * 4
        network, asn = _network(padded[0]), _asn(padded[1])
        if network is None or not asn:
            yield None
            continue
        yield Row(*network[:2], _country(padded[3]), asn, padded[2], network[2])


def _announced(lines: Iterable[str]) -> Iterator[Row | None]:
    """Of several origins of one prefix the first is taken, as the data lists it."""
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            yield None
            continue
        network = _network(f"{fields[0]}/{fields[1]}")
        asn = _asn(fields[2].replace(",", "_").split("_")[0])
        yield Row(*network[:2], "", asn, "", network[2]) if network and asn else None


def _delegated(lines: Iterable[str]) -> Iterator[Row | None]:
    for line in lines:
        fields = line.strip().split("|")
        if len(fields) < 7 or fields[6] not in _DELEGATED or fields[2] not in {"ipv4", "ipv6"}:
            yield None
            continue
        first, size, country = _number(fields[3]), fields[4], _country(fields[1])
        count = _size(fields[2], size)
        if first is None or not count or not country or first + count > 1 << 128:
            yield None
            continue
        yield Row(first, first + count - 1, country)


def _size(kind: str, text: str) -> int:
    """How many addresses: IPv4 counts them, IPv6 names the length of a prefix."""
    if not text.isdecimal():
        return 0
    number = int(text)
    if kind == "ipv4":
        return number if number <= 1 << 32 else 0
    return 1 << (128 - number) if 0 < number <= 128 else 0


def _span(cells: list[str], least: int) -> tuple[int, int] | None:
    if len(cells) < least:
        return None
    first, last = _number(cells[0]), _number(cells[1])
    if first is None or last is None or last < first:
        return None
    return first, last


def _number(text: str) -> int | None:
    """The address as 128 bits, from its usual form or from a decimal number."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) < 40:
        number = int(text)
        if number >> 32 == 0:
            return IPv4_LOW | number
        return number if number >> 128 == 0 else None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return int(address) | (IPv4_LOW if address.version == 4 else 0)


def _network(text: str) -> tuple[int, int, int] | None:
    """First, last and length (of 128) of a prefix."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    four = network.version == 4
    first = int(network.network_address) | (IPv4_LOW if four else 0)
    return first, first + network.num_addresses - 1, network.prefixlen + (96 if four else 0)


def _asn(text: str) -> int:
    digits = text.strip().upper().removeprefix("AS")
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 11 else 0
    return number if number <= MOST_ASN else 0


def _country(text: str) -> str:
    code = text.strip().upper()
    known = len(code) == 2 and code.isascii() and code.isalpha() and code not in _UNKNOWN
    return code if known else ""
